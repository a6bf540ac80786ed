// The tokenizers of the two English models cut text as the recipe did that trained them, and tell where each token stands.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { byteLevel, wordPiece } from './tokenizers';

interface Line {
  readonly text: string;
  readonly gpt: readonly number[];
  readonly bert: readonly number[];
}

const lines = JSON.parse(
  readFileSync(new URL('../../golden/tokenizer/english.json', import.meta.url), 'utf8'),
) as readonly Line[];

describe.each([
  ['gpt', byteLevel],
  ['bert', wordPiece],
] as const)('%s', (family, tokenizer) => {
  it(`the same ids on ${lines.length} lines`, () => {
    for (const line of lines) {
      const own = tokenizer
        .encode(line.text)
        .tokens.filter(({ start }) => start >= 0)
        .map(({ id }) => id);
      expect(own, line.text).toEqual(line[family]);
    }
  });

  it('the ranges follow each other and leave out nothing but spaces', () => {
    for (const { text } of lines) {
      let last = 0;
      for (const { start, end } of tokenizer.encode(text).tokens.filter((token) => token.start >= 0)) {
        // The bytes of one character share its range.
        expect(text.slice(last, start).trim(), text).toBe('');
        expect(end, text).toBeGreaterThanOrEqual(last);
        last = end;
      }
      expect(text.slice(last).trim(), text).toBe('');
    }
  });
});
