// The helpers that every way of decoding chooses with.
import { describe, expect, test } from 'vitest';
import { argmax, likeliest, logProbability, logSumExp } from '../../../src/generation/logits';
import { noise } from './languages';

test('log-probabilities survive large logits', () => {
  expect(logProbability(Float32Array.of(1000, 1000), 0)).toBeCloseTo(-Math.LN2, 6);
});

describe('logSumExp', () => {
  test.each([1, 10, 50, 500])('equals the sum of exponentials, logits within %i', (spread) => {
    const next = noise(spread);
    for (const length of [1, 2, 1000, 50_000]) {
      const logits = Float32Array.from({ length }, () => spread * (next() - 0.5));
      const largest = logits.reduce((a, b) => Math.max(a, b));
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      expect(Math.abs(logSumExp(logits) - (largest + Math.log(sum)))).toBeLessThan(1e-9);
    }
  });

  test('passes over what is impossible', () => {
    expect(logSumExp(Float32Array.of(0, -Infinity, NaN, 0))).toBeCloseTo(Math.LN2, 9);
    expect(logSumExp(Float32Array.of(-Infinity))).toBe(-Infinity);
  });
});

describe('argmax', () => {
  test('is the smallest id among equals, and never NaN', () => {
    expect(argmax(Float32Array.of(NaN, 3, 3))).toBe(1);
  });

  test('is nothing where there is nothing', () => {
    expect(argmax(Float32Array.of(NaN, -Infinity))).toBeUndefined();
  });
});

describe('likeliest', () => {
  test('gives the largest first, the smaller id of equals, and no NaN', () => {
    expect(likeliest(Float32Array.of(1, 5, NaN, 5, 2, -Infinity), 3)).toEqual([1, 3, 4]);
    expect(likeliest(Float32Array.of(2, 1), 5)).toEqual([0, 1]);
  });

  test('equals a sort of everything', () => {
    const next = noise(7);
    const logits = Float32Array.from({ length: 500 }, () => Math.round(next() * 50));
    const sorted = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b);
    expect(likeliest(logits, 20)).toEqual(sorted.slice(0, 20));
  });
});
