// From pieces to words: sum over the key pieces, mean over the query pieces, so that a word's row still sums to one.
import type { Matrix } from './tensor';

/** Consecutive pieces `[first, last]`; a Word is one. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** `[query pieces, key pieces]` → `[query words, key words]`. Rows of weights keep their sum. */
export function aggregate(matrix: Matrix, queries: readonly Span[], keys: readonly Span[]): Matrix {
  const data = new Float32Array(queries.length * keys.length);
  queries.forEach((query, row) => {
    const pieces = query.last - query.first + 1;
    keys.forEach((key, column) => {
      let sum = 0;
      for (let q = query.first; q <= query.last; q++) {
        for (let k = key.first; k <= key.last; k++) {
          sum += matrix.data[q * matrix.columns + k] ?? 0;
        }
      }
      data[row * keys.length + column] = sum / pieces;
    });
  });
  return { rows: queries.length, columns: keys.length, data };
}

/** Marks of cells, like {@link aggregate}: a pair of words is masked when all its pairs of pieces are. */
export function aggregateMarks(
  marks: Uint8Array,
  columns: number,
  queries: readonly Span[],
  keys: readonly Span[],
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(queries.length * keys.length);
  queries.forEach((query, row) => {
    keys.forEach((key, column) => {
      let all = 1;
      for (let q = query.first; q <= query.last && all === 1; q++) {
        for (let k = key.first; k <= key.last && all === 1; k++) {
          all = marks[q * columns + k] ?? 0;
        }
      }
      result[row * keys.length + column] = all;
    });
  });
  return result;
}

/** Every piece as a span of its own. */
export function pieceSpans(count: number): Span[] {
  return Array.from({ length: count }, (_, i) => ({ first: i, last: i }));
}
