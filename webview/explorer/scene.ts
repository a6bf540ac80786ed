// One head as it is drawn: its weights together with the tokens they belong to, so that a picture never mixes two runs.
import type { AttentionSummary } from '../../src/shared/modelSummary';
import type { TokenRef } from '../../src/shared/protocol';
import type { AttentionMatrix } from '../../src/shared/trace';
import type { Unit } from '../../src/shared/tokens';
import type { AxisItem } from './sequences';
import { itemOfPiece, tokenRef } from './sequences';
import type { Target } from './store';
import type { Pair } from './viewState';
import { sidesOf } from '../../src/shared/attentionSides';

/** Weights of one head (or the mean of a layer's) with the items along both sides. */
export interface HeadScene {
  /** Changes with everything that is drawn, except the theme. */
  readonly key: string;
  readonly trace: string;
  readonly attention: AttentionSummary;
  readonly head: number | 'mean';
  readonly batch: number;
  readonly unit: Unit;
  readonly matrix: AttentionMatrix;
  readonly queries: readonly AxisItem[];
  readonly keys: readonly AxisItem[];
}

/** What is looked at: a cell, a row or a column, and why. */
export interface Aim extends Target {
  readonly by: 'hover' | 'pin' | 'follow' | 'nothing';
}

/** Pointer before pin before the editor's cursor. */
export function aimOf(
  scene: HeadScene,
  hovered: Target | undefined,
  pinned: Pair | undefined,
  followed: TokenRef | undefined,
): Aim {
  if (hovered && inside(scene, hovered)) {
    return { ...hovered, by: 'hover' };
  }
  if (pinned && inside(scene, pinned)) {
    return { ...pinned, by: 'pin' };
  }
  const target = followed && targetOfToken(scene, followed);
  return target ? { ...target, by: 'follow' } : { by: 'nothing' };
}

/** The row of a token, or its column where tokens of its side are keys only. */
export function targetOfToken(scene: HeadScene, token: TokenRef): Target | undefined {
  const sides = sidesOf(scene.attention.kind);
  if (token.batch !== scene.batch) {
    return undefined;
  }
  if (token.side === sides.query) {
    const query = itemOfPiece(scene.queries, token.first);
    return query === undefined ? undefined : { query };
  }
  const key = itemOfPiece(scene.keys, token.first);
  return key === undefined ? undefined : { key };
}

/** The tokens of a target, for the editor. */
export function tokensOf(scene: HeadScene, target: Target | undefined): TokenRef[] {
  const sides = sidesOf(scene.attention.kind);
  const query = target?.query === undefined ? undefined : scene.queries[target.query];
  const key = target?.key === undefined ? undefined : scene.keys[target.key];
  return [
    ...(query?.hasText ? [tokenRef(sides.query, scene.batch, query)] : []),
    ...(key?.hasText ? [tokenRef(sides.key, scene.batch, key)] : []),
  ];
}

/** Whether a cell is removed by the mask. */
export function isMasked(scene: HeadScene, { query, key }: Pair): boolean {
  return scene.matrix.masked[query * scene.matrix.columns + key] === 1;
}

function inside(scene: HeadScene, { query = 0, key = 0 }: Target): boolean {
  return query < scene.queries.length && key < scene.keys.length;
}
