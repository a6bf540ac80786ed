// Which tensors make up the mask of an attention, and how their axes lie: as those of the scores that they meet.
import type { AttentionSite, HeadLayout, MaskStep } from '../anatomy/anatomy';

/** The steps of a mask in the order in which they act. */
export function maskSteps({ mask }: Pick<AttentionSite, 'mask'>): readonly MaskStep[] {
  return mask ? [mask, ...mask.more] : [];
}

/** Tensor names of the steps, each once. */
export function maskTensors(site: Pick<AttentionSite, 'mask'>): readonly string[] {
  return [...new Set(maskSteps(site).map((step) => step.tensor))];
}

/** Masks broadcast against the scores, so their axes are the scores', counted from the end. */
export function maskLayout(site: Pick<AttentionSite, 'scaled' | 'masked' | 'weights'>): HeadLayout {
  return (site.scaled ?? site.masked ?? site.weights).layout;
}
