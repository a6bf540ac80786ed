// Thumbnails of every head: blocks of cells show their largest weight, so that a single strong cell is never lost.
import type { Matrix } from '../../shared/tensor';

/** How many cells a side one thumbnail cell stands for. */
export function blockSize(rows: number, columns: number, maxCells: number): number {
  return Math.max(1, Math.ceil(Math.max(rows, columns) / Math.max(1, maxCells)));
}

/** Largest weight of each block; returns the thumbnail `[⌈rows/block⌉, ⌈columns/block⌉]` in `target` at `offset`. */
export function shrinkInto(target: Float32Array, offset: number, matrix: Matrix, block: number): void {
  const columns = Math.ceil(matrix.columns / block);
  for (let row = 0; row < matrix.rows; row++) {
    const start = offset + Math.floor(row / block) * columns;
    for (let column = 0; column < matrix.columns; column++) {
      const at = start + Math.floor(column / block);
      const value = matrix.data[row * matrix.columns + column] ?? 0;
      if (value > (target[at] ?? 0)) {
        target[at] = value;
      }
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
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (marks[row * columns + column] === 0) {
        target[offset + Math.floor(row / block) * width + Math.floor(column / block)] = 0;
      }
    }
  }
}
