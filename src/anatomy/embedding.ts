// Finds the token embedding and other look-ups by graph inputs: a Gather of rows, told apart by what its indices do.
import type { Initializer, OnnxNode } from '../onnx/model';
import type { EmbeddingSite } from './anatomy';
import { scaleStep } from './axisRoles';
import type { GraphFacts } from './graphFacts';
import { intAttribute } from './symbolic/attributes';
import { numbersOf } from './symbolic/value';
import type { Trial } from './trial';

/** A Gather of rows of a weight `[rows, width]`. */
export interface LookUp {
  readonly node: OnnxNode;
  /** The weight as the graph reads it. */
  readonly table: string;
  readonly indices: string;
  readonly rows: number;
  readonly width: number;
  readonly output: string;
  /** What the indices are, tried out on two lists of token ids. */
  readonly by:
    | { readonly what: 'tokens'; readonly inputs: readonly string[] }
    /** `offset` is the row of the first position. */
    | { readonly what: 'positions'; readonly offset: number }
    | { readonly what: 'unknown' };
}

/** All look-ups of rows in weights, in the order in which they run. */
export function findLookUps(facts: GraphFacts, trial: Trial): readonly LookUp[] {
  return facts.order.flatMap((node): LookUp[] => {
    if (node.opType === 'EmbedLayerNormalization') {
      return fusedLookUps(facts, trial, node);
    }
    if (node.opType !== 'Gather' || (intAttribute(node, 'axis') ?? 0) !== 0) {
      return [];
    }
    const [table, indices] = node.inputs;
    const found = lookUp(facts, trial, node, table, indices, node.outputs[0]);
    return found ? [found] : [];
  });
}

/** `EmbedLayerNormalization` (com.microsoft): ids, segments, words, positions, segment table, …, position ids last. */
function fusedLookUps(facts: GraphFacts, trial: Trial, node: OnnxNode): LookUp[] {
  const [ids, segments, words, positions, segmentTable, , , , positionIds] = node.inputs;
  // The third output, where asked for, is the sum before the normalisation.
  const output = node.outputs[2] || node.outputs[0];
  const found = [
    lookUp(facts, trial, node, words, ids, output),
    segments ? lookUp(facts, trial, node, segmentTable, segments, output) : undefined,
  ].filter((item): item is LookUp => item !== undefined);
  const table = positions ? facts.weight(positions) : undefined;
  if (table?.dims.length === 2) {
    found.push({
      node,
      table: positions,
      indices: positionIds ?? '',
      rows: table.dims[0],
      width: table.dims[1],
      output,
      by: { what: 'positions', offset: 0 },
    });
  }
  return found;
}

function lookUp(
  facts: GraphFacts,
  trial: Trial,
  node: OnnxNode,
  table: string,
  indices: string,
  output: string,
): LookUp | undefined {
  const [rows, width] = [facts.numericDim(table, 0), facts.numericDim(table, 1)];
  const isTable = facts.rank(table) === 2 && facts.isConstant(table) && isFloatTable(facts, table);
  if (rows === undefined || width === undefined || !isTable || (facts.rank(indices) ?? 1) > 3) {
    return undefined;
  }
  return { node, table, indices, rows, width, output, by: indexedBy(facts, trial, indices) };
}

/** Shape arithmetic gathers too, but integers. */
function isFloatTable(facts: GraphFacts, table: string): boolean {
  const weight = facts.weight(table);
  return weight
    ? ![6, 7, 9].includes(weight.elementType)
    : facts.producer(table)?.opType === 'DequantizeLinear';
}

/** Two lists of ids that no tokenizer pads with; small, because test models have few rows. */
const idsA = (batch: number, token: number): number => 5 + ((batch + 2 * token) % 7);
const idsB = (batch: number, token: number): number => 5 + ((3 * batch + 3 * token + 1) % 7);

function indexedBy(facts: GraphFacts, trial: Trial, indices: string): LookUp['by'] {
  const inputs = facts.dependencies.of(indices).filter((name) => (facts.rank(name) ?? 0) <= 2);
  const value = trial.valueForTokens('a', indices, idsA);
  const [a, b] = [numbersOf(value), numbersOf(trial.valueForTokens('b', indices, idsB))];
  if (!value || !a || !b) {
    return inputs.length > 0 && inputs.length < 3 ? { what: 'tokens', inputs } : { what: 'unknown' };
  }
  const tokens = value.dims[value.dims.length - 1] ?? 1;
  if (a.some((row, i) => row !== b[i])) {
    return { what: 'tokens', inputs };
  }
  // The same for both lists: positions, if they count up by one within each text.
  const ascends = a.every((row, i) => i % tokens === 0 || row === a[i - 1] + 1);
  return tokens > 1 && ascends ? { what: 'positions', offset: a[0] } : { what: 'unknown' };
}

/** The largest table that token ids look rows up in. */
export function tokenLookUp(lookUps: readonly LookUp[]): LookUp | undefined {
  return lookUps
    .filter((item) => item.by.what === 'tokens')
    .reduce<LookUp | undefined>(
      (largest, item) => (largest && largest.rows >= item.rows ? largest : item),
      undefined,
    );
}

export function embeddingSite(facts: GraphFacts, found: LookUp): EmbeddingSite {
  return {
    tensor: facts.weight(found.table)?.name ?? found.table,
    vocabulary: found.rows,
    width: found.width,
    scale: embeddingScale(facts, found.output),
    node: found.node.name || found.node.outputs[0],
    fingerprint: fingerprint(facts.weight(found.table)),
  };
}

/** Bytes that are hashed at most; a larger table is sampled evenly. */
const HASHED_BYTES = 1 << 22;

/** FNV-1a over the stored bytes. */
function fingerprint(weight: Initializer | undefined): number | undefined {
  const raw = weight?.raw;
  if (!raw) {
    return undefined;
  }
  // An odd step visits all bytes of an element in turn.
  const step = raw.length > HASHED_BYTES ? Math.ceil(raw.length / HASHED_BYTES) | 1 : 1;
  let hash = 0x811c9dc5;
  for (let i = 0; i < raw.length; i += step) {
    hash = Math.imul(hash ^ raw[i], 0x01000193);
  }
  return hash >>> 0;
}

/** A constant factor on the looked-up rows: √d_model in section 3.4 of the paper. */
function embeddingScale(facts: GraphFacts, output: string): number {
  let tensor = output;
  for (let i = 0; i < 6; i++) {
    const uses = facts.consumers(tensor).map((use) => use.node);
    const scaled = uses.find((node) => node.opType === 'Mul' || node.opType === 'Div');
    const scale = scaled && scaleStep(facts, scaled);
    if (scale) {
      return scale.factor;
    }
    const next = uses.find((node) =>
      ['Cast', 'Identity', 'Dropout', 'Reshape', 'Unsqueeze', 'Transpose'].includes(node.opType),
    );
    if (!next) {
      return 1;
    }
    [tensor] = next.outputs;
  }
  return 1;
}
