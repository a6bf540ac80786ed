// What the operators for attention read, each by its own order of inputs; documented in the ONNX standard and onnxruntime's ContribOperators.
import type { OnnxNode } from '../onnx/model';
import type { GraphFacts } from './graphFacts';
import { floatAttribute, intAttribute, intsAttribute } from './symbolic/attributes';

/** How a query, key or value lies in the input it is taken from. */
export type FusedForm =
  /** `[batch, rows, heads·d]` */
  | { readonly form: 'flat' }
  /** `[batch, heads, rows, d]` */
  | { readonly form: 'heads' }
  /** Columns `[from, from + width)` of `[batch, rows, width]`. */
  | { readonly form: 'columns'; readonly from: number; readonly width: number };

export interface FusedInput {
  readonly tensor: string;
  readonly lies: FusedForm;
  /** Elements `[from, from + width)` of this vector are added first; an infinite width takes the rest. */
  readonly bias?: { readonly tensor: string; readonly from: number; readonly width: number };
}

/** A fused attention as its inputs. */
export interface FusedInputs {
  readonly heads: number;
  readonly keyValueHeads: number;
  /** d_k; 0 when the shapes do not say. */
  readonly headSize: number;
  readonly query: FusedInput;
  readonly key: FusedInput;
  readonly value: FusedInput;
  /** The operator's first input is multiplied by this weight to give query, key and value side by side. */
  readonly projection?: {
    readonly input: string;
    readonly weight: string;
    readonly bias: string | undefined;
  };
  /** Quantised operands of that projection. */
  readonly quantised?: {
    readonly scale: string;
    readonly zeroPoint: string | undefined;
    readonly weightScale: string;
    readonly weightZeroPoint: string | undefined;
  };
  /** Earlier keys and values `[batch, heads, past, d]`; the same name for both: `[2, batch, heads, past, d]`. */
  readonly pastKey: string | undefined;
  readonly pastValue: string | undefined;
  /** The operator's own result of past and new keys, where it has one: then rotated, too. */
  readonly presentKey: string | undefined;
  readonly presentValue: string | undefined;
  /** From the attribute; undefined for 1/√d_k. */
  readonly scale: number | undefined;
  /**
   * Where the first query stands among the keys, if later ones are removed: right after the past; so that the last query
   * meets the last key; or by the length of each text.
   */
  readonly causal: 'fromPast' | 'fromLast' | 'byLengths' | undefined;
  /** Keys further back than this are removed. */
  readonly window: number | undefined;
  /** 1 or true keeps a key: `[batch]` lengths, `[batch, keys]` or `[batch, queries, keys]`. */
  readonly padding: string | undefined;
  /** What the operator adds where `padding` is 0. */
  readonly filter: number;
  /** Added to the scores, or where boolean, true keeps; broadcast to `[batch, heads, query, key]`. */
  readonly scoreBias: string | undefined;
  /** GroupQueryAttention: number of valid keys − 1 per text. */
  readonly lengths: string | undefined;
  readonly rotary:
    | {
        readonly cosines: string;
        readonly sines: string;
        readonly positions: string | undefined;
        readonly interleaved: boolean;
      }
    | undefined;
  /** Softmax with a column more: a number per head, or 0. */
  readonly sink: string | 'zero' | undefined;
}

/** Largest finite float32, negative: what causal masks add. */
export const LOWEST = -3.4028234663852886e38;
/** Default of `mask_filter_value`. */
const FILTER = -10000;

/** Name of a tensor that taps add beside a fused operator. */
export function fusedTensor(output: string, stage: string): string {
  return `${output}/${stage}`;
}

/** The inputs of a fused attention; a sentence when its form is not supported; undefined when it is no attention. */
export function fusedInputs(facts: GraphFacts, node: OnnxNode): FusedInputs | string | undefined {
  if (node.domain === '' || node.domain === 'ai.onnx') {
    return node.opType === 'Attention' ? standardAttention(facts, node) : undefined;
  }
  if (node.domain !== 'com.microsoft') {
    return undefined;
  }
  switch (node.opType) {
    case 'Attention':
      return packedProjection(facts, node);
    case 'QAttention':
      return quantisedProjection(facts, node);
    case 'MultiHeadAttention':
      return multiHead(facts, node);
    case 'GroupQueryAttention':
      return groupQuery(facts, node);
    default:
      return undefined;
  }
}

