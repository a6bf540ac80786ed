// What stands under each picture: a small drawing and two or three numbers, computed from the same tensors as the picture. Pure.
import type { Matrix } from '../../src/shared/tensor';
import { rowOf } from '../../src/shared/tensor';
import { symmetricRange } from '../draw/heatPixels';
import type { Pair } from '../explorer/viewState';
import { formatCount, formatNumber, formatWeight } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import type { Chart } from './insideChart';
import type { StageName } from './insideLayout';
import { blockColumns, entropyOf, histogram, lengthOf, roundRange, spreadOf } from './insideNumbers';
import type { InsideScene } from './insideScene';

/** A line under a picture: name and number. */
export type StatLine = readonly [name: string, value: string];

export interface StageStats {
  readonly chart: Chart | undefined;
  readonly lines: readonly StatLine[];
}

const bins = 30;

/** What depends on the head alone, computed once for it. */
export interface HeadStats {
  /** Of the scores before the scale: the axis of all three histograms, so that what the scale does can be seen. */
  readonly range: number;
  readonly scores: StageStats | undefined;
  readonly scaled: StageStats | undefined;
  readonly masked: StageStats | undefined;
}

export function headStats({ stages, scale, attention }: InsideScene): HeadStats {
  const { scores, scaled, masked, removed } = stages;
  const range = roundRange(keptRange(scores ?? scaled ?? masked, removed));
  const ends: StatLine = [formatNumber(-range).replace('.00', ''), formatNumber(range).replace('.00', '')];
  const chart = ({ data }: Matrix): Chart => ({
    kind: 'histogram',
    counts: histogram(data, removed, range, bins),
  });
  const dk = attention.headSize;
  const isRoot = scale !== undefined && dk > 0 && Math.abs(scale.factor * Math.sqrt(dk) - 1) < 1e-3;
  const before = scores && spreadOf(scores.data, removed);
  const after = scaled && spreadOf(scaled.data, removed);
  const gone = removed.reduce((sum, mark) => sum + mark, 0);
  return {
    range,
    scores: scores &&
      before && {
        chart: chart(scores),
        lines: [
          ends,
          [strings.variance, formatNumber(before.variance)],
          ...(dk > 0 ? [[strings.paper, String(dk)] as const] : []),
        ],
      },
    scaled: scaled &&
      after && {
        chart: chart(scaled),
        lines: [
          ends,
          [strings.variance, formatNumber(after.variance)],
          isRoot ? [strings.paperOne, '1'] : [strings.largest, formatNumber(after.most)],
        ],
      },
    masked: masked && {
      chart: chart(masked),
      lines: [
        ends,
        [strings.kept, formatCount(removed.length - gone)],
        [strings.maskedCount, gone === 0 ? strings.none : formatCount(gone)],
      ],
    },
  };
}

/** What depends on the row. */
export function rowStats(
  { stages, queries }: InsideScene,
  name: 'weights' | 'context' | 'output',
  { query, key }: Pair,
): StageStats | undefined {
  const matrix = stages[name];
  if (!matrix || query >= matrix.rows) {
    return undefined;
  }
  const row = rowOf(matrix, query);
  const token = queries[query]?.label ?? '';
  if (name === 'weights') {
    return {
      chart: { kind: 'weights', values: row, marked: key },
      lines: [
        [strings.row(token), strings.toOne],
        [strings.largest, formatWeight(row.reduce((most, weight) => Math.max(most, weight), 0))],
        [strings.entropy, strings.bits(formatNumber(entropyOf(row)))],
      ],
    };
  }
  const range = symmetricRange(row);
  const ends = strings.plusMinus(formatNumber(range));
  return {
    chart: { kind: 'signed', values: row, range },
    lines:
      name === 'context'
        ? [
            [strings.row(token), ends],
            [strings.norm, formatNumber(lengthOf(row))],
          ]
        : [[strings.rowDimensions(token, row.length), ends]],
  };
}

/** The largest magnitude among the cells that the mask keeps. */
export function keptRange(matrix: Matrix | undefined, removed: Uint8Array): number {
  if (!matrix) {
    return 0;
  }
  const kept = matrix.data.filter((_, cell) => removed[cell] !== 1);
  return symmetricRange(kept);
}

/** What a picture draws: the tensor, with several columns in one where there are more columns than pixels. */
export function drawnMatrix(scene: InsideScene, name: StageName, block: number): Matrix | undefined {
  const matrix = scene.stages[name];
  return matrix && blockColumns(matrix, block);
}
