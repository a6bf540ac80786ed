// The losses of the recording scripts (test/golden/recording/gradient.py): their labels, weights and directions follow from formulas.
import { CROSS_ENTROPY } from '../../../src/gradient/crossEntropy';
import { editModel } from '../../../src/onnx/editModel';
import { floatTensor, int, node, value } from '../../../src/onnx/graphBuilder';
import { add } from '../../../src/onnx/graphEdits';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import type { Numbers } from './runner';

/** sin(1.7·i + phase). */
export const wave = (count: number, phase: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));

/** Labels, weights and divisor for so many positions. */
export function lossFeeds(dims: readonly number[], classes: number): Record<string, Numbers> {
  const count = dims.reduce((a, b) => a * b, 1);
  const weights = Float64Array.from({ length: count }, (_, i) => (i % 3 === 2 ? 0 : 1 + (i % 2)));
  return {
    [CROSS_ENTROPY.labels]: {
      dims,
      values: Float64Array.from({ length: count }, (_, i) => (i * 7) % classes),
      type: 'int64',
    },
    [CROSS_ENTROPY.weights]: { dims, values: weights },
    [CROSS_ENTROPY.smoothing]: { dims: [], values: [0.1] },
    [CROSS_ENTROPY.divisor]: { dims: [], values: [weights.reduce((a, b) => a + b, 0)] },
  };
}

/** Σ states · wave: the loss of graphs without logits. */
export function withWaveLoss(model: OnnxModel, states: readonly number[]): OnnxModel {
  const count = states.reduce((a, b) => a * b, 1);
  return editModel(model, [
    add({
      nodes: [
        node('Mul', ['last_hidden_state', 'wave'], ['wave_product']),
        node('ReduceSum', ['wave_product'], ['loss'], { keepdims: int(0) }),
      ],
      initializers: [floatTensor('wave', states, wave(count, 0.3))],
      outputs: [value('loss', ElementType.float32, [])],
    }),
  ]);
}
