// Thumbnails of every head: blocks of cells show their largest weight, so that a single strong cell is never lost.
import type { Matrix } from './tensor';

/** How many cells a side one thumbnail cell stands for. */
export function blockSize(rows: number, columns: number, maxCells: number): number {
  return Math.max(1, Math.ceil(Math.max(rows, columns) / Math.max(1, maxCells)));
}

/** Largest weight of each block, written to `target` at `offset` as `[⌈rows/block⌉, ⌈columns/block⌉]`. */
export function shrinkInto(target: Float32Array, offset: number, matrix: Matrix, block: number): void {
  const { rows, columns, data } = matrix;
  const width = Math.ceil(columns / block);
  for (let row = 0, i = 0; row < rows; row++) {
    let at = offset + Math.floor(row / block) * width;
    for (let start = 0; start < columns; start += block, at++) {
      let largest = target[at];
      for (const end = i + Math.min(block, columns - start); i < end; i++) {
        if (data[i] > largest) {
          largest = data[i];
        }
      }
      target[at] = largest;
    }
  }
}

/** Marks shrink to 1 where the whole block is marked. */
export function shrinkMarksInto(
  target: Uint8Array,
  offset: number,
  marks: Uint8Array,
  rows: number,
  columns: number,
  block: number,
): void {
  const width = Math.ceil(columns / block);
  target.fill(1, offset, offset + Math.ceil(rows / block) * width);
  for (let row = 0, i = 0; row < rows; row++) {
    let at = offset + Math.floor(row / block) * width;
    for (let start = 0; start < columns; start += block, at++) {
      for (const end = i + Math.min(block, columns - start); i < end; i++) {
        target[at] &= marks[i];
      }
    }
  }
}
