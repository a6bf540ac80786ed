import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlignedText } from '../../../src/tokenizer/alignedText';
import { alignByEnds, toUnicodeForm, type UnicodeForm } from '../../../src/tokenizer/unicodeForm';
import { anyText } from './anyText';

/** `text[start,end)` of every unit. */
function units(text: AlignedText): string[] {
  return Array.from({ length: text.length }, (_, i) => {
    const { start, end } = text.range(i, i + 1);
    return `${text.text[i]}[${start},${end})`;
  });
}

describe('aligned text', () => {
  it('covers a character beyond U+FFFF by both of its halves and reads a lone surrogate as U+FFFD', () => {
    const text = AlignedText.of('a\u{1F469}\ud83d');
    expect(text.text).toBe('a\u{1F469}\uFFFD');
    expect(text.range(1, 2)).toEqual({ start: 1, end: 3 });
    expect(text.range(2, 3)).toEqual({ start: 1, end: 3 });
    expect(text.range(3, 4)).toEqual({ start: 3, end: 4 });
  });

  it('covers all of what was replaced, nothing by what was inserted', () => {
    const text = AlignedText.of('ab  cd').edit([
      { from: 0, to: 0, text: '_' },
      { from: 2, to: 4, text: '-' },
    ]);
    expect(units(text)).toEqual(['_[0,0)', 'a[0,1)', 'b[1,2)', '-[2,4)', 'c[4,5)', 'd[5,6)']);
    expect(text.range()).toEqual({ start: 0, end: 6 });
    expect(text.range(0, 1)).toEqual({ start: 0, end: 0 });
  });

  it('leaves removed text uncovered, or gives it to the character before', () => {
    const edits = [{ from: 1, to: 3, text: '' }];
    expect(units(AlignedText.of('axxb').edit(edits))).toEqual(['a[0,1)', 'b[3,4)']);
    expect(units(AlignedText.of('axxb').edit(edits, true))).toEqual(['a[0,3)', 'b[3,4)']);
  });

  it('keeps its ranges through slices, joins and trims', () => {
    const text = AlignedText.of(' one two ');
    const joined = AlignedText.join([text.slice(5, 8), text.slice(1, 4)]);
    expect([joined.text, joined.range(0, 3), joined.range(3, 6)]).toEqual([
      'twoone',
      { start: 5, end: 8 },
      { start: 1, end: 4 },
    ]);
    expect(text.trim().range()).toEqual({ start: 1, end: 8 });
    expect(text.trim(false, true).text).toBe(' one two');
    expect(AlignedText.of('   ').trim().length).toBe(0);
  });

  it('is inverted: for each unit of the original, the range that stands for it', () => {
    const text = AlignedText.of('a+b').edit([{ from: 1, to: 2, text: ' plus ' }]);
    expect(text.inverse(4)).toEqual([
      { start: 0, end: 1 },
      { start: 1, end: 7 },
      { start: 7, end: 8 },
      { start: -1, end: -1 },
    ]);
  });
});

describe('Unicode forms', () => {
  const forms: readonly UnicodeForm[] = ['NFC', 'NFD', 'NFKC', 'NFKD'];

  it.each(forms)('%s gives the form of the whole text, every unit inside its source', (form) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const source = AlignedText.of(text);
        const aligned = toUnicodeForm(source, form);
        expect(aligned.text).toBe(source.text.normalize(form));
        for (let i = 0; i < aligned.length; i++) {
          const { start, end } = aligned.range(i, i + 1);
          if (!source.text.slice(start, end).normalize(form).includes(aligned.text[i])) {
            expect.fail(`unit ${i} of ${JSON.stringify(text)}`);
          }
        }
      }),
    );
  });

  it('do not widen what they leave as it is', () => {
    expect(units(toUnicodeForm(AlignedText.of('xé\uFB01y'), 'NFKC'))).toEqual([
      'x[0,1)',
      'é[1,2)',
      'f[2,3)',
      'i[2,3)',
      'y[3,4)',
    ]);
    expect(units(toUnicodeForm(AlignedText.of('e\u0301x'), 'NFC'))).toEqual(['é[0,2)', 'x[2,3)']);
    expect(units(toUnicodeForm(AlignedText.of('\u1100\u1161\u11A8x'), 'NFC'))).toEqual(['각[0,3)', 'x[3,4)']);
  });

  it('fall back on one block where the ends still agree', () => {
    const text = alignByEnds(AlignedText.of('abXYcd'), 'abZcd');
    expect(units(text)).toEqual(['a[0,1)', 'b[1,2)', 'Z[2,4)', 'c[4,5)', 'd[5,6)']);
    expect(alignByEnds(AlignedText.of('aa'), 'aaa').text).toBe('aaa');
  });
});
