// One head before and after a change, over the same tokens, so that a picture never mixes two runs. Pure.
import type { Matrix } from '../../../src/shared/tensor';
import type { AttentionSummary } from '../../../src/shared/modelSummary';
import type { AttentionMatrix, TraceSummary } from '../../../src/shared/trace';
import { symmetricRange } from '../../draw/heatPixels';
import type { AxisItem } from '../../explorer/sequences';
import { axisOf, sequencesOf } from '../../explorer/sequences';
import { effectiveMask } from '../masks/effectiveMask';
import { masksOn } from '../masks/maskScope';
import { afterWeights, rowVariations } from './effectFacts';
import { sidesOf } from '../../../src/shared/attentionSides';

/** Which head of which text is compared between which runs. */
export interface EffectPlace {
  readonly before: TraceSummary;
  readonly after: TraceSummary;
  readonly attention: AttentionSummary;
  readonly head: number | 'mean';
  readonly batch: number;
}

export interface EffectScene {
  readonly key: string;
  readonly name: string;
  readonly before: AttentionMatrix;
  readonly after: AttentionMatrix;
  readonly difference: Matrix;
  /** Total variation of each row. */
  readonly variations: readonly number[];
  /** Largest |difference|. */
  readonly range: number;
  readonly queries: readonly AxisItem[];
  readonly keys: readonly AxisItem[];
}

export function placeKey({ before, after, attention, head, batch }: EffectPlace): string {
  return JSON.stringify([before.id, after.id, attention.name, head, batch]);
}

/** `before` are the weights of the first run, `difference` those of the second minus them, over the tokens of the first. */
export function effectScene(place: EffectPlace, before: AttentionMatrix, difference: Matrix): EffectScene {
  const { attention, head, batch } = place;
  const sides = sidesOf(attention.kind);
  const queries = axisOf(sequencesOf(place.before, sides.query)[batch], 'pieces');
  const keys = axisOf(sequencesOf(place.before, sides.key)[batch], 'pieces');
  const masks = masksOn(place.after.interventions ?? [], attention, batch);
  const own = { rows: before.rows, columns: before.columns, removed: before.masked };
  const realKeys = keys.map(({ padding }) => !padding);
  const { removed } = effectiveMask(own, masks, head, attention.heads, realKeys);
  const after = afterWeights(before, difference);
  return {
    key: placeKey(place),
    name: placeName(place),
    before,
    after: { ...before, data: Float32Array.from(after.data), masked: Uint8Array.from(removed) },
    difference,
    variations: rowVariations(difference),
    range: symmetricRange(difference.data),
    queries,
    keys,
  };
}

/** `encoder.0.self[2]`, or the layer's mean. */
export function placeName({ attention, head }: Pick<EffectPlace, 'attention' | 'head'>): string {
  return `${attention.name}[${head === 'mean' ? 'mean' : head}]`;
}
