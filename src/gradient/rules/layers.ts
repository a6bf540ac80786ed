// Rules of operators that are a layer of their own: dropout and rotary positions.
import type { OnnxNode } from '../../onnx/model';
import type { GradientGraph } from '../gradientGraph';
import type { Rule, Rules } from '../operatorRule';
import { unsupportedNode } from '../unsupported';

/** Without training mode y = x. In it y = x·m/(1 − p) with a random mask m: dx = g·m/(1 − p). */
const dropout: Rule = ({ node, graph, gradient }) => {
  const [, ratio, mode] = node.inputs;
  const training = mode ? graph.facts.scalar(mode) : 0;
  if (training === undefined) {
    throw unsupportedNode(node, 'Whether it is in training mode is known only at run time.');
  }
  return [
    () => {
      if (training === 0) {
        return gradient;
      }
      const kept = graph.multiply(gradient, graph.float(graph.output(node, 1)));
      return ratio
        ? graph.divide(kept, graph.subtract(graph.number(1), graph.float(ratio)))
        : graph.scale(kept, 2);
    },
  ];
};

/** y = x turned by angles (Su et al. 2021): dx = g turned back, i.e. with −sin. */
function rotary(sines: number): Rule {
  return ({ node, graph, gradient }) => [() => turnedBack(graph, node, gradient, sines)];
}

function turnedBack(graph: GradientGraph, node: OnnxNode, gradient: string, sines: number): string {
  const inputs = node.inputs.map((name, i) =>
    i === 0 ? gradient : i === sines ? graph.op('Neg', [name]) : name,
  );
  return graph.op('RotaryEmbedding', inputs, node.attributes, node.domain);
}

export const LAYERS: Rules = {
  Dropout: dropout,
  // Inputs: x, cosines, sines, positions.
  RotaryEmbedding: rotary(2),
  // Inputs: x, positions, cosines, sines.
  'com.microsoft:RotaryEmbedding': rotary(3),
};
