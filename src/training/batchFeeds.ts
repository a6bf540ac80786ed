// The inputs of a training graph for one batch: tokens, labels, the numbers of the loss, and dropout masks.
import { CROSS_ENTROPY } from '../gradient/crossEntropy';
import type { NamedTensors, Tensor } from '../shared/tensor';
import { sizeOf } from '../shared/tensor';
import type { Generator } from './generator';
import { ATTENTION_MASK, DECODER_IDS, INPUT_IDS } from './joinGraphs';
import type { Batch } from './makeBatch';
import type { DropoutMask } from './trainingModel';

/** Tokens, labels and what the loss is computed with. */
export function batchFeeds(
  { input, inputMask, decoder, labels, labelWeights }: Batch,
  { smoothing, divisor }: { readonly smoothing: number; readonly divisor: number },
): NamedTensors {
  return {
    [INPUT_IDS]: input,
    [ATTENTION_MASK]: inputMask,
    ...(decoder && { [DECODER_IDS]: decoder }),
    [CROSS_ENTROPY.labels]: labels,
    [CROSS_ENTROPY.weights]: labelWeights,
    [CROSS_ENTROPY.smoothing]: scalar(smoothing),
    [CROSS_ENTROPY.divisor]: scalar(divisor),
  };
}

function scalar(number: number): Tensor {
  return { type: 'float32', dims: [], data: Float32Array.of(number) };
}

/** Fresh masks of the batch's shape, drawn in the order of the sites. */
export function maskFeeds(
  masks: readonly DropoutMask[],
  { input, decoder }: Batch,
  rate: number,
  generator: Generator,
): NamedTensors {
  const sizes = { batch: input.dims[0], length: input.dims[1], target_length: decoder?.dims[1] ?? 0 };
  const feeds: Record<string, Tensor> = {};
  for (const { mask, dims } of masks) {
    const shape = dims.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]));
    const data = new Float32Array(sizeOf(shape));
    generator.fillDropout(data, rate);
    feeds[mask] = { type: 'float32', dims: shape, data };
  }
  return feeds;
}
