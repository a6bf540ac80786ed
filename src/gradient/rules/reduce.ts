// Rules of reductions over axes, and of the running sum.
import { intAttribute } from '../../anatomy/symbolic/attributes';
import { axisOf } from '../../anatomy/symbolic/value';
import { int } from '../../onnx/graphBuilder';
import type { Backward, Rule, RuleCall, Rules } from '../operatorRule';
import { unsupportedNode } from '../unsupported';

/** The axes that a node of the canonical operator set reduces. @throws UserError when they are known only at run time. */
function axesOf({ node, graph }: RuleCall): readonly number[] {
  const [x, axes] = node.inputs;
  const rank = graph.rank(x, node);
  const all = Array.from({ length: rank }, (_, i) => i);
  const given = axes ? graph.facts.numbers(axes) : [];
  if (!given) {
    throw unsupportedNode(node, 'Its axes are known only at run time.');
  }
  if (given.length === 0) {
    return intAttribute(node, 'noop_with_empty_axes') === 1 ? [] : all;
  }
  return given.map((axis) => axisOf(axis, rank));
}

/** A tensor of the shape of the result, with the reduced axes as ones. */
function kept(call: RuleCall, tensor: string, axes: readonly number[]): string {
  const keeps = (intAttribute(call.node, 'keepdims') ?? 1) === 1;
  return keeps || axes.length === 0 ? tensor : call.graph.op('Unsqueeze', [tensor, call.graph.ints(axes)]);
}

/** A rule that makes dx from g and y, both with ones for the reduced axes. */
function reduction(
  backward: (call: RuleCall, g: string, y: () => string, axes: readonly number[]) => string,
): Rule {
  return (call) => {
    const dx: Backward = () => {
      const axes = axesOf(call);
      return backward(
        call,
        kept(call, call.gradient, axes),
        () => kept(call, call.node.outputs[0], axes),
        axes,
      );
    };
    return [dx];
  };
}

/** y = max x (min x): the elements equal to y share the gradient, as in PyTorch's amax. */
const extreme = reduction(({ node, graph }, g, y, axes) => {
  const isY = graph.float(graph.op('Equal', [node.inputs[0], y()]));
  return graph.multiply(isY, graph.divide(g, graph.reduceSum(isY, axes, true)));
});

export const REDUCE: Rules = {
  // y = Σ x: dx = g
  ReduceSum: reduction(({ node, graph }, g) => graph.expandLike(g, node.inputs[0])),
  // y = Σ x/n: dx = g/n
  ReduceMean: reduction(({ node, graph }, g, _y, axes) =>
    graph.expandLike(graph.divide(g, graph.count(node.inputs[0], axes)), node.inputs[0]),
  ),
  ReduceMax: extreme,
  ReduceMin: extreme,
  // y = Σ x²: dx = 2x·g
  ReduceSumSquare: reduction(({ node, graph }, g) => graph.multiply(graph.scale(node.inputs[0], 2), g)),
  // y = √Σ x²: dx = g·x/y, and 0 where y = 0
  ReduceL2: reduction(({ node, graph }, g, y) => {
    const isZero = graph.op('Equal', [y(), graph.number(0)]);
    const divisor = graph.op('Where', [isZero, graph.number(1), y()]);
    return graph.multiply(node.inputs[0], graph.divide(g, divisor));
  }),
  // y = Σ |x|: dx = g·sign x
  ReduceL1: reduction(({ node, graph }, g) => graph.multiply(graph.op('Sign', [node.inputs[0]]), g)),
  // y = ln Σ eˣ: dx = g·eˣ⁻ʸ
  ReduceLogSumExp: reduction(({ node, graph }, g, y) =>
    graph.multiply(graph.op('Exp', [graph.subtract(node.inputs[0], y())]), g),
  ),
  // yᵢ = Σ xⱼ over j ≤ i: dxⱼ = Σ gᵢ over i ≥ j, i.e. the running sum from the other end
  CumSum: ({ node, graph, gradient }) => [
    () =>
      graph.op('CumSum', [gradient, node.inputs[1]], {
        exclusive: int(intAttribute(node, 'exclusive') ?? 0),
        reverse: int(1 - (intAttribute(node, 'reverse') ?? 0)),
      }),
  ],
};
