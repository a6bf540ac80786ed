// Words from pieces: rows still sum to one, single pieces stay as they are.
import { describe, expect, test } from 'vitest';
import { aggregate, aggregateMarks, pieceSpans } from '../../../src/shared/aggregate';

const matrix = { rows: 3, columns: 3, data: Float32Array.of(0.2, 0.3, 0.5, 0.6, 0.4, 0, 0.1, 0.1, 0.8) };
const words = [
  { first: 0, last: 1 },
  { first: 2, last: 2 },
];

describe('aggregate', () => {
  test('sums over key pieces and takes the mean over query pieces', () => {
    const { rows, columns, data } = aggregate(matrix, words, words);
    expect([rows, columns]).toEqual([2, 2]);
    [0.75, 0.25, 0.2, 0.8].forEach((value, i) => expect(data[i]).toBeCloseTo(value, 6));
  });

  test('pieces as words change nothing', () => {
    expect(aggregate(matrix, pieceSpans(3), pieceSpans(3))).toEqual(matrix);
  });

  test('a pair of words is masked when all of its pairs of pieces are', () => {
    const marks = Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0);
    expect([...aggregateMarks(marks, 3, words, words)]).toEqual([0, 1, 0, 0]);
  });
});
