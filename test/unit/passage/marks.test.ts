// Marks of emphasis and links: which belong together, and where they go in a translation with other words in another order.
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../src/passage/mapSequence';
import { mergeEdits, restoreLoosely, restoreMarks, wholeSentence } from '../../../src/passage/modelTexts';
import { compose } from '../../../src/passage/compose';
import { pairMarks } from '../../../src/passage/pairMarks';
import type { SplitPart } from '../../../src/passage/splitPassage';
import { splitPassages } from '../../../src/passage/splitPassage';
import { sequenceOf } from '../host/translation/fakeTranslator';

const piecesOf = (text: string) => {
  const [passage] = splitPassages(text, [{ start: 0, end: text.length }], {
    languageId: 'markdown',
    locale: 'en',
  });
  const [sentence] = passage.parts.filter(
    (part): part is Extract<SplitPart, { kind: 'sentence' }> => part.kind === 'sentence',
  );
  return sentence.pieces;
};

/** @param links For each word of the target the word of the source that it stands for, counted from 0. */
function translated(text: string, target: string, links: readonly number[]) {
  const [asked] = wholeSentence(piecesOf(text))?.texts ?? [];
  const source = sequenceOf(asked.text);
  const said = sequenceOf(target);
  const columns = source.tokens.length;
  const data = new Float32Array(said.tokens.length * columns).fill(0.01);
  links.forEach((link, row) => (data[row * columns + link] = 0.8));
  const aligned = { source, target: said, attention: { rows: said.tokens.length, columns, data } };
  const { edits, complete } = restoreMarks(asked, aligned);
  return {
    asked: asked.text,
    text: applyEdits(target, mergeEdits(restoreLoosely(target, asked), edits)),
    complete,
  };
}

describe('marks', () => {
  test('belong together by what they are', () => {
    const roles = (text: string) =>
      pairMarks(piecesOf(text)).flatMap((role) =>
        role ? [role.kind + ('partner' in role ? role.partner : '')] : [],
      );
    expect(roles('See **b *c* d** e')).toEqual(['open7', 'open5', 'close3', 'close1']);
    expect(roles('See [b](c) <b>d</b> e <br> f \\* g')).toEqual([
      'open3',
      'close1',
      'open7',
      'close5',
      'point',
      'escape',
    ]);
    expect(roles('A *b c and _d_')).toEqual(['point', 'open5', 'close3']);
  });

  test.each([
    ['**All of it.**', ['All of it.']],
    ['**Bold** text', ['**', 'Bold', '**', ' text']],
    ['*one* and *two*', ['*', 'one', '*', ' and ', '*', 'two', '*']],
    ['**[a link](b)**', ['a link']],
  ])('around all of %s are no part of it', (text, pieces) => {
    expect(piecesOf(text).map((piece) => piece.text)).toEqual(pieces);
  });
});

describe('marks in a translation', () => {
  test('go where their words go', () => {
    expect(
      translated(
        'We want a *small hotel* near the **station** here',
        'Wir suchen nahe dem Bahnhof hier ein kleines Hotel',
        [0, 1, 5, 6, 7, 8, 2, 3, 4],
      ),
    ).toEqual({
      asked: 'We want a small hotel near the station here',
      text: 'Wir suchen nahe dem **Bahnhof** hier ein *kleines Hotel*',
      complete: true,
    });
  });

  test('inside of each other stay so, with the address of a link', () => {
    expect(
      translated(
        'Read **the [whole text](a/b.md) now** please',
        'Bitte lies den ganzen Text jetzt',
        [5, 0, 1, 2, 3, 4],
      ).text,
    ).toBe('Bitte lies **den [ganzen Text](a/b.md) jetzt**');
  });

  test('hold the punctuation that they held', () => {
    expect(translated('**Note:** the cat', 'Hinweis: die Katze', [0, 1, 2]).text).toBe(
      '**Hinweis:** die Katze',
    );
    expect(translated('The **cat** sleeps', 'Katze die schläft', [1, 0, 2]).text).toBe(
      '**Katze** die schläft',
    );
  });

  test('around code go where it went', () => {
    expect(translated('Use the **`run()`** command', 'Nutze das Kommando Tom', [0, 1, 3, 0]).text).toBe(
      'Nutze das Kommando **`run()`**',
    );
  });

  test('that stand alone go between the words that they stood between', () => {
    expect(translated('One two[^1] three four', 'eins zwei drei vier', [0, 1, 2, 3]).text).toBe(
      'eins zwei[^1] drei vier',
    );
    expect(translated('One <br>two three', 'eins zwei drei', [0, 1, 2]).text).toBe('eins <br>zwei drei');
  });

  test('of escapes stand before the same signs', () => {
    expect(translated('It costs 5 \\* 3 coins', 'Es kostet 5 * 3 Münzen', [0, 1, 2, 3, 4, 5])).toMatchObject({
      text: 'Es kostet 5 \\* 3 Münzen',
      complete: true,
    });
    expect(translated('It costs 5 \\* 3 coins * x', 'Es kostet * x', [0, 1, 2, 3]).complete).toBe(false);
  });

  test('of words that nobody said are missing', () => {
    expect(translated('The **very** big animal sleeps', 'Das Tier schläft', [0, 3, 4])).toMatchObject({
      text: 'Das Tier schläft',
      complete: false,
    });
  });

  test('never end a line that they do not close', () => {
    const text =
      'This is a paragraph that somebody has wrapped by hand at\nsome **column**, so that its sentence goes over two lines.';
    const [passage] = splitPassages(text, [{ start: 0, end: text.length }], {
      languageId: 'markdown',
      locale: 'en',
    });
    for (let shift = 0; shift < 8; shift++) {
      const out = compose(passage, () => `${'动'.repeat(22 + shift)}**物没**有过街。`);
      expect(out).not.toMatch(/\n\*\*[^物]|\*\*\n/u);
    }
  });
});
