// Every layout of heads, read by hand-made tensors whose elements say where they stand.
import { describe, expect, it } from 'vitest';
import type { HeadLayout } from '../../../src/anatomy/anatomy';
import { readHead, readRows, type Heads } from '../../../src/probe/readHead';
import { readMaskStep, removesKey } from '../../../src/probe/readMask';
import type { AttentionSite } from '../../../src/anatomy/anatomy';
import type { Tensor } from '../../../src/shared/tensor';
import { numbers } from './runModel';

const heads: Heads = { heads: 4, keyValueHeads: 2, headSize: 3 };
const BATCH = 2;
const ROWS = 5;

/** A tensor `dims` whose element at an index is its digits: [1, 2, 0, 3] is 1203. */
function digits(...dims: readonly number[]): Tensor {
  const size = dims.reduce((a, b) => a * b, 1);
  return numbers(
    dims,
    Array.from({ length: size }, (_, i) => {
      let rest = i;
      return [...dims].reverse().reduce((number, dim, place) => {
        const digit = rest % dim;
        rest = Math.floor(rest / dim);
        return number + digit * 10 ** place;
      }, 0);
    }),
  );
}

const at = (
  matrix: { readonly data: Float32Array; readonly columns: number },
  row: number,
  column: number,
): number => matrix.data[row * matrix.columns + column];

const CASES: readonly (readonly [HeadLayout, readonly number[], head: number, expected: number])[] = [
  ['heads', [BATCH, 4, ROWS, 3], 2, 1242],
  ['heads', [1, 4, ROWS, 3], 2, 242],
  ['heads', [BATCH, 1, ROWS, 3], 2, 1042],
  ['heads', [BATCH, 2, ROWS, 3], 3, 1142],
  ['heads', [ROWS, 3], 3, 42],
  ['headsTransposed', [BATCH, 4, 3, ROWS], 2, 1224],
  ['merged', [BATCH * 4, ROWS, 3], 2, 642],
  ['merged', [1, ROWS, 3], 2, 42],
  ['mergedTransposed', [BATCH * 4, 3, ROWS], 1, 524],
  ['grouped', [BATCH, 2, 2, ROWS, 3], 3, 11142],
  ['grouped', [BATCH, 2, 1, ROWS, 3], 3, 11042],
];

describe('readHead', () => {
  it.each(CASES)('%s %j, head %i', (layout, dims, head, expected) => {
    const matrix = readHead(digits(...dims), { layout }, heads, 1, head);
    expect([matrix.rows, matrix.columns]).toEqual([ROWS, 3]);
    expect(at(matrix, 4, 2)).toBe(expected);
  });

  it('finds heads side by side, those of keys included', () => {
    const columns = numbers(
      [1, 2, 12],
      Array.from({ length: 24 }, (_, i) => i),
    );
    expect([...readHead(columns, { layout: 'flat' }, heads, 0, 1).data]).toEqual([3, 4, 5, 15, 16, 17]);
    const keys = numbers(
      [1, 2, 6],
      Array.from({ length: 12 }, (_, i) => i),
    );
    expect([...readHead(keys, { layout: 'flat' }, heads, 0, 3).data]).toEqual([3, 4, 5, 9, 10, 11]);
  });

  it('copies nothing that lies together', () => {
    const tensor = digits(BATCH, 4, ROWS, 3);
    expect(readHead(tensor, { layout: 'heads' }, heads, 1, 2).data.buffer).toBe(tensor.data.buffer);
    expect(readHead(tensor, { layout: 'heads', factor: 2 }, heads, 1, 2).data[0]).toBe(2400);
  });

  it('reads halves, truth values and whole numbers', () => {
    const half: Tensor = { type: 'float16', dims: [1, 2], data: Uint16Array.of(0x3c00, 0xc000) };
    expect([...readHead(half, { layout: 'heads' }, heads, 0, 0).data]).toEqual([1, -2]);
    const whole: Tensor = { type: 'int64', dims: [1, 2], data: BigInt64Array.of(7n, -1n) };
    expect([...readHead(whole, { layout: 'heads' }, heads, 0, 0).data]).toEqual([7, -1]);
  });

  it('refuses tensors that have not the layout', () => {
    expect(() => readHead(digits(1, 1, 1, 1, 1), { layout: 'heads' }, heads, 0, 0)).toThrow('layout');
    expect(() => readHead(digits(1, 4, 2, 2), { layout: 'heads' }, heads, 0, 7)).toThrow('beyond');
  });
});

describe('readRows', () => {
  it('reads some rows of a head', () => {
    const part = readRows(digits(BATCH, 4, ROWS, 3), { layout: 'heads' }, heads, 1, 2, 3, 4);
    expect([part.rows, part.columns, at(part, 0, 0), at(part, 1, 2)]).toEqual([2, 3, 1230, 1242]);
    expect(() => readRows(digits(ROWS, 3), { layout: 'heads' }, heads, 0, 0, 3, 5)).toThrow('Rows 3 to 5');
  });
});

describe('readMaskStep', () => {
  const site = { ...heads } as AttentionSite;
  const step = { tensor: 'mask', layout: 'heads', node: 'node' } as const;

  it('broadcasts what is added', () => {
    const mask = readMaskStep(
      numbers([2, 1, 1, 3], [0, 0, 0, 0, 0, -1e9]),
      { ...step, form: 'add' },
      site,
      1,
      3,
      2,
      3,
    );
    expect([...mask.data].map(removesKey)).toEqual([false, false, true, false, false, true]);
  });

  it('turns a sign round', () => {
    const mask = readMaskStep(
      numbers([1, 2], [0, 1e9]),
      { ...step, form: 'add', subtracted: true },
      site,
      0,
      0,
      1,
      2,
    );
    expect([...mask.data]).toEqual([-0, -1e9]);
  });

  it.each([true, false])('makes −∞ of a condition that keeps when %s', (keepsWhenTrue) => {
    const condition: Tensor = { type: 'bool', dims: [1, 2], data: Uint8Array.of(1, 0) };
    const mask = readMaskStep(condition, { ...step, form: 'where', keepsWhenTrue }, site, 0, 0, 1, 2);
    expect([...mask.data]).toEqual(keepsWhenTrue ? [0, -Infinity] : [-Infinity, 0]);
  });
});
