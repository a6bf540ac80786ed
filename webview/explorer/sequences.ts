// Which tokens stand along the rows and columns of an attention, and how pieces, words and token references convert.
import type { AttentionKind, AttentionSummary, ModelSummary, Side } from '../../src/shared/modelSummary';
import type { TokenRef } from '../../src/shared/protocol';
import type { TokenSequence, Unit } from '../../src/shared/tokens';
import type { TraceSummary } from '../../src/shared/trace';
import { formatToken } from '../format';

/** A row or a column of a matrix: a piece or a word. */
export interface AxisItem {
  readonly label: string;
  /** Piece indexes, first to last. */
  readonly first: number;
  readonly last: number;
  /** Whether it stands for text of the document that can be revealed. */
  readonly hasText: boolean;
  readonly padding: boolean;
}

/** The sequences of one side: one per text of the batch. */
export function sequencesOf(trace: TraceSummary, side: Side): readonly TokenSequence[] {
  return side === 'encoder' ? trace.encoder : trace.decoder;
}

/** How many texts were run together. */
export function batchSize(trace: TraceSummary): number {
  return Math.max(trace.encoder.length, trace.decoder.length);
}

/** The items of a sequence in the unit that is shown. */
export function axisOf(sequence: TokenSequence | undefined, unit: Unit): AxisItem[] {
  if (!sequence) {
    return [];
  }
  const { tokens, words } = sequence;
  if (unit === 'words') {
    return words.map(({ label, first, last, start }) => ({
      label: formatToken(label),
      first,
      last,
      hasText: start >= 0,
      padding: tokens[first]?.padding === true,
    }));
  }
  return tokens.map(({ label, start, padding }, index) => ({
    label: formatToken(label),
    first: index,
    last: index,
    hasText: start >= 0,
    padding: padding === true,
  }));
}

/** The item that contains a piece. */
export function itemOfPiece(items: readonly AxisItem[], piece: number): number | undefined {
  const index = items.findIndex(({ first, last }) => first <= piece && piece <= last);
  return index >= 0 ? index : undefined;
}

/** An item as the host knows it. */
export function tokenRef(side: Side, batch: number, item: AxisItem): TokenRef {
  return { side, batch, first: item.first, last: item.last };
}

/** The attentions of a model by kind, in the order in which the toolbar lists them. */
export function kindsOf(model: ModelSummary): AttentionKind[] {
  const order: readonly AttentionKind[] = ['encoderSelf', 'decoderSelf', 'cross'];
  return order.filter((kind) => model.attentions.some((attention) => attention.kind === kind));
}

/** The attention with this name, else the first one; undefined when the model has none. */
export function attentionOf(model: ModelSummary, name: string): AttentionSummary | undefined {
  return model.attentions.find((attention) => attention.name === name) ?? model.attentions[0];
}

/** The attention of a kind and layer; where the kind has no such layer, its nearest one. */
export function attentionAt(
  model: ModelSummary,
  kind: AttentionKind,
  layer: number,
): AttentionSummary | undefined {
  return model.attentions
    .filter((attention) => attention.kind === kind)
    .sort((a, b) => Math.abs(a.layer - layer) - Math.abs(b.layer - layer))[0];
}
