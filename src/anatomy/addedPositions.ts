// Finds what is added to the embedding besides tokens and token types: a table of positions, or one computed on the way.
import type { AttentionSite } from './anatomy';
import type { LookUp } from './embedding';
import type { GraphFacts } from './graphFacts';
import type { Trial } from './trial';

export interface AddedPositions {
  /** The weight `[…, positions, width]`, or the tensor that holds the computed positions. */
  readonly tensor: string;
  /** Rows for positions, without those before `offset`. */
  readonly rows: number;
  readonly width: number;
  readonly offset: number;
  readonly computed: boolean;
  /** Completes the sentence that begins with the tensor's name. */
  readonly how: string;
}

/** Operators between a table and the sum. */
export const PASSES = new Set([
  'Cast',
  'Identity',
  'Dropout',
  'Unsqueeze',
  'Squeeze',
  'Reshape',
  'Expand',
  'Transpose',
  'Slice',
]);
const MAX_STEPS = 10;

export function findAddedPositions(
  facts: GraphFacts,
  trial: Trial,
  lookUps: readonly LookUp[],
  attentions: readonly AttentionSite[],
): AddedPositions | undefined {
  const fused = lookUps.find((item) => item.by.what === 'positions' && item.node.opType !== 'Gather');
  if (fused) {
    return fromLookUp(fused);
  }
  const first = Math.min(...attentions.map((site) => rankOfSite(facts, site)));
  for (const node of facts.order) {
    if (facts.rankOf(node) > first) {
      break;
    }
    if (node.opType !== 'Add' && node.opType !== 'Sum' && !node.opType.startsWith('Skip')) {
      continue;
    }
    for (const input of node.inputs.slice(0, 2)) {
      const other = node.inputs[input === node.inputs[0] ? 1 : 0];
      const found =
        other && input !== '' && !facts.isConstant(other)
          ? tableBehind(facts, trial, input, lookUps)
          : undefined;
      if (found) {
        return found;
      }
    }
  }
  return undefined;
}

function rankOfSite(facts: GraphFacts, site: AttentionSite): number {
  const maker = facts.producer(site.context?.tensor ?? site.weights.tensor);
  return maker ? facts.rankOf(maker) : Infinity;
}

/** The table whose rows the tensor holds, one per position. */
function tableBehind(
  facts: GraphFacts,
  trial: Trial,
  tensor: string,
  lookUps: readonly LookUp[],
): AddedPositions | undefined {
  let name = tensor;
  let start = 0;
  for (let i = 0; i < MAX_STEPS; i++) {
    const found = lookUps.find((item) => item.output === name);
    if (found) {
      return found.by.what === 'positions' ? fromLookUp(found) : undefined;
    }
    const table = tableShape(facts, name);
    if (table && facts.weight(name)) {
      const offset = Math.min(start, table.rows - 1);
      return {
        tensor: name,
        ...table,
        rows: table.rows - offset,
        offset,
        computed: false,
        how: 'is added to the embedding, one row per position',
      };
    }
    const node = facts.producer(name);
    if (!node) {
      return undefined;
    }
    if (!PASSES.has(node.opType)) {
      return computedPositions(facts, trial, name);
    }
    if (node.opType === 'Slice') {
      start += facts.numbers(node.inputs[1] ?? '')?.[0] ?? 0;
    }
    [name] = node.inputs;
  }
  return undefined;
}

function fromLookUp(found: LookUp): AddedPositions {
  const offset = found.by.what === 'positions' ? Math.min(found.by.offset, found.rows - 1) : 0;
  return {
    tensor: found.table,
    rows: found.rows - offset,
    width: found.width,
    offset,
    computed: false,
    how: 'is looked up by position and added to the embedding',
  };
}

/** A weight with one row per position: `[positions, width]`, perhaps with axes of size 1. */
function tableShape(
  facts: GraphFacts,
  tensor: string,
): { readonly rows: number; readonly width: number } | undefined {
  const dims = facts.dims(tensor);
  const sizes = dims?.filter((dim): dim is number => typeof dim === 'number' && dim !== 1);
  const isPlain = dims?.every((dim) => typeof dim === 'number') && (dims.length === 2 || dims.length === 3);
  return isPlain && sizes?.length === 2 && sizes[1] > 2 ? { rows: sizes[0], width: sizes[1] } : undefined;
}

/** Positions computed by sines and cosines of a range. */
function computedPositions(facts: GraphFacts, trial: Trial, tensor: string): AddedPositions | undefined {
  const width = facts.numericDim(tensor, -1);
  const value = width === undefined ? undefined : trial.value(tensor);
  if (width === undefined || !value || !hasWaves(facts, tensor)) {
    return undefined;
  }
  return {
    tensor,
    rows: value.data.length / width,
    width,
    offset: 0,
    computed: true,
    how: 'is computed from sines and cosines of the positions, a sinusoid, and added to the embedding',
  };
}

/** Whether both Sin and Cos are behind the tensor. */
export function hasWaves(facts: GraphFacts, tensor: string): boolean {
  const queue = [tensor];
  const seen = new Set(queue);
  const found = new Set<string>();
  for (let name = queue.pop(); name !== undefined && seen.size < 200; name = queue.pop()) {
    const node = facts.producer(name);
    if (node?.opType === 'Sin' || node?.opType === 'Cos') {
      found.add(node.opType);
    }
    for (const input of node?.inputs ?? []) {
      if (!seen.has(input)) {
        seen.add(input);
        queue.push(input);
      }
    }
  }
  return found.size === 2;
}
