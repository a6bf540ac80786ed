// Rows and columns of an attention matrix as ranked words: order, rest, entropy, padding left out.
import { describe, expect, test } from 'vitest';
import { attendedBy, attendsTo, wordAt } from '../../../src/host/wordWeights';
import type { TokenSequence } from '../../../src/shared/tokens';

function sequence(labels: readonly string[], padding = 0): TokenSequence {
  const text = labels.join(' ');
  let at = 0;
  const words = labels.map((label, index) => {
    const start = at;
    at += label.length + 1;
    return { label, first: index, last: index, start, end: start + label.length };
  });
  const tokens = words.map(({ label, start, end }, word) => ({
    id: word,
    piece: label,
    label,
    start,
    end,
    word,
    special: false,
    padding: word >= labels.length - padding,
  }));
  return { text, tokens, words };
}

const words = sequence(['the', 'cat', 'sat', 'down']);
const matrix = {
  rows: 4,
  columns: 4,
  data: Float32Array.of(1, 0, 0, 0, 0.5, 0.25, 0.125, 0.125, 0, 1, 0, 0, 0.25, 0.25, 0.25, 0.25),
};

describe('attendsTo', () => {
  test('ranks the row and sums up the rest', () => {
    const { top, more, entropy } = attendsTo(matrix, 1, words, 2);
    expect(top.map(({ word, weight }) => [word.label, weight])).toEqual([
      ['the', 0.5],
      ['cat', 0.25],
    ]);
    expect(more).toEqual({ count: 2, sum: 0.25 });
    expect(entropy).toBeCloseTo(1.75, 12);
  });
  test('entropy is 0 for one word and log2 n for n equal ones', () => {
    expect(attendsTo(matrix, 0, words, 4).entropy).toBeCloseTo(0, 12);
    expect(attendsTo(matrix, 3, words, 4).entropy).toBeCloseTo(2, 12);
  });
  test('leaves padding out', () => {
    const { top, more } = attendsTo(matrix, 1, sequence(['the', 'cat', 'sat', '<pad>'], 1), 5);
    expect(top.map(({ word }) => word.label)).toEqual(['the', 'cat', 'sat']);
    expect(more.count).toBe(0);
  });
});

test('attendedBy ranks the column', () => {
  const { top } = attendedBy(matrix, 0, words, 2);
  expect(top.map(({ word, weight }) => [word.label, weight])).toEqual([
    ['the', 1],
    ['cat', 0.5],
  ]);
});

test('wordAt finds words by offset, and nothing between them', () => {
  expect(wordAt(words, 0)).toBe(0);
  expect(wordAt(words, 5)).toBe(1);
  expect(wordAt(words, 3)).toBe(-1);
});
