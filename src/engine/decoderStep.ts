// A loaded decoder as a step function for generation: with its key/value cache where the graph returns one.
import type { Step } from '../generation/step';
import { UserError } from '../shared/errors';
import type { NamedTensors, Tensor } from '../shared/tensor';
import { arrayOf } from '../shared/tensor';
import type { StackInputs } from './feeds';
import type { Stack } from './stack';

/** What was read so far. Without a cache the ids themselves are kept and read again. */
interface DecoderState {
  readonly encoder: StackInputs['encoder'];
  readonly length: number;
  readonly past: NamedTensors | undefined;
  readonly ids: readonly (readonly number[])[];
}

/**
 * @param encoder The source of a batch, for decoders with cross-attention.
 * @throws UserError `modelUnsupported` when the graph returns no logits.
 */
export function decoderStep(
  stack: Stack,
  batch: number,
  encoder: StackInputs['encoder'],
): Step<DecoderState> {
  const { output } = stack.anatomy;
  if (!output) {
    const message =
      'This model has no output over its vocabulary that could be found, so it cannot write text.';
    throw new UserError('modelUnsupported', message);
  }
  const { cache } = stack;
  const fetches = [output.logits, ...(cache?.values() ?? [])];
  const ids = Array.from({ length: batch }, () => []);
  return {
    vocabulary: output.vocabulary,
    start: { encoder, length: 0, past: undefined, ids },
    advance: async (state, next, signal, positions) => {
      const read = state.ids.map((row, i) => [...row, ...(next[i] ?? [])]);
      const fed = cache ? next : read;
      const past = state.past && { tensors: state.past, length: state.length };
      const real = fed.map((row) => row.map(() => true));
      const inputs: StackInputs = { ids: fed, real, encoder: state.encoder, past };
      const results = await stack.session.run(stack.feeds(inputs), fetches, signal);
      return {
        logits: lastLogits(results[output.logits], output.vocabulary, positions),
        state: {
          encoder: state.encoder,
          length: read[0]?.length ?? 0,
          past:
            cache &&
            Object.fromEntries([...cache].map(([input, present]) => [input, need(results, present)])),
          ids: read,
        },
      };
    },
    select: (state, rows) => ({
      encoder: state.encoder && {
        states: takeRows(state.encoder.states, rows, state.ids.length),
        real: rows.map((row) => state.encoder?.real[row] ?? []),
      },
      length: state.length,
      past:
        state.past &&
        Object.fromEntries(
          Object.entries(state.past).map(([name, tensor]) => [
            name,
            takeRows(tensor, rows, state.ids.length),
          ]),
        ),
      ids: rows.map((row) => state.ids[row] ?? []),
    }),
  };
}

/** `[batch, length, vocabulary]` → the last positions of each sequence, `[batch, positions, vocabulary]`. */
function lastLogits(logits: Tensor | undefined, vocabulary: number, positions: number): Float32Array {
  if (!(logits?.data instanceof Float32Array)) {
    throw new UserError('modelUnsupported', 'The logits of this model are no float32 numbers.');
  }
  const [batch = 1, length = 1] = logits.dims;
  if (length === positions) {
    return logits.data;
  }
  const size = positions * vocabulary;
  const last = new Float32Array(batch * size);
  for (let row = 0; row < batch; row++) {
    const end = (row + 1) * length * vocabulary;
    last.set(logits.data.subarray(end - size, end), row * size);
  }
  return last;
}

function need(results: NamedTensors, name: string): Tensor {
  const tensor = results[name];
  if (!tensor) {
    throw new UserError('internal', `The run did not return '${name}'.`);
  }
  return tensor;
}

/** Other sequences of a batch; some caches hold batch and heads in one axis, so a sequence may be several rows. */
function takeRows(tensor: Tensor, rows: readonly number[], batch: number): Tensor {
  const { type, dims, data } = tensor;
  const [first = 0, ...rest] = dims;
  if (first % batch !== 0) {
    throw new UserError('modelUnsupported', 'The cache of this model does not begin with the batch.');
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const size = bytes.length / batch;
  const taken = new Uint8Array(size * rows.length);
  rows.forEach((row, index) => taken.set(bytes.subarray(row * size, (row + 1) * size), index * size));
  return { type, dims: [(first / batch) * rows.length, ...rest], data: new arrayOf[type](taken.buffer) };
}
