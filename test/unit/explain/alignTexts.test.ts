// Which tokens of two texts stand together, and which of them are compared.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alignTexts } from '../../../src/explain/alignTexts';
import type { AlignedItem } from '../../../src/shared/contrast';
import type { TokenSequence } from '../../../src/shared/tokens';
import { wordsOf } from '../../../src/tokenizer/words';

/** A text cut into pieces; `<…>` is a special token, `|` cuts. */
function cut(marked: string): TokenSequence {
  let text = '';
  const tokens = marked.split('|').map((label, id) => {
    const special = /^<.*>$/u.test(label);
    const start = special ? -1 : text.length;
    text += special ? '' : label;
    return { id, piece: label, label, start, end: special ? -1 : text.length, special };
  });
  return wordsOf(text, tokens);
}

const written = (items: readonly AlignedItem[]) =>
  items.map(({ a, b, same }) => `${a?.label ?? '-'}${same ? '=' : '/'}${b?.label ?? '-'}`);

describe('one tokenizer', () => {
  test('the same text stands token by token', () => {
    const text = cut('The| ti|red| dog|.|</s>');
    expect(written(alignTexts(text, text, 'pieces'))).toEqual([
      'The=The',
      ' ti= ti',
      'red=red',
      ' dog= dog',
      '.=.',
      '</s>=</s>',
    ]);
    expect(written(alignTexts(text, text, 'words'))).toEqual([
      'The=The',
      'tired=tired',
      'dog=dog',
      '.=.',
      '</s>=</s>',
    ]);
  });

  test('another word stands in the place of the first, and is not compared', () => {
    const items = alignTexts(cut('it| was| too| ti|red|.'), cut('it| was| wide|.'), 'pieces');
    expect(written(items)).toEqual(['it=it', ' was= was', ' too/ wide', ' ti/-', 'red/-', '.=.']);
  });

  test('insertions and deletions leave the rest where it is', () => {
    const items = alignTexts(cut('a| b| c'), cut('x| a| c| d'), 'pieces');
    expect(written(items)).toEqual(['-/x', 'a= a', ' b/-', ' c= c', '-/ d']);
    expect(items[4]).toEqual({ a: undefined, b: { first: 3, last: 3, label: ' d' }, same: false });
  });

  test('the other order is the mirror image', () => {
    const [first, second] = [cut('a| b| c| d'), cut('b| c| e')];
    const mirrored = alignTexts(second, first, 'pieces').map(({ a, b, same }) => ({ a: b, b: a, same }));
    expect(alignTexts(first, second, 'pieces')).toEqual(mirrored);
  });

  test('the same pieces of different words are not the same', () => {
    // Both begin with "re", but the words are others.
    const items = alignTexts(cut('re|play'), cut('re|turn'), 'pieces');
    expect(items.some(({ same }) => same)).toBe(false);
  });

  test('nothing in common is nothing compared', () => {
    const items = alignTexts(cut('ein| Hund'), cut('un| chien| noir'), 'words');
    expect(written(items)).toEqual(['ein/un', 'Hund/chien', '-/noir']);
  });

  test('padding is left out', () => {
    const padded = cut('a| b|<pad>');
    const tokens = padded.tokens.map((token, i) => (i === 2 ? { ...token, padding: true } : token));
    const text = { ...padded, tokens };
    expect(written(alignTexts(text, cut('a| b'), 'pieces'))).toEqual(['a=a', ' b= b']);
    expect(written(alignTexts(cut('a| b'), text, 'words'))).toEqual(['a=a', 'b=b']);
  });
});

describe('two tokenizers', () => {
  test('stand together in the smallest stretches with common borders', () => {
    const items = alignTexts(cut('un|believ|able| story'), cut('unbe|liev|able| st|ory'), 'pieces');
    expect(written(items)).toEqual(['unbeliev=unbeliev', 'able=able', ' story= story']);
    expect(items[0].a).toMatchObject({ first: 0, last: 1 });
    expect(items[2].b).toMatchObject({ first: 3, last: 4 });
  });

  test('a space that one of them keeps apart is nobody else’s', () => {
    const items = alignTexts(cut('a| |b'), cut('a| b'), 'pieces');
    expect(written(items)).toEqual(['a=a', ' /-', 'b= b']);
  });

  test('special tokens are the same only when they are spelt alike', () => {
    const items = alignTexts(cut('<s>|a|</s>'), cut('<cls>|a|</s>'), 'pieces');
    expect(written(items)).toEqual(['<s>/<cls>', 'a=a', '</s>=</s>']);
    expect(written(alignTexts(cut('<s>|a'), cut('a|<s>'), 'pieces'))).toEqual(['<s>/-', 'a=a', '-/<s>']);
  });

  test('a piece over a common and another word is in its place, but not compared', () => {
    const items = alignTexts(cut('New York| is'), cut('New| Delhi| is'), 'pieces');
    expect(written(items)).toEqual(['New York/New', '-/ Delhi', ' is= is']);
  });

  test('a special token inside a word of one text keeps the word from being the same', () => {
    const items = alignTexts(cut('b|<s>|ab'), cut('b|ab'), 'words');
    expect(items.map(({ same }) => same)).toEqual([false]);
  });

  test('pieces of one character stand with that character', () => {
    const text = 'a 🙂';
    const token = (label: string, start: number, end: number, id: number) => ({
      ...{ id, piece: label, label, start, end, special: false },
    });
    const bytes = wordsOf(text, [token('a', 0, 1, 0), token('x', 2, 4, 1), token('y', 2, 4, 2)]);
    const whole = wordsOf(text, [token('a', 0, 1, 0), token('🙂', 2, 4, 1)]);
    expect(written(alignTexts(bytes, whole, 'pieces'))).toEqual(['a=a', 'xy=🙂']);
  });
});

test('every token of both texts stands somewhere, once, in order', () => {
  const piece = fc.constantFrom('a', ' a', 'b', ' b', 'ab', ' ', '.', ' c', '<s>', '<t>');
  const text = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => cut(pieces.join('|')));
  fc.assert(
    fc.property(text, text, fc.constantFrom('pieces' as const, 'words' as const), (a, b, unit) => {
      const items = alignTexts(a, b, unit);
      for (const [side, { tokens }] of [
        ['a', a],
        ['b', b],
      ] as const) {
        const covered = items.flatMap((item) => {
          const part = item[side];
          return part ? Array.from({ length: part.last - part.first + 1 }, (_, i) => part.first + i) : [];
        });
        expect(covered).toEqual(tokens.map((_, i) => i));
      }
      for (const item of items.filter(({ same }) => same)) {
        expect(item.a?.label.trim()).toBe(item.b?.label.trim());
      }
    }),
  );
});
