// Which cross-attention says where a word comes from, when nobody has chosen one.
import type { ModelSummary } from './modelSummary';
import type { HeadChoice } from './translation';

/** A sensible choice for any model. */
export function defaultHeads({ layers }: Pick<ModelSummary, 'layers'>): HeadChoice {
  return { layer: Math.max(0, layers.decoder - 1), head: 'mean' };
}
