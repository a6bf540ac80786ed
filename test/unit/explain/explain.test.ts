// The pure computations beside a run, with numbers that can be checked by hand, and cases where a wrong axis would show.
import { describe, expect, it } from 'vitest';
import { distribution } from '../../../src/explain/distribution';
import { headScore } from '../../../src/explain/headScores';
import { nearest } from '../../../src/explain/neighbours';
import { batchNorm, layerNorm } from '../../../src/explain/normalise';
import { pca } from '../../../src/explain/pca';
import { rollout } from '../../../src/explain/rollout';
import { cosine, dotTerms, spread } from '../../../src/explain/terms';
import { hiddenUnits } from '../../../src/explain/units';
import { spearman } from '../../../src/shared/spearman';

const matrix = (rows: number, columns: number, values: readonly number[]) => ({
  rows,
  columns,
  data: Float32Array.from(values),
});

describe('cells', () => {
  it('adds terms up, largest contribution first', () => {
    const { terms, sum } = dotTerms(Float32Array.of(1, -2, 3), Float32Array.of(1, 4, 1));
    expect(terms.map(({ dimension, product }) => [dimension, product])).toEqual([
      [1, -8],
      [2, 3],
      [0, 1],
    ]);
    expect(sum).toBe(-4);
    expect(cosine(Float32Array.of(1, 0), Float32Array.of(1, 1))).toBeCloseTo(Math.SQRT1_2);
    expect(spread(Float32Array.of(1, 3, 99), Uint8Array.of(0, 0, 1))).toEqual({
      mean: 2,
      variance: 1,
      count: 2,
    });
  });
});

describe('norms', () => {
  const states = matrix(2, 2, [1, 3, 5, 15]);
  it('LayerNorm looks along a token, BatchNorm along a dimension', () => {
    expect([...layerNorm(states, { epsilon: 0 }).data]).toEqual([-1, 1, -1, 1]);
    expect([...batchNorm(states, { epsilon: 0 }).data]).toEqual([-1, -1, 1, 1]);
  });
  it('BatchNorm leaves padding out', () => {
    const padded = matrix(3, 1, [1, 3, 100]);
    expect([...batchNorm(padded, { epsilon: 0 }, [true, true, false]).data]).toEqual([-1, 1, 100]);
  });
});

describe('vectors', () => {
  it('projects a line onto one axis, with the same sign whatever the order of rows', () => {
    const { points, explained } = pca(matrix(3, 3, [0, 0, 0, 1, 1, 1, 5, 5, 5]));
    expect(explained[0]).toBeCloseTo(1);
    expect(points.data[4] - points.data[0]).toBeCloseTo(5 * Math.sqrt(3), 4);
    expect(points.data[4]).toBeGreaterThan(0);
    const turned = pca(matrix(3, 3, [5, 5, 5, 1, 1, 1, 0, 0, 0])).points;
    expect(turned.data[0]).toBeCloseTo(points.data[4], 5);
  });
  it('finds neighbours by direction, not by length', () => {
    const table = matrix(4, 2, [1, 0, 0, 9, 100, 10, 0, 0]);
    expect(nearest(table, Float32Array.of(1, 0), 2, new Set([0])).map(({ row }) => row)).toEqual([2, 1]);
  });
  it('counts silent units and names the strongest of each token', () => {
    const [first, second] = hiddenUnits(matrix(2, 3, [0, 2, 0, -3, 1, 0]), 1);
    expect([first.zeros, second.zeros]).toEqual([2 / 3, 1 / 3]);
    expect([first.strongest[0], second.strongest[0]]).toEqual([
      { unit: 1, value: 2 },
      { unit: 0, value: -3 },
    ]);
  });
});

describe('distribution', () => {
  const logits = Float32Array.from([0.5, 0.3, 0.2].map(Math.log));
  const all = { temperature: 1, topK: 0, topP: 1 };
  it('keeps the fewest tokens that reach p, and always one', () => {
    expect(distribution(logits, all, 3, String).candidates.map(({ probability }) => probability)).toEqual([
      expect.closeTo(0.5, 5),
      expect.closeTo(0.3, 5),
      expect.closeTo(0.2, 5),
    ]);
    expect(distribution(logits, { ...all, topP: 0.6 }, 3, String).kept).toBe(2);
    expect(distribution(logits, { ...all, topP: 0 }, 3, String).kept).toBe(1);
    expect(distribution(logits, { ...all, topK: 2 }, 3, String).candidates[0].probability).toBeCloseTo(
      0.625,
      5,
    );
    expect(
      distribution(logits, { ...all, temperature: 0.5 }, 1, String).candidates[0].probability,
    ).toBeCloseTo(25 / 38, 5);
  });
});

describe('rollout', () => {
  it('multiplies layers up in their order', () => {
    // Layer 1 looks back, layer 2 stays: the other order gives another matrix.
    const back = matrix(2, 2, [1, 0, 1, 0]);
    const mixed = matrix(2, 2, [0, 1, 0, 1]);
    expect([...rollout([back, mixed]).data]).toEqual([0.75, 0.25, 0.5, 0.5]);
    expect([...rollout([mixed, back]).data]).toEqual([0.5, 0.5, 0.25, 0.75]);
  });
  it('ranks with ties, and says nothing of constants', () => {
    expect(spearman([1, 2, 3], [10, 20, 15])).toBeCloseTo(0.5);
    expect(spearman([1, 1, 2], [1, 1, 5])).toBeCloseTo(1);
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeUndefined();
  });
});

describe('heads by what they do', () => {
  const token = { real: true, spelling: 0, delimiter: false };
  const tokens = [token, { ...token, spelling: 1 }, { ...token, delimiter: true }];
  const back = matrix(3, 3, [1, 0, 0, 1, 0, 0, 0, 1, 0]);
  const ahead = matrix(3, 3, [0, 1, 0, 0, 0, 1, 0, 0, 1]);
  it('tells looking back from looking ahead, which a transposed matrix would swap', () => {
    expect(headScore(back, tokens, tokens, 'previous')).toBe(1);
    expect(headScore(back, tokens, tokens, 'next')).toBe(0);
    expect(headScore(ahead, tokens, tokens, 'next')).toBe(1);
    expect(headScore(ahead, tokens, tokens, 'delimiter')).toBeCloseTo(2 / 3);
    expect(headScore(back, tokens, tokens, 'sameWord')).toBe(0);
    expect(headScore(back, tokens, tokens, 'pair', { query: 2, key: 1 })).toBe(1);
    expect(headScore(back, tokens, tokens, 'pair', { query: 1, key: 2 })).toBe(0);
    expect(headScore(back, tokens, tokens, 'sharpest')).toBe(1);
    expect(headScore(matrix(3, 3, Array(9).fill(1 / 3)), tokens, tokens, 'even')).toBeCloseTo(1);
  });
});
