// Integrated gradients of functions whose integral is known, and where points go when a function has a cliff.
import { describe, expect, it } from 'vitest';
import { COMPLETE, integratedGradient, MOST_STEPS } from '../../../src/explain/integratedGradients';

/** Points of f along the line from `baseline` to `x`, one token per coordinate. */
function pathOf(
  f: (x: readonly number[]) => number,
  gradient: (x: readonly number[]) => readonly number[],
  x: readonly number[],
  baseline: readonly number[] = x.map(() => 0),
) {
  const calls: number[] = [];
  const at = async (shares: readonly number[]) => {
    calls.push(shares.length);
    return shares.map((share) => {
      const point = x.map((end, i) => baseline[i] + share * (end - baseline[i]));
      return { value: f(point), product: gradient(point).map((slope, i) => slope * (x[i] - baseline[i])) };
    });
  };
  return { at, calls };
}

describe('integrated gradients', () => {
  it('are gradient × input, without error, for a linear function', async () => {
    const { at, calls } = pathOf(
      ([a, b]) => 2 * a - 3 * b + 1,
      () => [2, -3],
      [4, 5],
    );
    const found = await integratedGradient(at);
    expect([...found.scores]).toEqual([8, -15]);
    expect(found).toMatchObject({ value: -6, baselineValue: 1, steps: 9 });
    expect(found.error).toBeCloseTo(0, 12);
    expect(calls).toEqual([9]);
  });

  it('are exact for a quadratic function, from any baseline', async () => {
    // f = a² + 2ab: on the line from b to x the scores are the integrals of 2a + 2b and 2a.
    const { at } = pathOf(
      ([a, b]) => a * a + 2 * a * b,
      ([a, b]) => [2 * a + 2 * b, 2 * a],
      [3, 2],
      [1, -1],
    );
    const { scores, error, value, baselineValue } = await integratedGradient(at);
    expect(scores[0]).toBeCloseTo(2 * (1 + 3) + 2 * (2 - 1), 6);
    expect(scores[1]).toBeCloseTo(3 * (1 + 3), 6);
    expect(scores[0] + scores[1]).toBeCloseTo(value - baselineValue, 6);
    expect(error).toBeCloseTo(0, 10);
  });

  it('put points onto a cliff that even steps miss', async () => {
    const steep = (x: number) => 1 / (1 + Math.exp(-20000 * (x - 0.38)));
    const { at, calls } = pathOf(
      ([x]) => 3 * steep(x),
      ([x]) => [3 * 20000 * steep(x) * (1 - steep(x))],
      [1],
    );
    const found = await integratedGradient(at);
    expect(found.error).toBeLessThanOrEqual(COMPLETE * 3);
    expect(found.steps).toBeLessThan(120);
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(found.steps);
    // 243 even steps see next to nothing of it, or far too much.
    const even = await at(Array.from({ length: 243 }, (_, k) => (k + 0.5) / 243));
    const sum = even.reduce((total, { product }) => total + product[0] / 243, 0);
    expect(Math.abs(sum - 3)).toBeGreaterThan(1);
  });

  it('give up at the most points, and say how much is missing', async () => {
    // A jump has no gradient that could add up to it.
    const { at } = pathOf(
      ([x]) => (x > 0.3 ? 5 : 0),
      () => [0],
      [1],
    );
    const found = await integratedGradient(at);
    expect(found.steps).toBeLessThanOrEqual(MOST_STEPS);
    expect(found.error).toBeCloseTo(5);
  });
});
