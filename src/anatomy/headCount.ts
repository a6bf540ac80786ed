// How many heads an attention has and how large they are, from the shapes around its two products.
import type { RoledTensor } from './axisRoles';
import type { GraphFacts } from './graphFacts';
import { sameDim, type Dim } from './symbolic/dim';

export interface HeadCount {
  /** 0 when the graph does not say. */
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/**
 * Counts heads. `query`, `key` and `value` are the traces back from the products; `weights` the result of the softmax
 * `[batch, heads, query, key]`, `[batch·heads, query, key]` or `[batch, keyValueHeads, group, query, key]`.
 */
export function countHeads(
  facts: GraphFacts,
  weights: string,
  query: readonly RoledTensor[],
  key: readonly RoledTensor[],
  value: readonly RoledTensor[],
): HeadCount {
  const traces = [query, key, value];
  const headSize = first(traces.slice(0, 2).map((trace) => sizeOfRole(facts, trace, 'd'))) ?? 0;
  const dims = facts.dims(weights);
  const grouped = dims?.length === 5 ? product(numeric(dims[1]), numeric(dims[2])) : undefined;
  const heads =
    grouped ??
    (dims?.length === 4 ? numeric(dims[1]) : undefined) ??
    first(traces.map((trace) => sizeOfRole(facts, trace, 'h', 'bh', 'hd'))) ??
    first(traces.map((trace) => widthOver(facts, trace, headSize))) ??
    (dims?.length === 3 ? coefficient(dims[0]) : undefined) ??
    (dims?.length === 2 ? 1 : 0);
  const groupedKeys = first([key, value].map((trace) => sizeBeforeRepeat(facts, trace)));
  return { heads, keyValueHeads: groupedKeys ?? (heads || 0), headSize };
}

const numeric = (dim: Dim | undefined): number | undefined => (typeof dim === 'number' ? dim : undefined);
const product = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a * b;

function first(candidates: readonly (number | undefined)[]): number | undefined {
  return candidates.find((candidate) => candidate !== undefined && candidate > 0);
}

/** The size of the axis with that role alone; `unless` names roles under which an axis is looked past. */
function sizeOfRole(
  facts: GraphFacts,
  trace: readonly RoledTensor[],
  role: string,
  ...past: string[]
): number | undefined {
  for (const { tensor, roles } of trace) {
    const axis = roles.findIndex((own) => own === role);
    const size = axis < 0 ? undefined : facts.numericDim(tensor, axis);
    if (size !== undefined) {
      return size;
    }
    if (axis < 0 && past.length > 0 && !roles.some((own) => past.includes(own))) {
      return undefined;
    }
  }
  return undefined;
}

/** Width of the joined heads ÷ d_k. */
function widthOver(facts: GraphFacts, trace: readonly RoledTensor[], headSize: number): number | undefined {
  for (const { tensor, roles } of trace) {
    const axis = roles.indexOf('hd');
    const width = axis < 0 ? undefined : facts.numericDim(tensor, axis);
    if (width !== undefined && headSize > 0 && width % headSize === 0) {
      return width / headSize;
    }
  }
  return undefined;
}

/** `8·batch` has 8 heads; a sum or a plain number says nothing. */
function coefficient(dim: Dim): number | undefined {
  return typeof dim !== 'number' && dim.terms.size === 1 ? [...dim.terms.values()][0] : undefined;
}

/** Heads of a key or value before it was repeated for groups of queries. */
function sizeBeforeRepeat(facts: GraphFacts, trace: readonly RoledTensor[]): number | undefined {
  for (const [i, { tensor, roles }] of trace.entries()) {
    const group = roles.indexOf('g');
    if (group >= 0) {
      const size = facts.numericDim(tensor, roles.indexOf('h'));
      if (size !== undefined) {
        return size;
      }
    }
    const next = trace[i + 1];
    // Expand on the head axis itself: one head for all queries.
    const axis = roles.indexOf('h');
    const before = next && next.roles.length === roles.length ? facts.dims(next.tensor)?.[axis] : undefined;
    const after = facts.dims(tensor)?.[axis];
    if (axis >= 0 && before !== undefined && after !== undefined && next.roles[axis] === 'h') {
      if (
        typeof before === 'number' &&
        !sameDim(before, after) &&
        facts.producer(tensor)?.opType === 'Expand'
      ) {
        return before;
      }
    }
  }
  return undefined;
}
