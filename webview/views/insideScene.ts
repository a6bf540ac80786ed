// What the Inside view draws: the stages of one head with the tokens they belong to, and what is looked at, always in pieces. Pure.
import type { HeadStages } from '../../src/shared/headStages';
import type { AttentionSummary } from '../../src/shared/modelSummary';
import type { TokenRef } from '../../src/shared/protocol';
import type { Matrix } from '../../src/shared/tensor';
import { rowOf } from '../../src/shared/tensor';
import type { TraceSummary } from '../../src/shared/trace';
import type { AxisItem } from '../explorer/sequences';
import { axisOf, itemOfPiece, sequencesOf, tokenRef } from '../explorer/sequences';
import type { Pair } from '../explorer/viewState';
import { insideStrings as strings } from '../strings/insideStrings';
import type { StageName } from './insideLayout';
import { effectiveScale } from './insideNumbers';
import type { ScaleWords } from './insideSteps';
import { scaleWords } from './insideSteps';
import { sidesOf } from '../../src/shared/attentionSides';

export interface InsideScene {
  /** Changes with everything that is drawn, except the theme. */
  readonly key: string;
  readonly attention: AttentionSummary;
  readonly head: number;
  readonly batch: number;
  readonly stages: HeadStages;
  /** Pieces. */
  readonly queries: readonly AxisItem[];
  readonly keys: readonly AxisItem[];
  readonly scale: ScaleWords | undefined;
}

export function insideScene(
  trace: TraceSummary,
  attention: AttentionSummary,
  head: number,
  batch: number,
  stages: HeadStages,
): InsideScene {
  const sides = sidesOf(attention.kind);
  return {
    key: [trace.id, attention.name, head, batch].join('/'),
    attention,
    head,
    batch,
    stages,
    queries: axisOf(sequencesOf(trace, sides.query)[batch], 'pieces'),
    keys: axisOf(sequencesOf(trace, sides.key)[batch], 'pieces'),
    scale: scaleWords(effectiveScale(stages, attention.scale), attention.headSize),
  };
}

/** The tensor behind each picture. */
export function stageMatrix({ stages }: InsideScene, name: StageName): Matrix | undefined {
  return stages[name];
}

/** Whether rows of a picture are keys, and whether its columns are. */
export const rowsAreKeys = (name: StageName): boolean => name === 'key' || name === 'value';
export const columnsAreKeys = (name: StageName): boolean =>
  name === 'scores' || name === 'scaled' || name === 'masked' || name === 'weights';

/** Why a picture is missing. */
export function whyMissing({ stages }: InsideScene, name: StageName): string {
  const { missingWhy, missing, noOutput } = strings;
  switch (name) {
    case 'output':
      return noOutput[stages.noOutput ?? 'noProjection'];
    case 'query':
    case 'key':
    case 'value':
      return missingWhy.query;
    case 'scores':
    case 'scaled':
    case 'masked':
    case 'context':
      return missingWhy[name];
    case 'weights':
      return missing;
    default:
      return name satisfies never;
  }
}

/** What may decide which cell is written out; everything in pieces. */
export interface InsideAim {
  readonly hovered: Partial<Pair> | undefined;
  readonly pinned: Pair | undefined;
  readonly followed: TokenRef | undefined;
}

/**
 * The cell that is written out: under the pointer, else pinned, else the row of the word at the editor's cursor with its
 * strongest key, else the row in the middle of the text. There is always one.
 */
export function insideCell(scene: InsideScene, { hovered, pinned, followed }: InsideAim): Pair {
  const pointed = hovered && inside(scene, { query: 0, key: 0, ...hovered }) ? hovered : undefined;
  const fits = pinned && inside(scene, pinned) ? pinned : undefined;
  const follow = fits ? undefined : followedCell(scene, followed);
  const query = pointed?.query ?? fits?.query ?? follow?.query ?? middleWord(scene);
  const key = pointed?.key ?? fits?.key ?? follow?.key ?? strongestKey(scene, query);
  return { query, key };
}

function followedCell(scene: InsideScene, token: TokenRef | undefined): Partial<Pair> | undefined {
  if (!token || token.batch !== scene.batch) {
    return undefined;
  }
  const sides = sidesOf(scene.attention.kind);
  return token.side === sides.query
    ? { query: itemOfPiece(scene.queries, token.first) }
    : { key: itemOfPiece(scene.keys, token.first) };
}

/** In the middle, where a causal mask leaves something to look at. */
function middleWord({ queries }: InsideScene): number {
  const words = Array.from(queries.keys()).filter((index) => queries[index].hasText);
  return words[Math.floor(words.length / 2)] ?? 0;
}

/** The key with the largest weight of a row. */
export function strongestKey({ stages }: InsideScene, query: number): number {
  const { weights } = stages;
  if (!weights || query >= weights.rows) {
    return 0;
  }
  const row = rowOf(weights, query);
  return row.reduce((best, weight, key) => (weight > row[best] ? key : best), 0);
}

/** The tokens of a cell, for the editor. */
export function tokensOfCell(scene: InsideScene, cell: Partial<Pair> | undefined): TokenRef[] {
  const sides = sidesOf(scene.attention.kind);
  const query = cell?.query === undefined ? undefined : scene.queries[cell.query];
  const key = cell?.key === undefined ? undefined : scene.keys[cell.key];
  return [
    ...(query?.hasText ? [tokenRef(sides.query, scene.batch, query)] : []),
    ...(key?.hasText ? [tokenRef(sides.key, scene.batch, key)] : []),
  ];
}

function inside({ queries, keys }: InsideScene, { query, key }: Pair): boolean {
  return query >= 0 && key >= 0 && query < queries.length && key < keys.length;
}

/** `Layer 5, head 3`: counted from 1. */
export function headTitle({ attention, head }: InsideScene): string {
  return strings.head(attention.layer + 1, head + 1);
}
