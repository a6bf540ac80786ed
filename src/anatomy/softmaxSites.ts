// Finds softmaxes whose result multiplies values and whose input comes from a dot product: attention, spelled out.
import type { OnnxNode } from '../onnx/model';
import type { GraphFacts } from './graphFacts';
import { findScorePath, type ScorePath } from './scorePath';
import { intAttribute } from './symbolic/attributes';

/** An attention as nodes. */
export interface SoftmaxSite {
  /** The node with the softmax's result: a Softmax, or the division that ends one spelled out. */
  readonly softmax: OnnxNode;
  /** What enters the softmax. */
  readonly input: string;
  /** The softmax's result, after a guard against rows of NaN where the graph has one. */
  readonly weights: string;
  readonly path: ScorePath;
  /** The product of weights and values, and which operand the weights are. */
  readonly mixing: OnnxNode;
  readonly weightsOperand: number;
}

/** Operators between the weights and their product with the values. */
const BETWEEN = new Set([
  'Cast',
  'Identity',
  'Dropout',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Mul',
  'Where',
  'Slice',
]);
const MIXING = new Set(['MatMul', 'FusedMatMul', 'TransposeMatMul', 'Einsum']);
const MAX_STEPS = 8;

export function findSoftmaxSites(facts: GraphFacts): readonly SoftmaxSite[] {
  return facts.order.flatMap((softmax) => {
    const input = softmaxInput(facts, softmax);
    const mixed = input === undefined ? undefined : findMixing(facts, softmax.outputs[0]);
    const path = input !== undefined && mixed ? findScorePath(facts, input) : undefined;
    return input !== undefined && mixed && path ? [{ softmax, input, path, ...mixed }] : [];
  });
}

/** What the softmax over the last axis is taken of, if the node ends one. */
function softmaxInput(facts: GraphFacts, node: OnnxNode): string | undefined {
  if (node.opType === 'Softmax') {
    return isOverLastAxis(facts, node) ? node.inputs[0] : undefined;
  }
  return node.opType === 'Div' ? spelledOut(facts, node) : undefined;
}

/** exp(x − max x) ÷ Σ exp(x − max x), as some exporters write a softmax; the maximum may be missing. */
function spelledOut(facts: GraphFacts, { inputs: [powers, total] }: OnnxNode): string | undefined {
  const exp = facts.producer(powers);
  const sum = facts.producer(total);
  if (
    exp?.opType !== 'Exp' ||
    sum?.opType !== 'ReduceSum' ||
    sum.inputs[0] !== powers ||
    facts.numericDim(total, -1) !== 1
  ) {
    return undefined;
  }
  const shifted = facts.producer(exp.inputs[0]);
  const highest = shifted?.opType === 'Sub' ? facts.producer(shifted.inputs[1]) : undefined;
  const isShift = shifted && highest?.opType === 'ReduceMax' && highest.inputs[0] === shifted.inputs[0];
  return isShift ? shifted.inputs[0] : exp.inputs[0];
}

/** Softmax (opset 13): `axis` defaults to −1. Before: to 1, with everything behind that axis flattened. */
function isOverLastAxis(facts: GraphFacts, softmax: OnnxNode): boolean {
  const axis = intAttribute(softmax, 'axis') ?? (facts.opset >= 13 ? -1 : 1);
  const rank = facts.rank(softmax.inputs[0]);
  return axis === -1 || (rank === undefined ? axis >= 2 : axis === rank - 1);
}

type Mixing = Pick<SoftmaxSite, 'weights' | 'mixing' | 'weightsOperand'>;

/** Follows the weights forward to the product with something that is not a weight of the model. */
function findMixing(facts: GraphFacts, softmaxOutput: string): Mixing | undefined {
  const queue = [{ tensor: softmaxOutput, weights: softmaxOutput, steps: 0 }];
  for (let item = queue.shift(); item; item = queue.shift()) {
    for (const { node, input } of facts.consumers(item.tensor)) {
      if (input < 0) {
        continue;
      }
      if (MIXING.has(node.opType) && node.inputs.length === 2) {
        const other = node.inputs[1 - input];
        const isLeft = input === 0 || node.opType === 'Einsum';
        if (isLeft && !facts.weight(other) && other !== item.tensor) {
          return { weights: item.weights, mixing: node, weightsOperand: input };
        }
      } else if (BETWEEN.has(node.opType) && item.steps < MAX_STEPS && keepsWeights(node, input)) {
        const [tensor] = node.outputs;
        const guards = node.opType === 'Where' || node.opType === 'Slice';
        queue.push({ tensor, weights: guards ? tensor : item.weights, steps: item.steps + 1 });
      }
    }
  }
  return undefined;
}

/** Whether the weights are what the node passes on: not the condition of a Where, not the shape of a Reshape. */
function keepsWeights(node: OnnxNode, input: number): boolean {
  switch (node.opType) {
    case 'Where':
      return input > 0;
    case 'Mul':
      return true;
    default:
      return input === 0;
  }
}