const given = (node: OnnxNode, input: number): string | undefined => node.inputs[input] || undefined;
const made = (node: OnnxNode, output: number): string | undefined => node.outputs[output] || undefined;
const scaleOf = (node: OnnxNode): number | undefined => floatAttribute(node, 'scale') || undefined;

const COMMON = {
  window: undefined,
  lengths: undefined,
  rotary: undefined,
  sink: undefined,
  presentKey: undefined,
  presentValue: undefined,
} as const;

/** `Attention` (opset 23): Q, K, V of three or four axes, mask, past key, past value. */
function standardAttention(facts: GraphFacts, node: OnnxNode): FusedInputs | string {
  const [query, key, value] = node.inputs;
  const four = facts.rank(query) === 4;
  const heads = four ? facts.numericDim(query, 1) : intAttribute(node, 'q_num_heads');
  const keyValueHeads = four ? facts.numericDim(key, 1) : intAttribute(node, 'kv_num_heads');
  if (heads === undefined || keyValueHeads === undefined) {
    return 'The number of heads stands neither in the operator nor in the shapes of its inputs.';
  }
  if (given(node, 6) !== undefined) {
    return 'It takes the number of valid keys as an input, which is not supported.';
  }
  const width = facts.numericDim(query, -1) ?? 0;
  const lies: FusedForm = { form: four ? 'heads' : 'flat' };
  return {
    ...COMMON,
    heads,
    keyValueHeads,
    headSize: four ? width : width / heads,
    query: { tensor: query, lies },
    key: { tensor: key, lies },
    value: { tensor: value, lies },
    pastKey: given(node, 4),
    pastValue: given(node, 5),
    scale: scaleOf(node),
    causal: intAttribute(node, 'is_causal') === 1 ? 'fromPast' : undefined,
    padding: undefined,
    filter: LOWEST,
    scoreBias: given(node, 3),
  };
}

/** `Attention`: input, weight, bias, mask, past, attention bias. */
function packedProjection(facts: GraphFacts, node: OnnxNode): FusedInputs | string {
  const projection = { input: node.inputs[0], weight: node.inputs[1], bias: given(node, 2) };
  const [mask, past, scoreBias] = [given(node, 3), given(node, 4), given(node, 5)];
  if (intAttribute(node, 'do_rotary') === 1) {
    return 'It rotates queries and keys itself, which is not supported for this operator.';
  }
  return withProjection(facts, node, projection, mask, past, scoreBias);
}

/** `QAttention`: input, weight, bias, input scale, weight scale, mask, input zero point, weight zero point, past. */
function quantisedProjection(facts: GraphFacts, node: OnnxNode): FusedInputs | string {
  const projection = { input: node.inputs[0], weight: node.inputs[1], bias: given(node, 2) };
  const found = withProjection(facts, node, projection, given(node, 5), given(node, 8), undefined);
  const quantised = {
    scale: node.inputs[3],
    weightScale: node.inputs[4],
    zeroPoint: given(node, 6),
    weightZeroPoint: given(node, 7),
  };
  return typeof found === 'string' ? found : { ...found, quantised };
}

function withProjection(
  facts: GraphFacts,
  node: OnnxNode,
  projection: NonNullable<FusedInputs['projection']>,
  mask: string | undefined,
  past: string | undefined,
  scoreBias: string | undefined,
): FusedInputs | string {
  const heads = intAttribute(node, 'num_heads');
  const width = facts.numericDim(projection.weight, 1);
  if (heads === undefined || width === undefined) {
    return 'The number of heads or the width of its weight is not stated.';
  }
  const sizes = intsAttribute(node, 'qkv_hidden_sizes') ?? [width / 3, width / 3, width / 3];
  const part = (item: number): FusedInput => ({
    tensor: projection.input,
    lies: { form: 'columns', from: sizes.slice(0, item).reduce((a, b) => a + b, 0), width: sizes[item] },
  });
  return {
    ...COMMON,
    heads,
    keyValueHeads: heads,
    headSize: sizes[0] / heads,
    query: part(0),
    key: part(1),
    value: part(2),
    projection,
    pastKey: past,
    pastValue: past,
    scale: scaleOf(node),
    causal: intAttribute(node, 'unidirectional') === 1 ? 'fromLast' : undefined,
    padding: mask,
    filter: floatAttribute(node, 'mask_filter_value') ?? FILTER,
    scoreBias,
  };
}

