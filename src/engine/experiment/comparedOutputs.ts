// What comparisons read of a run: captured at once where a run is likely to be compared, so that it need not run again.
import type { Stack } from '../stack';

/** Weights, scaled scores, masks (with the scores behind those that were replaced), and logits. */
export function comparedOutputs(stack: Stack): readonly string[] {
  const { output } = stack.anatomy;
  const replaced = stack.tapsOf('masked').filter(({ attention }) => stack.replacedMasks.has(attention));
  const taps = [...stack.tapsOf('weights', 'scaled', 'mask'), ...replaced];
  return [...taps.map((tap) => tap.output), ...(output ? [output.logits] : [])];
}
