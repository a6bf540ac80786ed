// What a rule of differentiation is: for one operator, how the gradient of its results becomes that of its inputs.
import type { OnnxNode } from '../onnx/model';
import type { GradientGraph } from './gradientGraph';

/** A gradient that is added to few elements of a tensor, as of a table of embeddings: it needs no tensor of zeros where another gradient is there to add to. */
export interface Scattered {
  /** Adds to the tensor `base`, or to zeros, and returns the name of the sum. */
  readonly into: (base: string | undefined) => string;
}

/** What one use of a tensor adds to its gradient: a tensor of the same shape, or elements of one. */
export type Contribution = string | Scattered;

/** A node on the way back from the loss. */
export interface RuleCall {
  readonly node: OnnxNode;
  /** Where the rule writes its nodes. */
  readonly graph: GradientGraph;
  /** Gradient of the first result; of the same shape as that result. */
  readonly gradient: string;
  /** Gradients of all results; undefined where nothing depends on one. */
  readonly gradients: readonly (string | undefined)[];
}

/** Writes what flows to one input. Called only when somebody needs it. */
export type Backward = () => Contribution;

/**
 * The rule of an operator: one function per input; undefined for an input through which nothing flows, such as indices.
 * Inputs beyond the end of the list count as undefined.
 */
export type Rule = (call: RuleCall) => readonly (Backward | undefined)[];

/** Rules by operator: `Softmax` of the standard, `com.microsoft:FastGelu` of the runtime's own. */
export type Rules = Readonly<Record<string, Rule>>;

/** The key of a node's operator in a table of rules. */
export function operatorOf({ domain, opType }: Pick<OnnxNode, 'domain' | 'opType'>): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}:${opType}`;
}
