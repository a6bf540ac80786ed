// Answers the explorer's questions from a saved run instead of an engine; what the file does not hold is refused with the reason.
import { aggregate, aggregateMarks, pieceSpans } from '../../src/shared/aggregate';
import { UserError } from '../../src/shared/errors';
import type { AttentionKind, AttentionSummary } from '../../src/shared/modelSummary';
import { blockSize, shrinkInto, shrinkMarksInto } from '../../src/shared/overviewBlocks';
import type { Slices } from '../../src/shared/protocol';
import type { SavedAttention, SavedHead, SavedRun } from '../../src/shared/savedRun';
import type { Matrix } from '../../src/shared/tensor';
import { rowOf } from '../../src/shared/tensor';
import type { Unit } from '../../src/shared/tokens';
import { sequencesOf } from '../explorer/sequences';
import { savedPageStrings as strings } from '../strings/savedPageStrings';
import { sidesOf } from '../../src/shared/attentionSides';

/** What a saved page can be asked. */
export type SavedSlices = Pick<
  Slices,
  'matrix' | 'overview' | 'pair' | 'cell' | 'masks' | 'positions' | 'heads'
>;

type Stage = 'weights' | 'scores' | 'scaled';

export function savedAnswers(run: SavedRun): SavedSlices {
  return {
    matrix: async ({ attention, head, batch, stage, unit }) => {
      if (stage === 'masked') {
        throw missing();
      }
      const found = attentionOf(run, attention, batch);
      const matrix = headMatrix(found, head, stage) ?? fail();
      const masked = marksOf(found, head === 'mean' ? 0 : head);
      if (unit === 'pieces') {
        return { ...matrix, masked };
      }
      const { queries, keys } = axesOf(run, kindOf(run, attention), batch, unit);
      return {
        ...aggregate(matrix, queries, keys),
        masked: aggregateMarks(masked, matrix.columns, queries, keys),
      };
    },
    overview: async ({ kind, batch, unit, maxCells }) => {
      const { queries, keys } = axesOf(run, kind, batch, unit);
      const block = blockSize(queries.length, keys.length, maxCells);
      const rows = Math.ceil(queries.length / block);
      const columns = Math.ceil(keys.length / block);
      const layers = ofKind(run, kind);
      const heads = Math.max(0, ...layers.map((layer) => layer.heads));
      const data = new Float32Array(layers.length * heads * rows * columns);
      const masked = new Uint8Array(data.length);
      layers.forEach(({ name }, layer) => {
        const found = attentionOf(run, name, batch);
        found.heads.forEach((_, head) => {
          const offset = (layer * heads + head) * rows * columns;
          const matrix = headMatrix(found, head, 'weights') ?? fail();
          const marks = marksOf(found, head);
          const shown = unit === 'words' ? aggregate(matrix, queries, keys) : matrix;
          shrinkInto(data, offset, shown, block);
          shrinkMarksInto(
            masked,
            offset,
            unit === 'words' ? aggregateMarks(marks, matrix.columns, queries, keys) : marks,
            queries.length,
            keys.length,
            block,
          );
        });
      });
      return { kind, layers: layers.length, heads, rows, columns, block, data, masked };
    },
    pair: async ({ kind, batch, unit, query, key }) => {
      const { queries, keys } = axesOf(run, kind, batch, unit);
      const layers = ofKind(run, kind);
      const columns = Math.max(0, ...layers.map(({ heads }) => heads));
      const data = new Float32Array(layers.length * columns);
      layers.forEach(({ name }, row) => {
        const found = attentionOf(run, name, batch);
        found.heads.forEach((_, head) => {
          const matrix = headMatrix(found, head, 'weights') ?? fail();
          data[row * columns + head] = aggregate(matrix, [queries[query]], [keys[key]]).data[0];
        });
      });
      return { rows: layers.length, columns, data };
    },
    cell: async ({ attention, head, batch, query, key }) => {
      const found = attentionOf(run, attention, batch);
      const at = (matrix: Matrix | undefined) => matrix?.data[query * matrix.columns + key];
      const weights = headMatrix(found, head, 'weights') ?? fail();
      const row = rowOf(weights, query);
      return {
        weight: row[key],
        rank: row.filter((other) => other > row[key]).length + 1,
        of: row.length,
        score: at(headMatrix(found, head, 'scores')),
        scaled: at(headMatrix(found, head, 'scaled')),
        mask: at(run.masks[found.masks]?.total?.matrix),
        valueNorm: head === 'mean' ? undefined : found.heads[head]?.valueNorms?.[key],
      };
    },
    masks: async ({ attention, batch }) => run.masks[attentionOf(run, attention, batch).masks] ?? fail(),
    positions: async ({ side, layer, head }) =>
      run.positions.find((each) => each.positions.side === side && each.layer === layer && each.head === head)
        ?.positions ?? fail(),
    heads: async ({ kind, batch, question }) =>
      run.rankings.find((each) => each.kind === kind && each.batch === batch && each.question === question)
        ?.heads ?? fail(),
  };
}

/** The error for what the file does not hold. */
export function missing(): UserError {
  return new UserError('badRequest', strings.notSaved);
}

function fail(): never {
  throw missing();
}

function attentionOf(run: SavedRun, name: string, batch: number): SavedAttention {
  return run.attentions.find((each) => each.attention === name && each.batch === batch) ?? fail();
}

/** The matrix of a head, or the mean of all heads of the layer; undefined where the stage was not saved. */
function headMatrix({ heads }: SavedAttention, head: number | 'mean', stage: Stage): Matrix | undefined {
  const of = (saved: SavedHead | undefined): Matrix | undefined => {
    const data = saved?.[stage];
    return saved && data && { rows: saved.rows, columns: saved.columns, data };
  };
  if (head !== 'mean') {
    return of(heads[head]);
  }
  const all = heads.map(of).filter((matrix) => matrix !== undefined);
  if (all.length === 0 || all.length < heads.length) {
    return undefined;
  }
  const data = all[0].data.slice();
  all.slice(1).forEach((matrix) => matrix.data.forEach((value, index) => (data[index] += value)));
  data.forEach((sum, index) => (data[index] = sum / all.length));
  return { ...all[0], data };
}

function marksOf({ heads }: SavedAttention, head: number): Uint8Array<ArrayBuffer> {
  const { masked, rows, columns } = heads[head] ?? fail();
  return masked ?? heads[0]?.masked ?? new Uint8Array(rows * columns);
}

function ofKind({ state }: SavedRun, kind: AttentionKind): readonly AttentionSummary[] {
  return (state.model?.attentions ?? [])
    .filter((attention) => attention.kind === kind)
    .sort((a, b) => a.layer - b.layer);
}

function kindOf({ state }: SavedRun, name: string): AttentionKind {
  return state.model?.attentions.find((attention) => attention.name === name)?.kind ?? fail();
}

function axesOf({ state }: SavedRun, kind: AttentionKind, batch: number, unit: Unit) {
  const sides = sidesOf(kind);
  const spans = (side: 'query' | 'key') => {
    const sequence = state.trace && sequencesOf(state.trace, sides[side])[batch];
    return unit === 'words' ? (sequence?.words ?? []) : pieceSpans(sequence?.tokens.length ?? 0);
  };
  return { queries: spans('query'), keys: spans('key') };
}
