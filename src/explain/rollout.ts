// Attention rollout, and how far two rankings of tokens agree.
import type { Matrix } from '../shared/tensor';

/** Mean over heads `[query, key]` of equally large matrices. */
export function meanOfHeads(heads: readonly Matrix[]): Matrix {
  const [{ rows, columns }] = heads;
  const data = new Float32Array(rows * columns);
  heads.forEach((head) => head.data.forEach((value, i) => (data[i] += value / heads.length)));
  return { rows, columns, data };
}

/**
 * Attention rollout (Abnar & Zuidema 2020, section 3): each layer's mean attention, half of it replaced by the identity
 * for the residual connection, multiplied up from the first layer. `[token, input token]`; rows sum to one.
 */
export function rollout(layers: readonly Matrix[]): Matrix {
  const [{ rows: n }] = layers;
  let joint = identity(n);
  for (const layer of layers) {
    const next = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const weight = 0.5 * layer.data[i * n + k] + (i === k ? 0.5 : 0);
        for (let j = 0; weight !== 0 && j < n; j++) {
          next[i * n + j] += weight * joint[k * n + j];
        }
      }
    }
    joint = next;
  }
  return { rows: n, columns: n, data: Float32Array.from(joint) };
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
}

/** Spearman's rank correlation, ties by their mean rank; undefined when one side does not vary. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number | undefined {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((rank, i) => {
    xy += (rank - mean) * (y[i] - mean);
    xx += (rank - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  });
  return xx === 0 || yy === 0 ? undefined : xy / Math.sqrt(xx * yy);
}

function ranks(values: ArrayLike<number>): number[] {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const result = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) {
      end++;
    }
    for (let i = start; i <= end; i++) {
      result[order[i]] = (start + end) / 2 + 1;
    }
    start = end + 1;
  }
  return result;
}
