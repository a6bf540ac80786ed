// A classifier of whole texts on the states of a model, in place of its output over the vocabulary.
import { int, intTensor, node, untyped, value } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { add } from '../onnx/graphEdits';
import { ElementType } from '../onnx/model';
import { UserError } from '../shared/errors';
import type { Generator } from './generator';
import type { JoinedGraph } from './joinGraphs';
import { ATTENTION_MASK } from './joinGraphs';
import type { Parameter } from './trainingStack';

/** How a training graph ends. */
export interface GraphEnd {
  readonly edit: GraphEdit;
  /** The graph's only output, `[batch, places, classes]`. */
  readonly logits: string;
  /** Parameters that are not weights of the model. */
  readonly parameters: readonly Parameter[];
}

/** Names of the weight `[width, classes]` and the bias `[classes]`. */
export const HEAD_WEIGHT = 'head/weight';
export const HEAD_BIAS = 'head/bias';
const HEAD_LOGITS = 'head/logits';

/**
 * The mean of the states over all tokens that are no padding, times a weight, plus a bias: logits `[batch, 1, classes]`. In
 * operators of set 13 and later.
 *
 * @throws UserError `modelUnsupported` when the states were not found.
 */
export function classificationHead(
  { states }: Pick<JoinedGraph, 'states'>,
  width: number,
  classes: number,
): GraphEnd {
  if (states === undefined || width === 0) {
    const message =
      'The states of this model were not found, so no classifier can be put on it. Choose another model.';
    throw new UserError('modelUnsupported', message);
  }
  const at = (part: string): string => `head/${part}`;
  const edit = add({
    initializers: [intTensor(at('axis'), [1], [1])],
    inputs: [
      value(HEAD_WEIGHT, ElementType.float32, [width, classes]),
      value(HEAD_BIAS, ElementType.float32, [classes]),
    ],
    nodes: [
      node('Cast', [ATTENTION_MASK], [at('present')], { to: int(ElementType.float32) }),
      node('ReduceSum', [at('present'), at('axis')], [at('count')], { keepdims: int(1) }),
      node('Div', [at('present'), at('count')], [at('share')]),
      node('Unsqueeze', [at('share'), at('axis')], [at('shares')]),
      node('MatMul', [at('shares'), states], [at('pooled')]),
      node('MatMul', [at('pooled'), HEAD_WEIGHT], [at('product')]),
      node('Add', [at('product'), HEAD_BIAS], [HEAD_LOGITS]),
    ],
  });
  return {
    edit: (graph) => ({ ...edit(graph), outputs: [untyped(HEAD_LOGITS)] }),
    logits: HEAD_LOGITS,
    parameters: [
      { name: HEAD_WEIGHT, dims: [width, classes], places: [], decays: true },
      { name: HEAD_BIAS, dims: [classes], places: [], decays: false },
    ],
  };
}

/** Normal with deviation 0.02 as in BERT; a bias is zero. */
export function initialHead(dims: readonly number[], generator: Generator): Float32Array<ArrayBuffer> {
  const size = dims.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, () => (dims.length > 1 ? 0.02 * generator.normal() : 0));
}
