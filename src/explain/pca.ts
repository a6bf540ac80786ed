// Principal components of a few vectors in two dimensions, always with the same signs. Exact, not iterative over features.
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';

export interface Projection {
  /** `[rows, 2]` */
  readonly points: Matrix;
  /** Share of the variance that each axis holds. */
  readonly explained: readonly [number, number];
}

/**
 * PCA (Pearson 1901) of the rows of `[n, width]`: eigenvectors of the Gram matrix of centred rows, by Jacobi rotations,
 * so that it costs n³ and not width³. Each axis points to where its largest coordinate is positive.
 */
export function pca(rows: Matrix): Projection {
  const { rows: n, columns } = rows;
  const mean = new Float64Array(columns);
  for (let row = 0; row < n; row++) {
    rowOf(rows, row).forEach((value, i) => (mean[i] += value / n));
  }
  const centred = Array.from({ length: n }, (_, row) =>
    Float64Array.from(rowOf(rows, row), (x, i) => x - mean[i]),
  );
  const gram = centred.map((a) =>
    Float64Array.from(centred, (b) => a.reduce((sum, x, i) => sum + x * b[i], 0)),
  );
  const { values, vectors } = jacobi(gram);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const data = new Float32Array(n * 2);
  const axes = [0, 1].map((axis) => {
    const at = order[axis];
    const value = at === undefined ? 0 : Math.max(0, values[at]);
    const coordinates = Array.from({ length: n }, (_, row) =>
      at === undefined ? 0 : vectors[row][at] * Math.sqrt(value),
    );
    const sign =
      coordinates.reduce((best, x) => (Math.abs(x) > Math.abs(best) + 1e-9 ? x : best), 0) < 0 ? -1 : 1;
    coordinates.forEach((x, row) => (data[row * 2 + axis] = x * sign));
    return total === 0 ? 0 : value / total;
  });
  return { points: { rows: n, columns: 2, data }, explained: [axes[0], axes[1]] };
}

/** Eigenvalues and -vectors (columns) of a symmetric matrix, by cyclic Jacobi rotations; the matrix is changed. */
function jacobi(a: readonly Float64Array[]): {
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
} {
  const n = a.length;
  const v = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_x, j) => Number(i === j)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let trace = 0;
    for (let p = 0; p < n; p++) {
      trace += a[p][p] * a[p][p];
      for (let q = p + 1; q < n; q++) {
        off += a[p][q] * a[p][q];
      }
    }
    if (off <= 1e-22 * trace) {
      break;
    }
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        rotate(a, v, p, q);
      }
    }
  }
  return { values: a.map((row, i) => row[i]), vectors: v };
}

function rotate(a: readonly Float64Array[], v: readonly Float64Array[], p: number, q: number): void {
  if (a[p][q] === 0) {
    return;
  }
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k][p], a[k][q]];
    a[k][p] = c * x - s * y;
    a[k][q] = s * x + c * y;
  }
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[p][k], a[q][k]];
    a[p][k] = c * x - s * y;
    a[q][k] = s * x + c * y;
    const [u, w] = [v[k][p], v[k][q]];
    v[k][p] = c * u - s * w;
    v[k][q] = s * u + c * w;
  }
}
