// Examples as the tensors of one run: padded ids, padding mask, labels and what each of them weighs.
import type { Tensor } from '../shared/tensor';
import type { TokenExample } from './data/readExamples';
import { NO_LABEL } from './data/readExamples';
import type { Generator } from './generator';

/** Ids `[batch, length]` (int64) of what one run reads. */
export interface Batch {
  readonly input: Tensor;
  /** 1 where `input` is no padding, `[batch, length]`, int64. */
  readonly inputMask: Tensor;
  /** Of an encoder-decoder: what the decoder reads, `[batch, target]`, int64. */
  readonly decoder: Tensor | undefined;
  /** `[batch, places]`, int64; 0 where none is asked for. */
  readonly labels: Tensor;
  /** 1 where a label counts, else 0; `[batch, places]`, float32. */
  readonly labelWeights: Tensor;
  /** How many labels count. */
  readonly labelCount: number;
  /** Tokens that are no padding, on both sides. */
  readonly tokens: number;
}

/** Masked language modelling as in BERT (Devlin et al. 2019, section 3.1). */
export interface Masking {
  readonly generator: Generator;
  /** Id of the mask token. */
  readonly mask: number;
  /** Random replacements are ids in [first, first + count). */
  readonly first: number;
  readonly count: number;
  /** Share of the places that are predicted; default 0.15. */
  readonly share?: number;
}

const MASKED_SHARE = 0.15;

/** Pads on the right. With `masking`, the labels are what may be masked, and some of it is. */
export function makeBatch(examples: readonly TokenExample[], pad: number, masking?: Masking): Batch {
  const read = masking ? examples.map((example) => masked(example, masking)) : examples;
  const inputs = read.map(({ input }) => input);
  const decoders = read.flatMap(({ decoder }) => (decoder ? [decoder] : []));
  const labels = read.map((example) => example.labels);
  const rows = padded(labels, NO_LABEL);
  const weights = Float32Array.from(rows.flat(), (label) => (label === NO_LABEL ? 0 : 1));
  const dims = [rows.length, rows[0]?.length ?? 0];
  return {
    input: ids(padded(inputs, pad)),
    inputMask: ids(
      padded(
        inputs.map((row) => row.map(() => 1)),
        0,
      ),
    ),
    decoder: decoders.length > 0 ? ids(padded(decoders, pad)) : undefined,
    labels: ids(rows.map((row) => row.map((label) => Math.max(0, label)))),
    labelWeights: { type: 'float32', dims, data: weights },
    labelCount: weights.reduce((sum, weight) => sum + weight, 0),
    tokens: [...inputs, ...decoders].reduce((sum, row) => sum + row.length, 0),
  };
}

function padded(rows: readonly (readonly number[])[], pad: number): number[][] {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return rows.map((row) => [...row, ...Array<number>(longest - row.length).fill(pad)]);
}

function ids(rows: readonly (readonly number[])[]): Tensor {
  return {
    type: 'int64',
    dims: [rows.length, rows[0]?.length ?? 0],
    data: BigInt64Array.from(rows.flat(), BigInt),
  };
}

/** Draws which places are to be predicted, of those that may be: about `share` of them, and at least one where there is any. */
export function placesToMask(
  labels: readonly number[],
  generator: Generator,
  share = MASKED_SHARE,
): readonly number[] {
  const places = labels.flatMap((label, i) => (label === NO_LABEL ? [] : [i]));
  const chosen = places.filter(() => generator.uniform() < share);
  return chosen.length > 0 || places.length === 0 ? chosen : [places[generator.below(places.length)]];
}

/** Of the chosen places 80 % read the mask token, 10 % a random one, 10 % what stands there; at least one is chosen. */
function masked(
  example: TokenExample,
  { generator, mask, first, count, share = MASKED_SHARE }: Masking,
): TokenExample {
  const chosen = new Set(placesToMask(example.labels, generator, share));
  const input = example.input.map((id, i) => {
    if (!chosen.has(i)) {
      return id;
    }
    const draw = generator.uniform();
    return draw < 0.8 ? mask : draw < 0.9 ? first + generator.below(count) : id;
  });
  return { ...example, input, labels: example.labels.map((label, i) => (chosen.has(i) ? label : NO_LABEL)) };
}
