// Ranks heads by the weight that they give to one pair of tokens or words.
import type { RankedHead } from './insight';
import type { AttentionKind, ModelSummary } from './modelSummary';
import type { Matrix } from './tensor';

/** The weights `[layer, head]` of one pair as a ranking. */
export function rankPair(
  weights: Matrix,
  { attentions }: ModelSummary,
  kind: AttentionKind,
): readonly RankedHead[] {
  return attentions
    .filter((attention) => attention.kind === kind)
    .sort((a, b) => a.layer - b.layer)
    .flatMap(({ name, heads }, row) =>
      Array.from({ length: heads }, (_, head) => ({
        attention: name,
        head,
        score: weights.data[row * weights.columns + head],
      })),
    )
    .sort((a, b) => b.score - a.score);
}
