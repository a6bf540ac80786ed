// From the logits of a classifier to the probabilities of its labels.
import { logSumExp } from '../../generation/logits';
import type { LabelScores } from '../../shared/labels';
import type { LabelSource } from './labelSource';

/** Likeliest first; labels that are equally likely in the order of their classes. */
export function labelScores(source: LabelSource, logits: Float32Array): LabelScores {
  const several = source.by === 'output' && source.several;
  const total = logSumExp(logits);
  const scores = Array.from(logits, (logit, i) => ({
    label: source.labels[i],
    logit,
    probability: several ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit - total),
  }));
  scores.sort((a, b) => b.logit - a.logit);
  return { scores, choice: several ? 'several' : 'one' };
}
