// 50,000 characters of the worst kinds: every one must come back, long before the test's time is over.
import { expect, it } from 'vitest';
import { byteLevel, unigram, wordPiece } from './tokenizers';

const length = 50_000;
const tokenizers = { Unigram: unigram, WordPiece: wordPiece, 'byte-level BPE': byteLevel };
const texts = {
  prose: "The quick brown fox doesn't jump over the lazy dog. ",
  'a word without end': 'abcdefghij',
  Chinese:
    '\u8FD9\u53EA\u52A8\u7269\u6CA1\u6709\u8FC7\u9A6C\u8DEF\uFF0C\u56E0\u4E3A\u5B83\u592A\u7D2F\u4E86\u3002',
  'accents without a letter': '\u0301',
  emoji: '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
};
const cases = Object.entries(tokenizers).flatMap(([name, tokenizer]) =>
  Object.entries(texts).map(([kind, part]) => [name, kind, tokenizer, part] as const),
);

it.each(cases)('%s reads %s', (_, _kind, tokenizer, part) => {
  const text = `${part.repeat(length / part.length + 1).slice(0, length - 1)}.`;
  const { tokens } = tokenizer.encode(text, { addSpecial: false });
  expect(tokens.at(-1)?.end).toBe(length);
});
