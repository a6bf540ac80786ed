// Rules of arithmetic on several operands with broadcasting: each formula, then the sum over repeated axes.
import type { GradientGraph } from '../gradientGraph';
import type { Rule, RuleCall, Rules } from '../operatorRule';
import { where } from './pointwise';

/** A rule for operands that are broadcast against each other; `formulas` give dx in the shape of the result. */
function broadcast(
  ...formulas: readonly ((graph: GradientGraph, g: string, call: RuleCall) => string)[]
): Rule {
  return (call) =>
    formulas.map((formula, i) => () => fitted(call, i, formula(call.graph, call.gradient, call)));
}

/** A gradient in the shape of the result, summed to the shape of operand `i`. */
function fitted({ node, graph }: RuleCall, i: number, gradient: string): string {
  const others = node.inputs.filter((name, k) => k !== i && name !== '');
  return graph.unbroadcast(gradient, node.inputs[i], others, node);
}

/** Each operand gets the same. */
const everyOperand =
  (formula: (call: RuleCall, i: number) => string): Rule =>
  (call) =>
    call.node.inputs.map((_, i) => () => fitted(call, i, formula(call, i)));

/** y is the largest (smallest) operand: it gets the gradient; where several are equal they share it, as in PyTorch. */
const extreme = everyOperand(({ node, graph, gradient }, i) => {
  const [y] = node.outputs;
  const isY = node.inputs.map((name) => graph.float(graph.op('Equal', [name, y])));
  return node.inputs.length === 1
    ? gradient
    : graph.multiply(gradient, graph.divide(isY[i], graph.op('Sum', isY)));
});

/** y = xᵉ: dx = g·e·xᵉ⁻¹ */
function powBase({ node, graph, gradient }: RuleCall): string {
  const [x, exponent] = node.inputs;
  const e = graph.facts.scalar(exponent);
  if (e === undefined) {
    const power = asFloat(graph, exponent);
    const slope = graph.multiply(power, graph.op('Pow', [x, graph.subtract(power, graph.number(1))]));
    const isZero = graph.op('Equal', [power, graph.number(0)]);
    return graph.multiply(gradient, where(graph, isZero, graph.number(0), slope));
  }
  const powers: Readonly<Record<number, () => string>> = {
    0: () => graph.scale(x, 0),
    1: () => graph.number(1),
    2: () => graph.scale(x, 2),
    3: () => graph.scale(graph.multiply(x, x), 3),
  };
  const slope = powers[e] ?? (() => graph.scale(graph.op('Pow', [x, graph.number(e - 1)]), e));
  return graph.multiply(gradient, slope());
}

/** Exponents may be whole numbers. */
function asFloat(graph: GradientGraph, tensor: string): string {
  return graph.facts.elementType(tensor) === graph.floatType ? tensor : graph.float(tensor);
}

export const ARITHMETIC: Rules = {
  // y = a + b: da = db = g
  Add: broadcast(
    (_, g) => g,
    (_, g) => g,
  ),
  // y = a − b: da = g, db = −g
  Sub: broadcast(
    (_, g) => g,
    (graph, g) => graph.op('Neg', [g]),
  ),
  // y = a·b: da = g·b, db = g·a
  Mul: broadcast(
    (graph, g, { node }) => graph.multiply(g, node.inputs[1]),
    (graph, g, { node }) => graph.multiply(g, node.inputs[0]),
  ),
  // y = a/b: da = g/b, db = −g·y/b
  Div: broadcast(
    (graph, g, { node }) => graph.divide(g, node.inputs[1]),
    (graph, g, { node }) =>
      graph.op('Neg', [graph.divide(graph.multiply(g, node.outputs[0]), node.inputs[1])]),
  ),
  // y = aᵇ: da = g·b·aᵇ⁻¹, db = g·y·ln a, and 0 where a = 0
  Pow: broadcast(
    (_, _g, call) => powBase(call),
    (graph, g, { node }) => {
      const [x] = node.inputs;
      const isZero = graph.op('Equal', [x, graph.number(0)]);
      const log = graph.op('Log', [where(graph, isZero, graph.number(1), x)]);
      return graph.multiply(g, graph.multiply(node.outputs[0], log));
    },
  ),
  Max: extreme,
  Min: extreme,
  // y = Σ xᵢ: dxᵢ = g
  Sum: everyOperand(({ gradient }) => gradient),
  // y = Σ xᵢ/n: dxᵢ = g/n
  Mean: everyOperand(({ node, graph, gradient }) => graph.scale(gradient, 1 / node.inputs.length)),
  // y = a where c, else b: da = g where c, db = g where not c
  Where: ({ node, graph, gradient }) => {
    const [condition, a, b] = node.inputs;
    const zero = graph.number(0);
    const chosen = [
      graph.op('Where', [condition, gradient, zero]),
      graph.op('Where', [condition, zero, gradient]),
    ];
    return [
      undefined,
      () => graph.unbroadcast(chosen[0], a, [condition, b], node),
      () => graph.unbroadcast(chosen[1], b, [condition, a], node),
    ];
  },
  // y = min(max(x, low), high): dx = g where low ≤ x ≤ high
  Clip: (call) => {
    const { node, graph, gradient } = call;
    const [x, low, high] = node.inputs;
    return [
      () => {
        const tests = [
          ...(low ? [graph.op('GreaterOrEqual', [x, low])] : []),
          ...(high ? [graph.op('LessOrEqual', [x, high])] : []),
        ];
        return tests.length === 0
          ? gradient
          : where(
              graph,
              tests.reduce((a, b) => graph.op('And', [a, b])),
              gradient,
            );
      },
    ];
  },
};