/** `MultiHeadAttention`: query, key, value, bias, padding, attention bias, past key, past value. */
function multiHead(facts: GraphFacts, node: OnnxNode): FusedInputs | string {
  const heads = intAttribute(node, 'num_heads');
  const [query, key, value, bias] = [node.inputs[0], given(node, 1), given(node, 2), given(node, 3)];
  if (heads === undefined) {
    return 'The number of heads is not stated.';
  }
  if (given(node, 9) !== undefined) {
    return 'Its cache is read through an index for beam search.';
  }
  const keyRank = facts.rank(key ?? '');
  if (facts.rank(query) === 5 || keyRank === 5 || key === undefined || value === undefined) {
    return 'Its queries, keys and values are packed into one tensor, a form that the runtime computes on some graphics cards only.';
  }
  const width = facts.numericDim(query, -1) ?? 0;
  const biasOf = (item: number): Pick<FusedInput, 'bias'> =>
    bias === undefined || width === 0
      ? {}
      : { bias: { tensor: bias, from: item * width, width: item === 2 ? Infinity : width } };
  const input = (tensor: string, item: number): FusedInput =>
    // Keys and values of four axes were projected before, bias included.
    item > 0 && keyRank === 4
      ? { tensor, lies: { form: 'heads' } }
      : { tensor, lies: { form: 'flat' }, ...biasOf(item) };
  return {
    ...COMMON,
    heads,
    keyValueHeads: heads,
    headSize: width / heads,
    query: input(query, 0),
    key: input(key, 1),
    value: input(value, 2),
    pastKey: given(node, 6),
    pastValue: given(node, 7),
    scale: scaleOf(node),
    causal: intAttribute(node, 'unidirectional') === 1 ? 'fromLast' : undefined,
    padding: given(node, 4),
    filter: floatAttribute(node, 'mask_filter_value') ?? FILTER,
    scoreBias: given(node, 5),
  };
}

/** `GroupQueryAttention`: query, key, value, past key, past value, lengths, total, cosines, sines, positions, bias, sink. */
function groupQuery(facts: GraphFacts, node: OnnxNode): FusedInputs | string {
  const heads = intAttribute(node, 'num_heads');
  const keyValueHeads = intAttribute(node, 'kv_num_heads');
  if (heads === undefined || keyValueHeads === undefined) {
    return 'The number of heads is not stated.';
  }
  const [query, key, value] = [node.inputs[0], given(node, 1), given(node, 2)];
  const width = facts.numericDim(query, -1) ?? 0;
  const headSize = key === undefined ? width / (heads + 2 * keyValueHeads) : width / heads;
  const columns = (from: number, count: number): FusedInput => ({
    tensor: query,
    lies: { form: 'columns', from: from * headSize, width: count * headSize },
  });
  const flat = (tensor: string): FusedInput => ({ tensor, lies: { form: 'flat' } });
  const window = intAttribute(node, 'local_window_size') ?? -1;
  const [cosines, sines] = [given(node, 7), given(node, 8)];
  const rotates = intAttribute(node, 'do_rotary') === 1 && cosines !== undefined && sines !== undefined;
  if (headSize === 0) {
    return 'The width of its query is not known.';
  }
  return {
    ...COMMON,
    heads,
    keyValueHeads,
    headSize,
    query: key === undefined ? columns(0, heads) : flat(query),
    key: key === undefined ? columns(heads, keyValueHeads) : flat(key),
    value: value === undefined ? columns(heads + keyValueHeads, keyValueHeads) : flat(value),
    pastKey: given(node, 3),
    pastValue: given(node, 4),
    presentKey: made(node, 1),
    presentValue: made(node, 2),
    scale: scaleOf(node),
    causal: 'byLengths',
    window: window > 0 ? window : undefined,
    padding: undefined,
    filter: LOWEST,
    scoreBias: given(node, 10),
    lengths: given(node, 5),
    rotary: rotates
      ? {
          cosines,
          sines,
          positions: given(node, 9),
          interleaved: intAttribute(node, 'rotary_interleaved') === 1,
        }
      : undefined,
    sink: given(node, 11) ?? (intAttribute(node, 'smooth_softmax') === 1 ? 'zero' : undefined),
  };
}
