// Adds the controls of positions: of a table that is added to the embedding, or of a rotation (rotaryControls.ts).
import type { Anatomy, AttentionSite } from '../anatomy/anatomy';
import { PASSES } from '../anatomy/addedPositions';
import type { GraphFacts } from '../anatomy/graphFacts';
import type { OnnxNode } from '../onnx/model';
import type { RotaryControls, TableControls } from './experiment';
import type { GraphSurgeon } from './graphSurgeon';
import { addRotaryControls } from './rotaryControls';

const MAX_STEPS = 10;

/** Controls, and the tensor that holds the positions that are really added. */
export interface FoundPositions {
  readonly controls: TableControls | RotaryControls;
  readonly added: string | undefined;
}

/** Undefined where the positions stand in a form that cannot be reached. */
export function addPositionControls(
  facts: GraphFacts,
  surgeon: GraphSurgeon,
  anatomy: Anatomy,
  sites: readonly AttentionSite[],
): FoundPositions | undefined {
  switch (anatomy.positions.kind) {
    case 'sinusoidal':
    case 'learned':
      return addTableControls(facts, surgeon, anatomy);
    case 'rotary': {
      const controls = addRotaryControls(facts, surgeon, sites);
      return controls && { controls, added: undefined };
    }
    case 'relative':
    case 'alibi':
    case 'none':
      return undefined;
    default:
      return anatomy.positions.kind satisfies never;
  }
}

function addTableControls(
  facts: GraphFacts,
  surgeon: GraphSurgeon,
  anatomy: Anatomy,
): FoundPositions | undefined {
  const { tensor } = anatomy.positions;
  const sum = tensor === undefined ? undefined : findSum(facts, tensor);
  if (!sum) {
    return undefined;
  }
  const { writer } = surgeon;
  const name = `${anatomy.side}.positions`;
  const select = surgeon.control(`${name}/select`, { type: 'bool', rank: 1, value: 0 });
  const rank = sum.table === undefined ? 3 : 2;
  const given = surgeon.control(`${name}/given`, { type: 'float32', rank, value: 0 });
  const { node, input } = sum;
  const own = node.inputs[input];
  const rows = writer.node('Where', [select.tensor, given.tensor, own]);
  surgeon.replaceOperand(node, input, rows);
  const common = { kind: 'table', select: select.input, given: given.input } as const;
  if (sum.table !== undefined) {
    return { controls: { ...common, rows: sum.table, multiply: undefined }, added: undefined };
  }
  if (node.opType !== 'Add') {
    return { controls: { ...common, rows: 'run', multiply: undefined }, added: rows };
  }
  const multiply = surgeon.control(`${name}/multiply`, { type: 'bool', rank: 1, value: 0 });
  const tokens = node.inputs[1 - input];
  surgeon.interpose(node.outputs[0], (added, result) =>
    writer.node('Where', [multiply.tensor, writer.node('Mul', [tokens, rows]), added], {}, result),
  );
  return { controls: { ...common, rows: 'run', multiply: multiply.input }, added: rows };
}

/** Where positions meet the embedding; `table` is the size of a table that an operator looks up by itself. */
interface Sum {
  readonly node: OnnxNode;
  readonly input: number;
  readonly table?: number;
}

function findSum(facts: GraphFacts, table: string): Sum | undefined {
  for (const node of facts.order) {
    if (node.opType === 'EmbedLayerNormalization') {
      const rows = facts.numericDim(node.inputs[3] ?? '', 0);
      if (rows !== undefined && nameOf(facts, node.inputs[3]) === table) {
        return { node, input: 3, table: rows };
      }
    } else if (node.opType === 'Add' || node.opType.startsWith('Skip')) {
      const input = [0, 1].find((at) => comesFrom(facts, node.inputs[at] ?? '', table));
      if (input !== undefined) {
        return { node, input };
      }
    }
  }
  return undefined;
}

const nameOf = (facts: GraphFacts, tensor: string): string => facts.weight(tensor)?.name ?? tensor;

/** Whether the tensor holds rows of the table, rearranged or looked up at most. */
function comesFrom(facts: GraphFacts, tensor: string, table: string): boolean {
  let name = tensor;
  for (let i = 0; i < MAX_STEPS && name !== ''; i++) {
    if (name === table || nameOf(facts, name) === table) {
      return true;
    }
    const node = facts.producer(name);
    if (!node || !(PASSES.has(node.opType) || node.opType === 'Gather')) {
      return false;
    }
    [name] = node.inputs;
  }
  return false;
}
