// Reads what stands before a linear layer as an activation over one or two linear layers: a feed-forward (section 3.3).
import type { OnnxNode } from '../onnx/model';
import type { Activation, LinearBlock } from '../shared/modelStructure';
import type { GraphFacts } from './graphFacts';
import { linearAt } from './linear';
import { stringAttribute } from './symbolic/attributes';

const ELEMENTWISE = new Set(
  (
    'Add Mul Div Sub Erf Sigmoid Relu Tanh Pow Gelu FastGelu BiasGelu QuickGelu Cast Identity Dropout Clip Max Min ' +
    'Reshape Split Slice Swish Silu HardSigmoid Sqrt'
  ).split(' '),
);
const MAX_NODES = 40;

/** The linear layers whose results a tensor is computed from element by element, the one that is bent first. */
export function activatedBy(
  facts: GraphFacts,
  tensor: string,
): { readonly activation: Activation; readonly up: readonly LinearBlock[] } | undefined {
  const ops = new Map<OnnxNode, boolean>();
  const up = new Map<string, LinearBlock>();
  const queue = [{ tensor, bent: false }];
  const bent = new Set<string>();
  for (let item = queue.shift(); item; item = queue.shift()) {
    const node = facts.producer(item.tensor);
    if (!node || facts.isConstant(item.tensor)) {
      continue;
    }
    const linear = linearAt(facts, node);
    if (linear) {
      up.set(linear.output, linear);
      if (item.bent) {
        bent.add(linear.output);
      }
      continue;
    }
    const known = ops.get(node);
    if (!ELEMENTWISE.has(node.opType)) {
      return undefined;
    }
    if (known === true || known === item.bent) {
      continue;
    }
    const bends = item.bent || BENDS.has(node.opType);
    ops.set(node, item.bent);
    if (ops.size > MAX_NODES) {
      return undefined;
    }
    node.inputs.forEach((name) => queue.push({ tensor: name, bent: bends }));
  }
  if (up.size === 0 || up.size > 2) {
    return undefined;
  }
  const layers = [...up.values()].sort((a, b) => Number(bent.has(b.output)) - Number(bent.has(a.output)));
  const activation = nameOf(facts, [...ops.keys()], layers.length > 1);
  return activation && { activation, up: layers };
}

const BENDS = new Set([
  'Erf',
  'Sigmoid',
  'Relu',
  'Tanh',
  'Gelu',
  'FastGelu',
  'BiasGelu',
  'QuickGelu',
  'Swish',
  'Silu',
]);

function nameOf(facts: GraphFacts, nodes: readonly OnnxNode[], gated: boolean): Activation | undefined {
  const has = (...types: string[]) => nodes.some(({ opType }) => types.includes(opType));
  const plain = plainName(facts, nodes, has);
  if (!gated || plain === undefined) {
    return plain;
  }
  return GATED[plain] ?? 'unknown';
}

/** Names with a gate (Shazeer 2020). */
const GATED: Partial<Readonly<Record<Activation, Activation>>> = {
  ReLU: 'ReGLU',
  SiLU: 'SwiGLU',
  GELU: 'GEGLU',
  'GELU (tanh)': 'GEGLU',
  'GELU (sigmoid)': 'GEGLU',
};

function plainName(
  facts: GraphFacts,
  nodes: readonly OnnxNode[],
  has: (...types: string[]) => boolean,
): Activation | undefined {
  if (has('Relu')) {
    return 'ReLU';
  }
  const operator = nodes.find(({ opType }) => opType === 'Gelu');
  if (has('Erf', 'BiasGelu') || (operator && stringAttribute(operator, 'approximate') !== 'tanh')) {
    return 'GELU';
  }
  if (has('FastGelu') || operator || (has('Tanh') && nodes.length > 3)) {
    return 'GELU (tanh)';
  }
  if (has('Tanh')) {
    return 'tanh';
  }
  // x·sigmoid(1.702·x) approximates GELU (Hendrycks & Gimpel 2016); without the factor it is SiLU.
  const slope = nodes.flatMap(({ opType, inputs }) =>
    opType === 'Mul' ? inputs.map((i) => facts.scalar(i)) : [],
  );
  if (
    has('QuickGelu') ||
    (has('Sigmoid') && slope.some((value) => value !== undefined && Math.abs(value - 1.702) < 1e-3))
  ) {
    return 'GELU (sigmoid)';
  }
  return has('Sigmoid', 'Swish', 'Silu') ? 'SiLU' : undefined;
}
