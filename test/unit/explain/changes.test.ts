// How two runs differ, in numbers that can be checked by hand.
import { describe, expect, test } from 'vitest';
import {
  addRows,
  alignSequences,
  klDivergence,
  likeliest,
  weightChange,
  type RowSums,
} from '../../../src/explain/changes';

const matrix = (rows: number, columns: number, values: readonly number[]) => ({
  rows,
  columns,
  data: Float32Array.from(values),
});

test('the change of weights leaves padding out', () => {
  const before = matrix(2, 3, [0.5, 0.5, 0, 0.25, 0.75, 0]);
  const after = matrix(2, 3, [0.25, 0.5, 0.25, 1, 0, 0]);
  expect(weightChange(before, after, [true, true], [true, true, true])).toEqual({
    largest: 0.75,
    mean: (0.25 + 0 + 0.25 + 0.75 + 0.75 + 0) / 6,
  });
  expect(weightChange(before, after, [true, false], [true, true, false])).toEqual({
    largest: 0.25,
    mean: 0.125,
  });
});

test('KL is that of the two softmaxes, in nats, and not symmetric', () => {
  const before = Float32Array.of(Math.log(0.5), Math.log(0.25), Math.log(0.25));
  // The same logits up to a constant are the same distribution.
  const after = Float32Array.of(Math.log(0.8) + 3, Math.log(0.1) + 3, Math.log(0.1) + 3);
  const expected = 0.5 * Math.log(0.5 / 0.8) + 2 * 0.25 * Math.log(0.25 / 0.1);
  expect(klDivergence(before, after)).toBeCloseTo(expected, 5);
  expect(klDivergence(after, before)).not.toBeCloseTo(expected, 2);
  expect(klDivergence(before, before)).toBe(0);
});

test('the likeliest tokens, in order, with their probabilities', () => {
  const logits = Float32Array.of(0, 2, 1, 2, -1);
  const total = [...logits].reduce((sum, logit) => sum + Math.exp(logit), 0);
  const found = likeliest(logits, 3, (id) => `#${id}`);
  expect(found.map(({ id, piece }) => [id, piece])).toEqual([
    [1, '#1'],
    [3, '#3'],
    [2, '#2'],
  ]);
  expect(found[2].plain).toBeCloseTo(Math.exp(1) / total, 6);
});

test('facts about rows: largest weight, entropy in bits, slope of the softmax', () => {
  const sums: RowSums = { largest: 0, entropy: 0, slope: 0, count: 0 };
  addRows(sums, matrix(3, 4, [0.25, 0.25, 0.25, 0.25, 1, 0, 0, 0, 0.5, 0.5, 0, 0]), [true, true, false]);
  expect(sums).toEqual({ largest: 1.25, entropy: 2, slope: 0.25 * 0.75, count: 2 });
});

describe('aligning two translations', () => {
  const aligned = (before: number[], after: number[]) =>
    alignSequences(before, after).map(({ before: a, after: b }) => `${a ?? '-'}${b ?? '-'}`);

  test.each<[number[], number[], string[]]>([
    [
      [1, 2, 3],
      [1, 2, 3],
      ['00', '11', '22'],
    ],
    [
      [1, 2, 3],
      [1, 4, 3],
      ['00', '11', '22'],
    ],
    [
      [1, 2, 3],
      [1, 3],
      ['00', '1-', '21'],
    ],
    [
      [1, 3],
      [1, 2, 3],
      ['00', '-1', '12'],
    ],
    [
      [1, 2, 5, 3],
      [1, 7, 3, 8],
      ['00', '11', '2-', '32', '-3'],
    ],
    [[], [1], ['-0']],
  ])('%j and %j', (before, after, pairs) => {
    expect(aligned(before, after)).toEqual(pairs);
  });
});
