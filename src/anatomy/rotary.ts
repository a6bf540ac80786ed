// Recognises rotary position embedding (Su et al. 2021): queries and keys turned by angles that grow with the position.
import type { OnnxNode } from '../onnx/model';
import type { AttentionSite, PositionSite } from './anatomy';
import { hasWaves } from './addedPositions';
import { fusedInputs } from './fusedInputs';
import type { GraphFacts } from './graphFacts';
import { intAttribute } from './symbolic/attributes';
import { numbersOf, stridesOf } from './symbolic/value';
import type { Trial } from './trial';

type Layout = 'interleaved' | 'halves';

/** Operators that a rotation is made of, and those that only rearrange. */
const INSIDE = new Set(
  'Add Sub Mul Neg Concat Slice Split Transpose Reshape Unsqueeze Squeeze Cast Identity Gather Div Expand'.split(
    ' ',
  ),
);
const MAX_NODES = 60;

/** Inputs that hold token ids or types. */
export type TokenInputs = ReadonlySet<string>;

export function findRotary(
  facts: GraphFacts,
  trial: Trial,
  tokens: TokenInputs,
  attentions: readonly AttentionSite[],
): PositionSite | undefined {
  for (const site of attentions) {
    const found = site.kind === 'cross' ? undefined : rotationOf(facts, trial, tokens, site);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function rotationOf(
  facts: GraphFacts,
  trial: Trial,
  tokens: TokenInputs,
  { fused, query }: AttentionSite,
): PositionSite | undefined {
  const node = fused && facts.model.graph.nodes[fused.nodeIndex];
  const inputs = node && fusedInputs(facts, node);
  if (!node || typeof inputs !== 'object') {
    return query && rotationBehind(facts, trial, tokens, query.tensor);
  }
  const { rotary } = inputs;
  return rotary
    ? cachedRotation(
        facts,
        trial,
        rotary.cosines,
        rotary.sines,
        rotary.interleaved ? 'interleaved' : 'halves',
        `inside ${node.opType}`,
      )
    : rotationBehind(facts, trial, tokens, inputs.query.tensor);
}

/** The rotation between a query and its projection. */
export function rotationBehind(
  facts: GraphFacts,
  trial: Trial,
  tokens: TokenInputs,
  tensor: string,
): PositionSite | undefined {
  const { factors, nodes, operator } = positionalFactors(facts, tokens, tensor);
  if (operator) {
    return fusedRotation(facts, trial, operator);
  }
  return factors.length >= 2 ? fromFactors(facts, trial, factors, nodes) : undefined;
}

/** What a query or key is multiplied with on the way from its projection, or the operator that rotates it by itself. */
export function positionalFactors(
  facts: GraphFacts,
  tokens: TokenInputs,
  tensor: string,
): {
  readonly factors: readonly string[];
  readonly nodes: readonly OnnxNode[];
  readonly operator?: OnnxNode;
} {
  const factors: string[] = [];
  const nodes: OnnxNode[] = [];
  const queue = [tensor];
  const seen = new Set(queue);
  for (let name = queue.shift(); name !== undefined && nodes.length < MAX_NODES; name = queue.shift()) {
    const node = facts.producer(name);
    if (node?.opType === 'RotaryEmbedding') {
      return { factors, nodes, operator: node };
    }
    if (!node || !INSIDE.has(node.opType)) {
      continue;
    }
    nodes.push(node);
    for (const input of node.inputs) {
      if (input === '' || seen.has(input)) {
        continue;
      }
      seen.add(input);
      if (node.opType === 'Mul' && isPositional(facts, tokens, input)) {
        factors.push(input);
      } else if (!facts.isConstant(input)) {
        queue.push(input);
      }
    }
  }
  return { factors, nodes };
}

/** Whether a factor follows from positions alone: no token, no hidden state, more than one number. */
function isPositional(facts: GraphFacts, tokens: TokenInputs, tensor: string): boolean {
  const rank = facts.rank(tensor) ?? 0;
  return (
    rank >= 2 &&
    facts.numericDim(tensor, -1) !== 1 &&
    facts.dependencies.of(tensor).every((input) => (facts.rank(input) ?? 9) <= 2 && !tokens.has(input))
  );
}

interface Waves {
  /** Angle per position of each of the last axis's dimensions. */
  readonly cosine: string;
  readonly sine: string;
  readonly angles: readonly number[];
}

/** Tells cosines from sines by position 0, and reads the angle of position 1. */
function wavesOf(trial: Trial, factors: readonly string[]): Waves | undefined {
  const rows = factors.flatMap((tensor) => {
    const value = trial.value(tensor);
    const numbers = numbersOf(value);
    const width = value?.dims[value.dims.length - 1];
    if (!value || !numbers || width === undefined) {
      return [];
    }
    // The axis of positions is the last but one that is longer than 1.
    const axis = value.dims.slice(0, -1).findLastIndex((dim) => dim > 1);
    const step = axis < 0 ? 0 : stridesOf(value.dims)[axis];
    return [{ tensor, at: (position: number) => numbers.slice(position * step, position * step + width) }];
  });
  const cosine = rows.find(({ at }) => at(0).every((x) => x > 0.05 && Math.abs(x - at(0)[0]) < 1e-4));
  const sine = rows.find(({ at }) => at(0).every((x) => Math.abs(x) < 1e-6) && at(1).some((x) => x !== 0));
  if (!cosine || !sine || cosine.at(1).length !== sine.at(1).length) {
    return undefined;
  }
  const [c, s] = [cosine.at(1), sine.at(1)];
  return { cosine: cosine.tensor, sine: sine.tensor, angles: c.map((x, i) => Math.atan2(Math.abs(s[i]), x)) };
}

function fromFactors(
  facts: GraphFacts,
  trial: Trial,
  factors: readonly string[],
  nodes: readonly OnnxNode[],
): PositionSite | undefined {
  const waves = wavesOf(trial, factors);
  if (!waves) {
    const computed = factors.some((tensor) => hasWaves(facts, tensor));
    return computed
      ? rotarySite(
          factors[0],
          layoutFromNodes(facts, nodes),
          undefined,
          'by sines and cosines computed in the graph',
        )
      : undefined;
  }
  const { angles } = waves;
  const half = angles.length / 2;
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-5 * Math.max(a, b);
  const repeats =
    Number.isInteger(half) && angles.slice(0, half).every((angle, i) => close(angle, angles[i + half]));
  const pairs = Number.isInteger(half) && angles.every((angle, i) => close(angle, angles[i - (i % 2)]));
  const layout =
    repeats && !pairs ? 'halves' : pairs && !repeats ? 'interleaved' : layoutFromNodes(facts, nodes);
  const frequencies =
    repeats && !pairs
      ? angles.slice(0, half)
      : pairs && !repeats
        ? angles.filter((_, i) => i % 2 === 0)
        : angles;
  return rotarySite(waves.cosine, layout, frequencies, `by "${waves.cosine}" and "${waves.sine}"`);
}

/** A step of two through the elements, or a last axis of two, pairs neighbours; otherwise halves are paired. */
function layoutFromNodes(facts: GraphFacts, nodes: readonly OnnxNode[]): Layout {
  const steps = nodes.some(
    (node) => node.opType === 'Slice' && facts.numbers(node.inputs[4] ?? '')?.includes(2),
  );
  const couples = nodes.some(
    (node) => node.opType === 'Reshape' && facts.numericDim(node.outputs[0], -1) === 2,
  );
  return steps || couples ? 'interleaved' : 'halves';
}

/** `RotaryEmbedding`: com.microsoft (input, positions, cosines, sines), standard (input, cosines, sines, positions). */
function fusedRotation(facts: GraphFacts, trial: Trial, node: OnnxNode): PositionSite {
  const [cosines, sines] =
    node.domain === 'com.microsoft' ? node.inputs.slice(2, 4) : node.inputs.slice(1, 3);
  const layout = intAttribute(node, 'interleaved') === 1 ? 'interleaved' : 'halves';
  return cachedRotation(
    facts,
    trial,
    cosines,
    sines,
    layout,
    `by the operator ${node.opType} "${node.name || node.outputs[0]}"`,
  );
}

/** A rotation whose cosines and sines `[positions, d/2]` are given. */
export function cachedRotation(
  facts: GraphFacts,
  trial: Trial,
  cosines: string,
  sines: string,
  layout: Layout,
  how: string,
): PositionSite {
  const angles = wavesOf(trial, [cosines, sines])?.angles;
  const rows = facts.numericDim(cosines, 0);
  const site = rotarySite(cosines, layout, angles, how);
  const constant = facts.weight(cosines) !== undefined;
  return { ...site, constant, positions: constant && facts.rank(cosines) === 2 ? (rows ?? 0) : 0 };
}

function rotarySite(
  tensor: string,
  layout: Layout,
  frequencies: readonly number[] | undefined,
  how: string,
): PositionSite {
  const pairs = layout === 'halves' ? 'element i with element i + d/2' : 'neighbouring elements';
  return {
    kind: 'rotary',
    evidence: `Queries and keys are turned ${how}, pairing ${pairs}.`,
    tensor,
    constant: false,
    offset: 0,
    positions: 0,
    dimensions: frequencies ? 2 * frequencies.length : 0,
    layout,
    formulaError: undefined,
    frequencies,
  };
}
