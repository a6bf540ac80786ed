import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import { wordsOf } from '../../../src/tokenizer/words';
import { anyText } from './anyText';
import { byteLevel, smallUnigram, unigram, wordPiece } from './tokenizers';

/** Tokens over the given ranges of a text; a string is a special token. */
function sequence(text: string, ranges: readonly (readonly [number, number] | string)[]) {
  return wordsOf(
    text,
    ranges.map((range, id) => {
      const [start, end] = typeof range === 'string' ? [-1, -1] : range;
      const label = typeof range === 'string' ? range : text.slice(start, end);
      return { id, piece: label, label, start, end, special: typeof range === 'string' };
    }),
  );
}

function labels(words: readonly { label: string }[]): string[] {
  return words.map(({ label }) => label);
}

describe('words', () => {
  it('keep an apostrophe inside a word and a full stop outside', () => {
    const text = 'It didn\u2019t, she said.';
    for (const tokenizer of [unigram, wordPiece, byteLevel]) {
      const { words } = tokenizer.encode(text, { addSpecial: false });
      expect(labels(words)).toEqual(['It', 'didn\u2019t', ',', 'she', 'said', '.']);
    }
  });

  it('join the words that one token covers', () => {
    const { tokens, words } = sequence('in the end.', [
      [0, 6],
      [6, 8],
      [8, 11],
    ]);
    expect(labels(words)).toEqual(['in the', 'end.']);
    expect(tokens.map(({ word }) => word)).toEqual([0, 1, 1]);
    expect(words[1]).toEqual({ label: 'end.', first: 1, last: 2, start: 7, end: 11 });
  });

  it('do not include the space that a piece begins with', () => {
    const { words } = sequence('a  cat', [
      [0, 1],
      [1, 6],
    ]);
    expect(words[1]).toMatchObject({ start: 3, end: 6 });
  });

  it('are found in Chinese, which has no spaces', () => {
    const { words } = wordPiece.encode('\u4ED6\u6628\u5929\u8BFB\u4E66\u3002', { addSpecial: false });
    expect(labels(words)).toEqual(['\u4ED6', '\u6628\u5929', '\u8BFB\u4E66', '\u3002']);
  });

  it('take in a token that covers nothing, with the next word or the last one', () => {
    const { tokens, words } = sequence('one two', ['<s>', [-1, -1], [0, 3], [3, 7], [-1, -1], '</s>']);
    expect(tokens.map(({ word }) => word)).toEqual([0, 1, 1, 2, 2, 3]);
    expect(labels(words)).toEqual(['<s>', 'one', 'two', '</s>']);
  });

  it('exist for tokens that cover nothing, when there is nothing else', () => {
    const { words } = sequence('', ['<s>', [-1, -1], '</s>']);
    expect(words).toHaveLength(3);
  });

  it('make a run of white space a word of its own', () => {
    const { words } = byteLevel.encode('a \n\n b', { addSpecial: false });
    expect(words.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [2, 4],
      [5, 6],
    ]);
  });

  it('keep a character in pieces together', () => {
    const { tokens, words } = byteLevel.encode('x \u{1F469}\u200D\u{1F680}!', { addSpecial: false });
    expect(tokens.length).toBeGreaterThan(words.length);
    expect(labels(words)).toEqual(['x', '\u{1F469}\u200D\u{1F680}', '!']);
  });

  it('are not cut where a long text is handed to the segmenter in parts', () => {
    const text = 'internationalisation '.repeat(300);
    const { words } = sequence(
      text,
      Array.from({ length: 300 }, (_, i) => [21 * i, 21 * i + 20] as const),
    );
    expect(words).toHaveLength(300);
    const pieces = Array.from(
      { length: 600 },
      (_, i) => [10 * i + (i >> 1), 10 * i + 10 + (i >> 1)] as const,
    );
    expect(sequence(text, pieces).words).toHaveLength(300);
    const unspaced = 'ab,'.repeat(2000);
    const each = Array.from({ length: 6000 }, (_, i) => [i, i + 1] as const);
    expect(sequence(unspaced, each).words).toHaveLength(4000);
  });

  it('are runs of tokens without gaps, in order, with the covered text as label', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(unigram, wordPiece, byteLevel), (text, tokenizer) => {
        const { tokens, words } = tokenizer.encode(text);
        expect(words.flatMap(({ first, last }) => range(first, last))).toEqual(range(0, tokens.length - 1));
        expect(tokens.map(({ word }) => word)).toEqual(
          words.flatMap(({ first, last }, i) => range(first, last).fill(i)),
        );
        const inText = words.filter(({ start }) => start >= 0);
        expect(inText.filter(({ start }, i) => i > 0 && start < inText[i - 1].start)).toEqual([]);
        expect(labels(inText)).toEqual(inText.map(({ start, end }) => text.slice(start, end)));
      }),
      { numRuns: 300 },
    );
  });

  it('follow the model where a piece holds several words', () => {
    const tokenizer = createTokenizer({
      tokenizerJson: {
        ...smallUnigram([
          ['▁of▁the', -1],
          ['▁', -5],
          ['▁end', -2],
        ]),
        pre_tokenizer: { type: 'Metaspace', split: false },
      },
    });
    expect(labels(tokenizer.encode('of the end').words)).toEqual(['of the', 'end']);
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
