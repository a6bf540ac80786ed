// Finds layer normalisation, as one operator or spelled out, and tells LayerNorm from RMSNorm.
import type { OnnxNode } from '../onnx/model';
import type { NormBlock } from '../shared/modelStructure';
import type { GraphFacts } from './graphFacts';
import { origin, vector } from './linear';
import { floatAttribute } from './symbolic/attributes';

const OPERATORS: Readonly<Record<string, NormBlock['kind']>> = {
  LayerNormalization: 'layer',
  SkipLayerNormalization: 'layer',
  SimplifiedLayerNormalization: 'rms',
  SkipSimplifiedLayerNormalization: 'rms',
  RMSNormalization: 'rms',
};

/** All norms in the order in which they run (Ba et al. 2016; Zhang & Sennrich 2019). */
export function findNorms(facts: GraphFacts): readonly NormBlock[] {
  return facts.order.flatMap((node) => {
    const found =
      node.opType in OPERATORS
        ? operator(facts, node)
        : node.opType === 'Sqrt'
          ? spelledOut(facts, node)
          : undefined;
    return found ? [found] : [];
  });
}

function operator(facts: GraphFacts, node: OnnxNode): NormBlock {
  const skips = node.opType.startsWith('Skip');
  const sum = node.outputs[3] ?? '';
  const [gain, bias] = (skips ? node.inputs.slice(2) : node.inputs.slice(1)).map((name) =>
    name ? vector(facts, name) : undefined,
  );
  const kind = OPERATORS[node.opType];
  const own = kind === 'layer' ? bias : undefined;
  return {
    kind,
    input: skips ? sum : node.inputs[0],
    output: node.outputs[0],
    gain: gain?.name,
    bias: own?.name,
    epsilon: floatAttribute(node, 'epsilon') ?? (skips ? 1e-12 : 1e-5),
    parameters: (gain?.size ?? 0) + (own?.size ?? 0),
  };
}

/** √(mean(y²) + ε), where y is x or x − mean x; then y ÷ that, times a gain, plus a bias. */
function spelledOut(facts: GraphFacts, sqrt: OnnxNode): NormBlock | undefined {
  const sum = facts.producer(origin(facts, sqrt.inputs[0]));
  const at = sum?.opType === 'Add' ? sum.inputs.findIndex((name) => facts.scalar(name) !== undefined) : -1;
  const mean = sum && at >= 0 ? facts.producer(origin(facts, sum.inputs[1 - at])) : undefined;
  const square = mean?.opType === 'ReduceMean' ? facts.producer(origin(facts, mean.inputs[0])) : undefined;
  if (!sum || !square || !isSquare(facts, square)) {
    return undefined;
  }
  const centred = origin(facts, square.inputs[0]);
  const input = uncentred(facts, centred);
  const normed = divided(facts, sqrt.outputs[0], centred);
  if (normed === undefined) {
    return undefined;
  }
  const gain = step(facts, normed, 'Mul');
  const bias = step(facts, gain?.output ?? normed, 'Add');
  const kind = input === undefined ? 'rms' : 'layer';
  return {
    kind,
    input: input ?? centred,
    output: bias?.output ?? gain?.output ?? normed,
    gain: gain?.name,
    bias: bias?.name,
    epsilon: facts.scalar(sum.inputs[at]) ?? 0,
    parameters: (gain?.size ?? 0) + (bias?.size ?? 0),
  };
}

function isSquare(facts: GraphFacts, node: OnnxNode): boolean {
  return (
    (node.opType === 'Pow' && facts.scalar(node.inputs[1]) === 2) ||
    (node.opType === 'Mul' && node.inputs[0] === node.inputs[1])
  );
}

/** x of x − mean x. */
function uncentred(facts: GraphFacts, tensor: string): string | undefined {
  const node = facts.producer(tensor);
  const mean = node?.opType === 'Sub' ? facts.producer(origin(facts, node.inputs[1])) : undefined;
  const isCentred =
    node && mean?.opType === 'ReduceMean' && origin(facts, mean.inputs[0]) === origin(facts, node.inputs[0]);
  return isCentred ? node.inputs[0] : undefined;
}

/** y ÷ root, or y · (1 ÷ root). */
function divided(facts: GraphFacts, root: string, centred: string): string | undefined {
  for (const { node, input } of facts.consumers(root)) {
    if (node.opType === 'Div' && input === 1 && origin(facts, node.inputs[0]) === centred) {
      return node.outputs[0];
    }
    const inverts =
      node.opType === 'Reciprocal' || (node.opType === 'Div' && facts.scalar(node.inputs[0]) === 1);
    const product = inverts
      ? facts.consumers(node.outputs[0]).find((use) => use.node.opType === 'Mul')
      : undefined;
    if (product && origin(facts, product.node.inputs[1 - product.input]) === centred) {
      return product.node.outputs[0];
    }
  }
  return undefined;
}

/** The next Mul or Add with a vector of weights, through casts. */
function step(facts: GraphFacts, tensor: string, opType: 'Mul' | 'Add') {
  let name = tensor;
  for (let i = 0; i < 3; i++) {
    const uses = facts.consumers(name).filter(({ input }) => input >= 0);
    for (const { node, input } of uses) {
      const weight = node.opType === opType ? vector(facts, node.inputs[1 - input]) : undefined;
      if (weight) {
        return { ...weight, output: node.outputs[0] };
      }
    }
    const cast = uses.find(({ node }) => node.opType === 'Cast' || node.opType === 'Identity');
    if (!cast) {
      return undefined;
    }
    [name] = cast.node.outputs;
  }
  return undefined;
}
