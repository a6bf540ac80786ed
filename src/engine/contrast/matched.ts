// What of two runs stands for what: sides, kinds of attention and layers by their place, tokens by their text.
import { alignTexts } from '../../explain/alignTexts';
import type { AlignedItem, AlignedPart, AlignedSide, TwoRuns } from '../../shared/contrast';
import { UserError } from '../../shared/errors';
import type { AttentionKind, Side } from '../../shared/modelSummary';
import type { Unit } from '../../shared/tokens';
import type { Trace } from '../trace';
import { sidesOf } from '../../shared/attentionSides';

/** Two runs with the text of each that is compared. */
export interface Pair {
  readonly a: Trace;
  readonly b: Trace;
  readonly batch: { readonly a: number; readonly b: number };
}

/** A place where both texts say the same. */
export interface SameItem extends AlignedItem {
  readonly a: AlignedPart;
  readonly b: AlignedPart;
}

export function isSame(item: AlignedItem): item is SameItem {
  return item.same && item.a !== undefined && item.b !== undefined;
}

/** The side that reads the text: the encoder where there is one. */
function textSide({ summary }: Trace): Side {
  return summary.encoder.length > 0 ? 'encoder' : 'decoder';
}

/** The side of the second run for a side of the first: what reads the text for what reads the text, the decoder for the decoder. */
export function sideFor({ a, b }: Pair, side: Side): Side | undefined {
  if (a.summary[side].length === 0) {
    return undefined;
  }
  if (side === textSide(a)) {
    return textSide(b);
  }
  return textSide(b) === 'encoder' && b.summary.decoder.length > 0 ? 'decoder' : undefined;
}

/** The aligned tokens of one side of the first run. @throws UserError `badRequest` */
export function alignedSide(pair: Pair, side: Side, unit: Unit): AlignedSide | undefined {
  const other = sideFor(pair, side);
  if (!other) {
    return undefined;
  }
  const a = pair.a.summary[side].at(pair.batch.a);
  const b = pair.b.summary[other].at(pair.batch.b);
  if (!a || !b) {
    throw new UserError('badRequest', `There is no text number ${pair.batch.a} or ${pair.batch.b}.`);
  }
  return { a: side, b: other, items: alignTexts(a, b, unit) };
}

/** The attention of the second model whose queries and keys are the tokens of this kind's; undefined where it has none. */
export function kindFor(pair: Pair, kind: AttentionKind): AttentionKind | undefined {
  const { query, key } = sidesOf(kind);
  const [ownQuery, ownKey] = [sideFor(pair, query), sideFor(pair, key)];
  const found = (['encoderSelf', 'decoderSelf', 'cross'] as const).find(
    (each) => sidesOf(each).query === ownQuery && sidesOf(each).key === ownKey,
  );
  const has = pair.b.model.summary.attentions.some((attention) => attention.kind === found);
  return has ? found : undefined;
}

/** For each of `a` layers the one of `b` layers that it is compared with. */
export function layersFor(
  a: number,
  b: number,
  from: TwoRuns['layersFrom'],
): readonly (number | undefined)[] {
  const shift = from === 'top' ? b - a : 0;
  return Array.from({ length: a }, (_, layer) => {
    const other = layer + shift;
    return other >= 0 && other < b ? other : undefined;
  });
}
