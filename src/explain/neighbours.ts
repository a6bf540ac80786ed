// Nearest neighbours by cosine in a matrix of vectors, such as the embedding.
import type { Neighbour } from '../shared/insight';
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';

/** The `count` rows of `[n, width]` with the largest cosine to `vector`, `without` left out; zero rows are never among them. */
export function nearest(
  matrix: Matrix,
  vector: Float32Array,
  count: number,
  without: ReadonlySet<number> = new Set(),
): readonly Neighbour[] {
  const { rows, columns, data } = matrix;
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  const best: Neighbour[] = [];
  for (let row = 0, at = 0; row < rows; row++) {
    let [dot, squares] = [0, 0];
    for (let i = 0; i < columns; i++, at++) {
      const value = data[at];
      dot += value * vector[i];
      squares += value * value;
    }
    const cosine = squares === 0 || length === 0 ? -Infinity : dot / (Math.sqrt(squares) * length);
    const worst = best.length < count ? -Infinity : best[best.length - 1].cosine;
    if (cosine > worst && !without.has(row)) {
      const place = best.findIndex((other) => other.cosine < cosine);
      best.splice(place < 0 ? best.length : place, 0, { row, cosine });
      best.length = Math.min(best.length, count);
    }
  }
  return best;
}

/** A row of the matrix as the vector, itself left out. */
export function nearestToRow(matrix: Matrix, row: number, count: number): readonly Neighbour[] {
  return nearest(matrix, rowOf(matrix, row), count, new Set([row]));
}
