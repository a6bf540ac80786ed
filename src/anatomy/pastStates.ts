// Finds the cached keys and values that an attention reads: graph inputs that reach its products unchanged.
import type { GraphFacts } from './graphFacts';
import { kindOf } from './symbolic/elementwise';

const PASSES = new Set([
  'Transpose',
  'Reshape',
  'Expand',
  'Unsqueeze',
  'Squeeze',
  'Identity',
  'Cast',
  'Mul',
  'Div',
  'Slice',
  'Gather',
]);
const MAX_STEPS = 16;

/** The input that holds earlier keys (or values) of the tensor; undefined when there is none. */
export function pastInputOf(facts: GraphFacts, tensor: string): string | undefined {
  let name = tensor;
  for (let i = 0; i < MAX_STEPS; i++) {
    if (isState(facts, name)) {
      return name;
    }
    const node = facts.producer(name);
    if (!node) {
      return undefined;
    }
    if (node.opType === 'Concat') {
      return node.inputs.map((input) => stateBehind(facts, input)).find((input) => input !== undefined);
    }
    if (!PASSES.has(node.opType)) {
      return undefined;
    }
    name = node.inputs[0];
  }
  return undefined;
}

/** The only input a tensor depends on, when that is a cache. */
function stateBehind(facts: GraphFacts, tensor: string): string | undefined {
  const inputs = facts.dependencies.of(tensor);
  return inputs.length === 1 && isState(facts, inputs[0]) ? inputs[0] : undefined;
}

/** Caches are floats with an axis for heads: `[batch, heads, past, d]`, or keys and values in one. */
function isState(facts: GraphFacts, name: string): boolean {
  const input = facts.index.input(name);
  return input !== undefined && (facts.rank(name) ?? 0) >= 4 && kindOf(input.elementType) === 'float';
}
