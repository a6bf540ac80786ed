// The steps of a mask, first to last.
import type { AttentionSite, MaskStep } from '../anatomy/anatomy';

/** The steps of a mask in the order in which they act. */
export function maskSteps({ mask }: Pick<AttentionSite, 'mask'>): readonly MaskStep[] {
  return mask ? [mask, ...mask.more] : [];
}
