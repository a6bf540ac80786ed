// Decides which attention a hovered word is shown in, and in which role; says so where it cannot be the chosen one.
import type { AttentionSummary, ModelSummary, Side } from '../shared/modelSummary';
import type { ViewState } from '../shared/protocol';
import { attentionOf } from './viewState';

/** How a hovered word takes part in an attention: on both sides, or in cross-attention on one. */
export type HoverRole = 'self' | 'query' | 'key';

export interface HoverAttention {
  readonly attention: AttentionSummary;
  readonly role: HoverRole;
  readonly head: number | 'mean';
  /** Whether another attention than the chosen one is shown, because the word takes no part in that. */
  readonly instead: AttentionSummary | undefined;
}

/**
 * The attention to show for a word on that side of the model: the chosen one if the word takes part in it, else the
 * side's own self-attention in the same layer. Undefined in a model without attention.
 */
export function hoverAttention(model: ModelSummary, view: ViewState, side: Side): HoverAttention | undefined {
  const chosen = attentionOf(model, view.attention);
  if (!chosen) {
    return undefined;
  }
  const own = side === 'encoder' ? 'encoderSelf' : 'decoderSelf';
  if (chosen.kind === own || chosen.kind === 'cross') {
    const crossRole = side === 'encoder' ? 'key' : 'query';
    const role = chosen.kind === 'cross' ? crossRole : 'self';
    return { attention: chosen, role, head: headOf(view, chosen), instead: undefined };
  }
  const ownKind = model.attentions.filter(({ kind }) => kind === own);
  const attention = ownKind.find(({ layer }) => layer === chosen.layer) ?? ownKind.at(-1);
  return attention && { attention, role: 'self', head: headOf(view, attention), instead: chosen };
}

function headOf(view: ViewState, attention: AttentionSummary): number | 'mean' {
  return view.mean ? 'mean' : Math.min(view.head, attention.heads - 1);
}
