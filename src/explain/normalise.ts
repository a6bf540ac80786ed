// What LayerNorm does to states, and what BatchNorm would do to the same ones; norms of the residual stream.
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';

/** Gain and bias of a norm, `[width]`; left out: ones and zeros. */
export interface Affine {
  readonly gain?: Float32Array;
  readonly bias?: Float32Array;
  readonly epsilon: number;
}

/** LayerNorm over each row of `[token, width]`: `(x − mean) ÷ √(variance + ε)·γ + β` (Ba et al. 2016, section 3). */
export function layerNorm(states: Matrix, { gain, bias, epsilon }: Affine): Matrix {
  const { rows, columns } = states;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const x = rowOf(states, row);
    const mean = x.reduce((sum, value) => sum + value, 0) / columns;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (let i = 0; i < columns; i++) {
      data[row * columns + i] = (x[i] - mean) * scale * (gain?.[i] ?? 1) + (bias?.[i] ?? 0);
    }
  }
  return { rows, columns, data };
}

/** RMSNorm over each row: `x ÷ √(mean x² + ε)·γ` (Zhang & Sennrich 2019, equation 4). */
export function rmsNorm(states: Matrix, { gain, epsilon }: Affine): Matrix {
  const { rows, columns } = states;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const x = rowOf(states, row);
    const scale = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / columns + epsilon);
    for (let i = 0; i < columns; i++) {
      data[row * columns + i] = x[i] * scale * (gain?.[i] ?? 1);
    }
  }
  return { rows, columns, data };
}

/**
 * BatchNorm in training mode over the same states: each dimension is normalised over all rows, i.e. the tokens of the
 * batch (Ioffe & Szegedy 2015, algorithm 1), with the norm's own gain and bias. A token then depends on the others.
 * Rows with `real` false (padding) neither count nor change.
 */
export function batchNorm(
  states: Matrix,
  { gain, bias, epsilon }: Affine,
  real?: readonly boolean[],
): Matrix {
  const { rows, columns } = states;
  const data = states.data.slice();
  const used = Array.from({ length: rows }, (_, row) => row).filter((row) => real?.[row] !== false);
  for (let i = 0; i < columns; i++) {
    const at = (row: number): number => states.data[row * columns + i];
    const mean = used.reduce((sum, row) => sum + at(row), 0) / used.length;
    const variance = used.reduce((sum, row) => sum + (at(row) - mean) ** 2, 0) / used.length;
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (const row of used) {
      data[row * columns + i] = (at(row) - mean) * scale * (gain?.[i] ?? 1) + (bias?.[i] ?? 0);
    }
  }
  return { rows, columns, data };
}

/** Euclidean length of each row: ‖x‖ of each token `[rows]`. */
export function rowNorms(states: Matrix): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: states.rows }, (_, row) =>
    Math.sqrt(rowOf(states, row).reduce((sum, value) => sum + value * value, 0)),
  );
}
