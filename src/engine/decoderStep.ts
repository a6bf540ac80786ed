// A loaded decoder as a step function for generation: with its key/value cache where the graph returns one.
import type { Step } from '../generation/step';
import { UserError } from '../shared/errors';
import type { NamedTensors, Tensor } from '../shared/tensor';
import { arrayOf } from '../shared/tensor';
import type { StackInputs } from './feeds';
import type { Stack } from './stack';

type Encoder = NonNullable<StackInputs['encoder']>;

/** What was read so far. */
interface DecoderState {
  /** The source that each row of the batch belongs to. */
  readonly sources: readonly number[];
  /** What the encoder made of the source of each row. */
  readonly encoder: Encoder | undefined;
  /** Keys and values by input name; undefined at first, and for ever without a cache. */
  readonly past: Past | undefined;
  /** Tokens that were read. */
  readonly length: number;
  /** The tokens themselves, which are read again at every step; only where there is no cache. */
  readonly ids: readonly (readonly number[])[];
}

interface Past {
  /** Of the tokens that were read, for so many sequences. */
  readonly self: NamedTensors;
  readonly batch: number;
  /** Row `i` goes on from row `rows[i]` of `self`; left out: all from their own. */
  readonly rows?: readonly number[];
  /** Of the source: what the first step made of it stays as it is. */
  readonly cross: NamedTensors;
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
  const { output, inputs: roles } = stack.anatomy;
  if (!output) {
    const message =
      'This model has no output over its vocabulary that could be found, so it cannot write text.';
    throw new UserError('modelUnsupported', message);
  }
  const caches = [...(stack.cache ?? [])];
  const isCross = (input: string): boolean => {
    const role = roles[input];
    return role.role === 'past' && role.of === 'cross';
  };
  const self = caches.filter(([input]) => !isCross(input));
  const cross = caches.filter(([input]) => isCross(input));
  const fetches = [output.logits, ...self.map(([, present]) => present)];
  const firstFetches = [...fetches, ...cross.map(([, present]) => present)];
  const gather = rowGatherer();

  return {
    vocabulary: output.vocabulary,
    start: {
      sources: Array.from({ length: batch }, (_, source) => source),
      encoder,
      past: undefined,
      length: 0,
      ids: Array.from({ length: batch }, () => []),
    },
    advance: async (state, next, signal, positions) => {
      const { past } = state;
      const ids = stack.cache ? next : state.ids.map((row, i) => [...row, ...next[i]]);
      const inputs: StackInputs = {
        ids,
        real: ids.map((row) => row.map(() => true)),
        encoder: state.encoder,
        past: past && {
          tensors: { ...(past.rows ? gather(past.self, past.rows, past.batch) : past.self), ...past.cross },
          length: state.length,
        },
      };
      const results = await stack.session.run(stack.feeds(inputs), past ? fetches : firstFetches, signal);
      return {
        logits: lastLogits(results[output.logits], output.vocabulary, positions),
        state: {
          ...state,
          past: stack.cache && {
            self: presents(results, self),
            batch: ids.length,
            cross: past?.cross ?? presents(results, cross),
          },
          length: state.length + (next[0]?.length ?? 0),
          ids: stack.cache ? state.ids : ids,
        },
      };
    },
    select: (state, rows) => {
      const sources = rows.map((row) => state.sources[row]);
      const { past } = state;
      // Beams move among the rows of their source, where all that was made of the source is the same.
      const moved = String(sources) !== String(state.sources);
      return {
        sources,
        encoder: state.encoder && moved ? encoderRows(state.encoder, rows) : state.encoder,
        past: past && {
          self: past.self,
          batch: past.batch,
          rows: past.rows ? rows.map((row) => past.rows?.[row] ?? row) : rows,
          cross: moved ? takeRows(past.cross, rows, state.sources.length) : past.cross,
        },
        length: state.length,
        ids: rows.map((row) => state.ids[row] ?? []),
      };
    },
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

/** The outputs of a run under the names of the inputs that they continue. */
function presents(results: NamedTensors, pairs: readonly (readonly [string, string])[]): NamedTensors {
  return Object.fromEntries(
    pairs.map(([input, present]) => {
      if (!(present in results)) {
        throw new UserError('internal', `The run did not return '${present}'.`);
      }
      return [input, results[present]];
    }),
  );
}

function encoderRows({ states, real }: Encoder, rows: readonly number[]): Encoder {
  return { states: takeRows({ states }, rows, real.length)['states'], real: rows.map((row) => real[row]) };
}

/** Gives memory of at least so many bytes for the rows of a tensor. */
type Allocate = (bytes: number, name: string) => ArrayBuffer;

const newMemory: Allocate = (bytes) => new ArrayBuffer(bytes);

/**
 * Takes rows for one run of the graph, every time into the same memory: at each step of a beam search, collecting memory that
 * was used once would cost more than copying. What it returns holds until it is called again.
 */
function rowGatherer(): (tensors: NamedTensors, rows: readonly number[], batch: number) => NamedTensors {
  const memory = new Map<string, ArrayBuffer>();
  const allocate: Allocate = (bytes, name) => {
    let buffer = memory.get(name);
    if (!buffer || buffer.byteLength < bytes) {
      // The cache grows by a token at every step.
      buffer = new ArrayBuffer(2 * bytes);
      memory.set(name, buffer);
    }
    return buffer;
  };
  return (tensors, rows, batch) => takeRows(tensors, rows, batch, allocate);
}

/** Other sequences of a batch; some caches hold batch and heads in one axis, so a sequence may be several rows. */
function takeRows(
  tensors: NamedTensors,
  rows: readonly number[],
  batch: number,
  allocate = newMemory,
): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => {
      const [first = 0, ...rest] = dims;
      if (first % batch !== 0) {
        throw new UserError('modelUnsupported', 'The cache of this model does not begin with the batch.');
      }
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const size = bytes.length / batch;
      const buffer = allocate(size * rows.length, name);
      const taken = new Uint8Array(buffer);
      rows.forEach((row, index) => taken.set(bytes.subarray(row * size, (row + 1) * size), index * size));
      const elements = (size * rows.length) / data.BYTES_PER_ELEMENT;
      const tensor: Tensor = {
        type,
        dims: [(first / batch) * rows.length, ...rest],
        data: new arrayOf[type](buffer, 0, elements),
      };
      return [name, tensor];
    }),
  );
}
