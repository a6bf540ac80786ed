// What must hold for the tokens of any text whatsoever: order, bounds, coverage, and that each piece is spelled by its range.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Token } from '../../../src/shared/tokens';
import { AlignedText } from '../../../src/tokenizer/alignedText';
import { bytesAsText } from '../../../src/tokenizer/byteLevel';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import { createNormalizer } from '../../../src/tokenizer/normalizer';
import type { TextTokenizer } from '../../../src/tokenizer/textTokenizer';
import { stageOf } from '../../../src/tokenizer/tokenizerFile';
import { anyText } from './anyText';
import { byteLevel, bytePieces, files, outsideBert, smallUnigram, unigram, wordPiece } from './tokenizers';

const outside = outsideBert();
const fallback = createTokenizer({
  tokenizerJson: smallUnigram([...bytePieces, ['▁', -3], ['▁the', -2], ['e', -4], ['t', -4]]),
});
const all: readonly (readonly [string, TextTokenizer])[] = [
  ['Unigram', unigram],
  ['Unigram with byte fallback', fallback],
  ['WordPiece', wordPiece],
  ['byte-level BPE', byteLevel],
  ...(outside === undefined ? [] : [['WordPiece of BERT', outside] as const]),
];
const options = { numRuns: 500 };

function inText(tokens: readonly Token[]): Token[] {
  return tokens.filter(({ start }) => start >= 0);
}

describe.each(all)('ranges of %s', (_, tokenizer) => {
  it('are in order, inside the text and on code point boundaries; what covers nothing says so', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = tokenizer.encode(text).tokens;
        expect(tokens.filter(({ start, end }) => start < 0 && (start !== -1 || end !== -1))).toEqual([]);
        const ranges = inText(tokens);
        const wrong = ranges.filter(
          ({ start, end }, i) =>
            start >= end ||
            end > text.length ||
            (i > 0 && (start < ranges[i - 1].start || end < ranges[i - 1].end)) ||
            !isBoundary(text, start) ||
            !isBoundary(text, end),
        );
        expect(wrong).toEqual([]);
      }),
      options,
    );
  });

  it('cover every character but white space and what the tokenizer says it drops', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const covered = new Uint8Array(text.length);
        for (const { start, end } of inText(tokenizer.encode(text).tokens)) {
          covered.fill(1, start, end);
        }
        let at = 0;
        for (const character of text) {
          if (covered[at] === 0 && !/\p{White_Space}/u.test(character)) {
            const listed = tokenizer.drops.some(({ matches }) => matches(character));
            expect(listed, `U+${character.codePointAt(0)?.toString(16)} in ${JSON.stringify(text)}`).toBe(
              true,
            );
          }
          at += character.length;
        }
      }),
      options,
    );
  });

  it('do not leave out letters, digits, ideographs or punctuation', () => {
    for (const character of ['a', 'É', 'ß', '7', '中', '𠀀', 'ש', '.', '€', '👍', '½', 'ﬁ']) {
      expect(tokenizer.drops.filter(({ matches }) => matches(character))).toEqual([]);
    }
  });

  it('do not depend on the special tokens round the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const alone = tokenizer.encode(text, { addSpecial: false }).tokens;
        const again = tokenizer.encode(text, { addSpecial: true }).tokens.filter(({ special }) => !special);
        expect(again.map(({ id, start, end }) => [id, start, end])).toEqual(
          alone.map(({ id, start, end }) => [id, start, end]),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('each piece is spelled by the text it covers', () => {
  const normalizedBy = (file: Record<string, unknown>) => {
    const stage = stageOf(file.normalizer, 'normalizer');
    const normalizer = stage && createNormalizer(stage);
    return (text: string) => normalizer?.apply(AlignedText.of(text)).text ?? text;
  };
  const plain = normalizedBy(files.unigram);
  const bert = normalizedBy(files.wordPiece);
  const spelledBy: readonly (readonly [string, TextTokenizer, (covered: string) => string, RegExp])[] = [
    ['Unigram', unigram, (covered) => `▁${plain(covered).replaceAll(' ', '▁')}`, /^$/],
    ['WordPiece', wordPiece, bert, /^##/],
    ['byte-level BPE', byteLevel, bytesAsText, /^$/],
  ];
  it.each(spelledBy)('%s', (_, tokenizer, spell, prefix) => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { id, piece, start, end } of inText(tokenizer.encode(text).tokens)) {
          const given = id === tokenizer.special.unk || /^(\[MASK\]|<.*>|>>deu<<)$/.test(piece);
          if (!given && !spell(text.slice(start, end)).includes(piece.replace(prefix, ''))) {
            expect.fail(`${piece} covers ${JSON.stringify(text.slice(start, end))}`);
          }
        }
      }),
      options,
    );
  });
});

/** Not between the halves of a character beyond U+FFFF. */
function isBoundary(text: string, at: number): boolean {
  return !(at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff);
}
