// Rules of functions of one number: dx = g · f′(x), each with f′ as a formula of x or of y = f(x).
import { floatAttribute, intAttribute, stringAttribute } from '../../anatomy/symbolic/attributes';
import { isFloatType, type GradientGraph } from '../gradientGraph';
import type { Rule, RuleCall, Rules } from '../operatorRule';
import { unsupportedNode } from '../unsupported';

/** A rule that makes dx from x, y and g. */
function pointwise(
  backward: (graph: GradientGraph, x: string, y: string, g: string, call: RuleCall) => string,
): Rule {
  return (call) => [
    () => backward(call.graph, call.node.inputs[0], call.node.outputs[0], call.gradient, call),
  ];
}

/** √(2/π) and the factor of the cube in the tanh form of GELU (Hendrycks & Gimpel 2016). */
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

/** y = x·Φ(x): y′ = Φ(x) + x·φ(x), with Φ(x) = (1 + erf(x/√2))/2 and φ(x) = exp(−x²/2)/√(2π). */
function geluErf(graph: GradientGraph, x: string, g: string): string {
  const erf = graph.op('Erf', [graph.scale(x, Math.SQRT1_2)]);
  const cumulative = graph.scale(graph.add(erf, graph.number(1)), 0.5);
  const density = graph.scale(
    graph.op('Exp', [graph.scale(graph.multiply(x, x), -0.5)]),
    1 / Math.sqrt(2 * Math.PI),
  );
  return graph.multiply(g, graph.add(cumulative, graph.multiply(x, density)));
}

/** y = x(1 + t)/2, t = tanh u, u = √(2/π)(x + 0.044715x³): y′ = (1 + t)/2 + x(1 − t²)/2 · √(2/π)(1 + 3·0.044715x²). */
function geluTanh(graph: GradientGraph, x: string, g: string): string {
  const square = graph.multiply(x, x);
  const one = graph.number(1);
  const inner = graph.multiply(
    x,
    graph.add(graph.scale(square, GELU_SCALE * GELU_CUBE), graph.number(GELU_SCALE)),
  );
  const t = graph.op('Tanh', [inner]);
  const slope = graph.add(graph.scale(square, 3 * GELU_SCALE * GELU_CUBE), graph.number(GELU_SCALE));
  const rest = graph.subtract(one, graph.multiply(t, t));
  const bent = graph.multiply(graph.multiply(x, rest), slope);
  return graph.multiply(g, graph.scale(graph.add(graph.add(t, one), bent), 0.5));
}

/** g where the condition holds, else another gradient or 0. */
export function where(
  graph: GradientGraph,
  condition: string,
  g: string,
  otherwise = graph.number(0),
): string {
  return graph.op('Where', [condition, g, otherwise]);
}

export const POINTWISE: Rules = {
  // y = x
  Identity: pointwise((_, _x, _y, g) => g),
  // y = −x: y′ = −1
  Neg: pointwise((graph, _x, _y, g) => graph.op('Neg', [g])),
  // y = |x|: y′ = sign x
  Abs: pointwise((graph, x, _y, g) => graph.multiply(g, graph.op('Sign', [x]))),
  // y = √x: y′ = 1/(2y)
  Sqrt: pointwise((graph, _x, y, g) => graph.divide(graph.scale(g, 0.5), y)),
  // y = 1/x: y′ = −y²
  Reciprocal: pointwise((graph, _x, y, g) => graph.op('Neg', [graph.multiply(g, graph.multiply(y, y))])),
  // y = eˣ: y′ = y
  Exp: pointwise((graph, _x, y, g) => graph.multiply(g, y)),
  // y = ln x: y′ = 1/x
  Log: pointwise((graph, x, _y, g) => graph.divide(g, x)),
  // y = sin x: y′ = cos x
  Sin: pointwise((graph, x, _y, g) => graph.multiply(g, graph.op('Cos', [x]))),
  // y = cos x: y′ = −sin x
  Cos: pointwise((graph, x, _y, g) => graph.op('Neg', [graph.multiply(g, graph.op('Sin', [x]))])),
  // y = tanh x: y′ = 1 − y²
  Tanh: pointwise((graph, _x, y, g) =>
    graph.multiply(g, graph.subtract(graph.number(1), graph.multiply(y, y))),
  ),
  // y = σ(x): y′ = y(1 − y)
  Sigmoid: pointwise((graph, _x, y, g) =>
    graph.multiply(g, graph.multiply(y, graph.subtract(graph.number(1), y))),
  ),
  // y = erf x: y′ = 2/√π · exp(−x²)
  Erf: pointwise((graph, x, _y, g) => {
    const bell = graph.op('Exp', [graph.op('Neg', [graph.multiply(x, x)])]);
    return graph.multiply(g, graph.scale(bell, 2 / Math.sqrt(Math.PI)));
  }),
  // y = max(x, 0): y′ = 1 where y > 0, else 0; the sign of y says the same in fewer passes than a comparison
  Relu: pointwise((graph, _x, y, g) => graph.multiply(g, graph.op('Sign', [y]))),
  // y = x where x > 0, else αx: y′ = 1 or α
  LeakyRelu: pointwise((graph, x, _y, g, { node }) => {
    const above = graph.op('Greater', [x, graph.number(0)]);
    return where(graph, above, g, graph.scale(g, floatAttribute(node, 'alpha') ?? 0.01));
  }),
  // y = x where x > 0, else α(eˣ − 1): y′ = 1 or y + α
  Elu: pointwise((graph, x, y, g, { node }) => {
    const above = graph.op('Greater', [x, graph.number(0)]);
    const slope = graph.add(y, graph.number(floatAttribute(node, 'alpha') ?? 1));
    return where(graph, above, g, graph.multiply(g, slope));
  }),
  // y = ln(1 + eˣ): y′ = σ(x)
  Softplus: pointwise((graph, x, _y, g) => graph.multiply(g, graph.op('Sigmoid', [x]))),
  Gelu: pointwise((graph, x, _y, g, { node }) =>
    stringAttribute(node, 'approximate') === 'tanh' ? geluTanh(graph, x, g) : geluErf(graph, x, g),
  ),
  'com.microsoft:Gelu': pointwise((graph, x, _y, g) => geluErf(graph, x, g)),
  // A bias was taken out before, see fusedActivations.ts.
  'com.microsoft:FastGelu': pointwise((graph, x, _y, g) => geluTanh(graph, x, g)),
  // y = x·s, s = σ(αx): y′ = s + αx·s(1 − s)
  'com.microsoft:QuickGelu': pointwise((graph, x, _y, g, { node }) => {
    const alpha = floatAttribute(node, 'alpha') ?? 1.702;
    const s = graph.op('Sigmoid', [graph.scale(x, alpha)]);
    const bent = graph.multiply(graph.scale(x, alpha), graph.subtract(graph.number(1), s));
    return graph.multiply(g, graph.multiply(s, graph.add(bent, graph.number(1))));
  }),
  // y = x in another precision; into whole numbers nothing flows
  Cast: (call) => {
    const { node, graph, gradient } = call;
    const [from, to] = [
      graph.facts.elementType(node.inputs[0]) ?? graph.floatType,
      intAttribute(node, 'to') ?? 0,
    ];
    if (!isFloatType(to) || !isFloatType(from)) {
      return [];
    }
    if (from !== graph.floatType && graph.facts.producer(node.inputs[0])) {
      throw unsupportedNode(node, 'Part of the model computes in another precision than the loss.');
    }
    return [() => (from === to ? gradient : graph.cast(gradient, from))];
  },
};
