// Rules of normalisations: softmax and its logarithm, LayerNormalization, RMSNormalization.
import { floatAttribute, intAttribute } from '../../anatomy/symbolic/attributes';
import { axisOf } from '../../anatomy/symbolic/value';
import type { OnnxNode } from '../../onnx/model';
import type { GradientGraph } from '../gradientGraph';
import type { Rule, Rules } from '../operatorRule';

/** y = softmax x: dx = y·(g − Σ g·y) */
const softmax: Rule = ({ node, graph, gradient }) => [
  () => {
    const [y] = node.outputs;
    const axis = intAttribute(node, 'axis') ?? -1;
    const sum = graph.reduceSum(graph.multiply(gradient, y), [axis], true);
    return graph.multiply(y, graph.subtract(gradient, sum));
  },
];

/** y = ln softmax x: dx = g − eʸ·Σ g */
const logSoftmax: Rule = ({ node, graph, gradient }) => [
  () => {
    const sum = graph.reduceSum(gradient, [intAttribute(node, 'axis') ?? -1], true);
    return graph.subtract(gradient, graph.multiply(graph.op('Exp', [node.outputs[0]]), sum));
  },
];

/** Axes over which a normalisation takes its statistics. */
function normalised(graph: GradientGraph, node: OnnxNode): readonly number[] {
  const rank = graph.rank(node.inputs[0], node);
  const first = axisOf(intAttribute(node, 'axis') ?? -1, rank);
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

/**
 * y = x̂·γ + β, x̂ = (x − μ)·s, s = 1/√(σ² + ε), statistics over n elements; h = g·γ:
 * dx = s·(h − mean h − x̂·mean(h·x̂)), dγ = Σ g·x̂, dβ = Σ g (Ba et al. 2016).
 */
const layerNorm: Rule = ({ node, graph, gradient }) => {
  const [x, gain, bias] = node.inputs;
  const axes = normalised(graph, node);
  const normed = (): string =>
    graph.multiply(graph.subtract(x, graph.output(node, 1)), graph.output(node, 2));
  return [
    () => {
      const h = graph.multiply(gradient, gain);
      const along = graph.multiply(normed(), graph.reduceMean(graph.multiply(h, normed()), axes));
      const rest = graph.subtract(graph.subtract(h, graph.reduceMean(h, axes)), along);
      return graph.multiply(rest, graph.output(node, 2));
    },
    () => graph.unbroadcast(graph.multiply(gradient, normed()), gain, [x], node),
    bias ? () => graph.unbroadcast(gradient, bias, [x], node) : undefined,
  ];
};

/** y = x̂·γ, x̂ = x·s, s = 1/√(mean x² + ε); h = g·γ: dx = s·(h − x̂·mean(h·x̂)), dγ = Σ g·x̂ (Zhang & Sennrich 2019). */
function rmsNorm(inverse: (graph: GradientGraph, node: OnnxNode, axes: readonly number[]) => string): Rule {
  return ({ node, graph, gradient }) => {
    const [x, gain] = node.inputs;
    const axes = normalised(graph, node);
    const s = (): string => inverse(graph, node, axes);
    const normed = (): string => graph.multiply(x, s());
    return [
      () => {
        const h = graph.multiply(gradient, gain);
        const along = graph.multiply(normed(), graph.reduceMean(graph.multiply(h, normed()), axes));
        return graph.multiply(graph.subtract(h, along), s());
      },
      () => graph.unbroadcast(graph.multiply(gradient, normed()), gain, [x], node),
    ];
  };
}

/** 1/√(mean x² + ε), computed again: the standard's operator does not give it. */
function inverseRoot(graph: GradientGraph, node: OnnxNode, axes: readonly number[]): string {
  const [x] = node.inputs;
  const epsilon = graph.number(floatAttribute(node, 'epsilon') ?? 1e-5);
  const square = graph.reduceMean(graph.multiply(x, x), axes);
  return graph.op('Reciprocal', [graph.op('Sqrt', [graph.add(square, epsilon)])]);
}

export const NORMALISE: Rules = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  LayerNormalization: layerNorm,
  RMSNormalization: rmsNorm(inverseRoot),
  // The runtime's own, in the standard's domain.
  SimplifiedLayerNormalization: rmsNorm((graph, node) => graph.output(node, 1)),
};
