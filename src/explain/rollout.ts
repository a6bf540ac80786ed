// Attention rollout: how attention of all layers together leads from a token back to the input.
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
  const start: Matrix = { rows: n, columns: n, data: Float32Array.from(identity(n)) };
  return layers.reduce((joint, layer) => halfway(joint, layer, joint), start);
}

/**
 * The same for an encoder-decoder: at every layer half of a target token's state stays, and half is mixed from the target
 * tokens that its self-attention reads, then from the source tokens that its cross-attention reads, each of which stands for
 * the source tokens of the encoder's own rollout. `[target, source]`; what is missing in a row to one is the target's own.
 *
 * @param self `[target, target]` of every decoder layer, mean of heads; `cross` `[target, source]` likewise.
 */
export function rolloutThroughDecoder(
  encoder: readonly Matrix[],
  self: readonly Matrix[],
  cross: readonly Matrix[],
): Matrix {
  const source = rollout(encoder);
  const [{ rows: targets }] = cross;
  let joint: Matrix = {
    rows: targets,
    columns: source.columns,
    data: new Float32Array(targets * source.columns),
  };
  cross.forEach((layer, index) => {
    joint = halfway(joint, self[index], joint);
    joint = halfway(joint, layer, source);
  });
  return joint;
}

/** `½·stays + ½·attention·values` */
function halfway(stays: Matrix, attention: Matrix, values: Matrix): Matrix {
  const { rows, columns } = stays;
  const next = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      next[i * columns + j] = 0.5 * stays.data[i * columns + j];
    }
    for (let k = 0; k < attention.columns; k++) {
      const weight = 0.5 * attention.data[i * attention.columns + k];
      for (let j = 0; weight !== 0 && j < columns; j++) {
        next[i * columns + j] += weight * values.data[k * columns + j];
      }
    }
  }
  return { rows, columns, data: Float32Array.from(next) };
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
}
