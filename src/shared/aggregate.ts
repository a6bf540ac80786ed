// From pieces to words: sum over the key pieces, mean over the query pieces, so that a word's row still sums to one.
import type { Matrix } from './tensor';

/** Consecutive pieces `[first, last]`; a Word is one. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * `[query pieces, key pieces]` → `[query words, key words]`. Rows of weights keep their sum.
 * Returns the matrix itself where every word is one piece.
 */
export function aggregate(matrix: Matrix, queries: readonly Span[], keys: readonly Span[]): Matrix {
  if (isEachPiece(queries, matrix.rows) && isEachPiece(keys, matrix.columns)) {
    return matrix;
  }
  const columns = keys.length;
  const data = new Float32Array(queries.length * columns);
  queries.forEach(({ first, last }, row) => {
    const start = row * columns;
    for (let query = first; query <= last; query++) {
      const from = query * matrix.columns;
      for (let column = 0; column < columns; column++) {
        const key = keys[column];
        let sum = 0;
        for (let k = key.first; k <= key.last; k++) {
          sum += matrix.data[from + k];
        }
        data[start + column] += sum;
      }
    }
    const pieces = last - first + 1;
    for (let column = 0; pieces > 1 && column < columns; column++) {
      data[start + column] /= pieces;
    }
  });
  return { rows: queries.length, columns, data };
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
          all = marks[q * columns + k];
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

function isEachPiece(spans: readonly Span[], pieces: number): boolean {
  return spans.length === pieces && spans.every(({ first, last }, i) => first === i && last === i);
}
