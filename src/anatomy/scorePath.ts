// From the input of a softmax back to the product of queries and keys: every scale, mask and cap on the way.
import type { OnnxNode } from '../onnx/model';
import { scaleStep } from './axisRoles';
import type { GraphFacts } from './graphFacts';

/** One node between the dot product and the softmax. */
export type ScoreStep =
  | { readonly kind: 'same'; readonly node: OnnxNode; readonly from: string }
  | { readonly kind: 'scale'; readonly node: OnnxNode; readonly from: string; readonly factor: number }
  /** A scale that is learned or has more than one number. */
  | { readonly kind: 'learnedScale'; readonly node: OnnxNode; readonly from: string; readonly other: string }
  /** A mask of 0 and 1 multiplies the scores; what it leaves is pushed down afterwards. */
  | { readonly kind: 'gate'; readonly node: OnnxNode; readonly from: string; readonly other: string }
  /** `cap·tanh(x ÷ cap)`: only the tanh itself. */
  | { readonly kind: 'tanh'; readonly node: OnnxNode; readonly from: string }
  /** `other` is added, or subtracted when `sign` is −1. */
  | {
      readonly kind: 'add';
      readonly node: OnnxNode;
      readonly from: string;
      readonly other: string;
      readonly sign: 1 | -1;
    }
  | {
      readonly kind: 'where';
      readonly node: OnnxNode;
      readonly from: string;
      readonly condition: string;
      readonly keepsWhenTrue: boolean;
      readonly replacement: string;
    }
  /** Columns are appended that belong to no key (attention sinks). */
  | { readonly kind: 'sink'; readonly node: OnnxNode; readonly from: string };

/** The dot product and the steps after it, in the order in which they run. */
export interface ScorePath {
  readonly product: OnnxNode;
  readonly steps: readonly ScoreStep[];
}

const PRODUCTS = new Set(['MatMul', 'FusedMatMul', 'TransposeMatMul', 'Einsum']);
/** Operators that leave scores as they are or only keep them finite. */
const SAME = new Set(['Cast', 'Identity', 'Dropout', 'Clip', 'Reshape', 'Squeeze', 'Unsqueeze', 'Expand']);
const MAX_STEPS = 40;

/** The path to the dot product behind `tensor`; undefined when there is none. */
export function findScorePath(facts: GraphFacts, tensor: string): ScorePath | undefined {
  return search(facts, tensor, 0, new Set());
}

function search(facts: GraphFacts, tensor: string, depth: number, tried: Set<string>): ScorePath | undefined {
  const node = facts.producer(tensor);
  // Sums of sums reach the same tensor in many ways: each is tried once.
  if (!node || depth > MAX_STEPS || tried.has(tensor)) {
    return undefined;
  }
  tried.add(tensor);
  if (PRODUCTS.has(node.opType)) {
    const isDotProduct = node.inputs.length === 2 && !node.inputs.some((input) => facts.weight(input));
    return isDotProduct && !facts.isConstant(tensor) ? { product: node, steps: [] } : undefined;
  }
  for (const step of stepsOf(facts, node)) {
    const path = search(facts, step.from, depth + 1, tried);
    if (path) {
      return { product: path.product, steps: [...path.steps, step] };
    }
  }
  return undefined;
}

/** The ways in which the node may continue a path, likeliest first. */
function stepsOf(facts: GraphFacts, node: OnnxNode): readonly ScoreStep[] {
  const [first, second, third] = node.inputs;
  if (SAME.has(node.opType)) {
    return [{ kind: 'same', node, from: first }];
  }
  switch (node.opType) {
    case 'Max':
    case 'Min':
      return node.inputs.length === 2
        ? [
            ...(facts.isConstant(second) ? [{ kind: 'same', node, from: first } as const] : []),
            ...(facts.isConstant(first) ? [{ kind: 'same', node, from: second } as const] : []),
          ]
        : [];
    case 'Mul':
    case 'Div': {
      const scale = scaleStep(facts, node);
      if (scale) {
        return [{ kind: 'scale', node, from: scale.tensor, factor: scale.factor }];
      }
      const left = { kind: 'learnedScale', node, from: first, other: second } as const;
      return node.opType === 'Div'
        ? [left]
        : [left, { kind: 'learnedScale', node, from: second, other: first }];
    }
    case 'Add':
      return [
        { kind: 'add', node, from: first, other: second, sign: 1 },
        { kind: 'add', node, from: second, other: first, sign: 1 },
      ];
    case 'Sub':
      // Taking the largest score away changes no weight.
      if (facts.producer(second)?.opType === 'ReduceMax') {
        return [{ kind: 'same', node, from: first }];
      }
      return [{ kind: 'add', node, from: first, other: second, sign: -1 }];
    case 'Where':
      return [
        { kind: 'where', node, from: second, condition: first, keepsWhenTrue: true, replacement: third },
        { kind: 'where', node, from: third, condition: first, keepsWhenTrue: false, replacement: second },
      ];
    case 'Tanh':
      return [{ kind: 'tanh', node, from: first }];
    case 'Concat':
      return node.inputs.map((from) => ({ kind: 'sink', node, from }) as const);
    default:
      return [];
  }
}
