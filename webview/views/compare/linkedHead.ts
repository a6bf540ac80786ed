// Which head of the second side stands beside the chosen one of the first: the one with its number, or the user's own choice.
import type { Contrast, KindContrast } from '../../../src/shared/contrast';
import type { AttentionSummary, ModelSummary } from '../../../src/shared/modelSummary';

export interface HeadChoice {
  readonly attention: string;
  readonly head: number | 'mean';
}

/** What of the comparison is about a kind of attention. */
export function kindOf(contrast: Contrast, attention: AttentionSummary): KindContrast | undefined {
  return contrast.kinds.find(({ a }) => a === attention.kind);
}

/** The attentions of the second side that read the same texts, by layer. */
export function choicesFor(kind: KindContrast | undefined, other: ModelSummary): readonly AttentionSummary[] {
  return other.attentions.filter((each) => each.kind === kind?.b).sort((a, b) => a.layer - b.layer);
}

/** The counterpart of a head; undefined where its layer has none, or the layers have other numbers of heads. */
export function counterpart(
  kind: KindContrast | undefined,
  other: ModelSummary,
  attention: AttentionSummary,
  head: number | 'mean',
): HeadChoice | undefined {
  const name = kind?.layers.find(({ a }) => a === attention.name)?.b;
  const found = other.attentions.find((each) => each.name === name);
  if (!found || (head !== 'mean' && found.heads !== attention.heads)) {
    return undefined;
  }
  return { attention: found.name, head };
}

/** The user's choice where the second model has it; else its nearest attention, and the mean over heads where there is no such head. */
export function ownChoice(
  kind: KindContrast | undefined,
  other: ModelSummary,
  layer: number,
  wanted: HeadChoice | undefined,
): HeadChoice | undefined {
  const choices = choicesFor(kind, other);
  const known = choices.find(({ name }) => name === wanted?.attention);
  const found = known ?? choices.at(Math.min(layer, choices.length - 1));
  if (!found) {
    return undefined;
  }
  const head = wanted?.head ?? 'mean';
  return { attention: found.name, head: head !== 'mean' && head >= found.heads ? 'mean' : head };
}
