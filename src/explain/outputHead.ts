// From a state to logits, as the end of a model does it: norm, what BERT puts in between, scale and projection.
import type { Activation } from '../shared/modelStructure';
import type { Matrix } from '../shared/tensor';
import { activate } from './activation';
import type { Affine } from './normalise';
import { layerNorm, rmsNorm } from './normalise';

export interface Norm extends Affine {
  readonly kind: 'layer' | 'rms';
}

/** A product with a weight: `[inputs, outputs]`, or `[outputs, inputs]` where `transposed`. */
export interface Linear {
  readonly weight: Float32Array;
  readonly transposed: boolean;
  readonly bias: Float32Array | undefined;
  readonly inputs: number;
  readonly outputs: number;
}

/** What stands between the last layer and the logits. */
export interface OutputHead {
  readonly norm: Norm | undefined;
  readonly transform:
    { readonly dense: Linear; readonly activation: Activation; readonly norm: Norm | undefined } | undefined;
  readonly scale: number;
  readonly projection: Linear;
}

/** `[rows, width]` states of any layer → `[rows, vocabulary]` logits. */
export function logitsOf(states: Matrix, { norm, transform, scale, projection }: OutputHead): Matrix {
  let rows = norm ? normalise(states, norm) : states;
  if (transform) {
    const hidden = linear(rows, transform.dense);
    const { activation } = transform;
    const bent = { ...hidden, data: hidden.data.map((value) => activate(activation, value)) };
    rows = transform.norm ? normalise(bent, transform.norm) : bent;
  }
  return linear(scale === 1 ? rows : { ...rows, data: rows.data.map((value) => value * scale) }, projection);
}

function normalise(states: Matrix, norm: Norm): Matrix {
  return norm.kind === 'rms' ? rmsNorm(states, norm) : layerNorm(states, norm);
}

/** `x·W + b`. Each row of a large weight is read once for all rows of `x`. */
export function linear(x: Matrix, { weight, transposed, bias, inputs, outputs }: Linear): Matrix {
  const data = new Float32Array(x.rows * outputs);
  if (transposed) {
    for (let out = 0; out < outputs; out++) {
      const start = bias?.[out] ?? 0;
      for (let row = 0; row < x.rows; row++) {
        let sum = start;
        for (let i = 0, at = row * inputs, w = out * inputs; i < inputs; i++) {
          sum += x.data[at + i] * weight[w + i];
        }
        data[row * outputs + out] = sum;
      }
    }
    return { rows: x.rows, columns: outputs, data };
  }
  for (let row = 0; row < x.rows; row++) {
    const target = data.subarray(row * outputs, (row + 1) * outputs);
    if (bias) {
      target.set(bias);
    }
    for (let i = 0; i < inputs; i++) {
      const factor = x.data[row * inputs + i];
      for (let out = 0, w = i * outputs; out < outputs; out++) {
        target[out] += factor * weight[w + out];
      }
    }
  }
  return { rows: x.rows, columns: outputs, data };
}
