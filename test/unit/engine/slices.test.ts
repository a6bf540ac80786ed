// The arithmetic of slices on small numbers: thumbnails, mask parts, positions.
import { describe, expect, test } from 'vitest';
import { split } from '../../../src/engine/slices/maskParts';
import { blockSize, shrinkInto, shrinkMarksInto } from '../../../src/shared/overviewBlocks';
import {
  rotaryAngles,
  rotaryWavelengths,
  similarity,
  sinusoidWavelengths,
} from '../../../src/engine/slices/positionTable';
import type { Matrix } from '../../../src/shared/tensor';

const matrix = (columns: number, ...data: number[]): Matrix => ({
  rows: data.length / columns,
  columns,
  data: Float32Array.from(data),
});

describe('thumbnails', () => {
  test('a block is just large enough', () => {
    expect(blockSize(10, 7, 16)).toBe(1);
    expect(blockSize(16, 17, 16)).toBe(2);
    expect(blockSize(3, 512, 40)).toBe(13);
  });

  test('each block keeps its largest weight, the last ones being smaller', () => {
    const target = new Float32Array(6);
    shrinkInto(target, 2, matrix(3, 0.1, 0.2, 0.3, 0.4, 0, 0.9, 0.5, 0.6, 0.05), 2);
    expect([...target].map((value) => Number(value.toFixed(2)))).toEqual([0, 0, 0.4, 0.9, 0.6, 0.05]);
  });

  test('a block is marked when all of it is', () => {
    const target = new Uint8Array(4);
    shrinkMarksInto(target, 0, Uint8Array.of(1, 1, 0, 1, 1, 1, 1, 0, 1), 3, 3, 2);
    expect([...target]).toEqual([1, 0, 0, 1]);
  });
});

describe('split', () => {
  const X = -1e9;

  test('padding is what a run without padding would keep, in whole columns', () => {
    const total = matrix(3, 0, X, X, 0, 0, X, 0, 0, X);
    const bare = matrix(3, 0, X, X, 0, 0, X, 0, 0, 0);
    const { padding, causal } = split(total, bare);
    expect(padding).toEqual(matrix(3, 0, 0, X, 0, 0, X, 0, 0, X));
    expect(causal).toBe(bare);
  });

  test('parts that remove nothing are left out', () => {
    expect(split(matrix(2, 0, 0, 0, 0), matrix(2, 0, 0, 0, 0))).toEqual({
      padding: undefined,
      causal: undefined,
    });
  });
});

describe('positions', () => {
  test('similarity is the dot product of every pair of rows', () => {
    expect(similarity(matrix(2, 1, 2, 3, 4, 0, 1))).toEqual(matrix(3, 5, 11, 2, 11, 25, 4, 2, 4, 1));
  });

  test('wavelengths grow from 2π, in the order of the layout', () => {
    const [interleaved, halves] = [sinusoidWavelengths(4, 'interleaved'), sinusoidWavelengths(4, 'halves')];
    [1, 1, 100, 100].forEach((turns, i) => expect(interleaved[i] / (2 * Math.PI)).toBeCloseTo(turns, 3));
    [1, 100, 1, 100].forEach((turns, i) => expect(halves[i] / (2 * Math.PI)).toBeCloseTo(turns, 3));
  });

  test('rotary pairs turn by their frequency at every position', () => {
    expect(rotaryAngles([1, 0.5], 3)).toEqual(matrix(2, 0, 0, 1, 0.5, 2, 1));
    expect(rotaryWavelengths([1, 0.5])[1]).toBeCloseTo(4 * Math.PI, 5);
  });
});
