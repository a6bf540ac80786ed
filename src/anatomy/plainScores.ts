// The plain product of queries and keys, also where the graph scales before it multiplies.
import type { AttentionSite, SiteTensor } from './anatomy';

/**
 * The tensor that shows q·k once multiplied by its `factor`: where the graph scales queries or keys, the scaled scores
 * divided by the scale. Undefined when a scale is unknown, or something bends the scores in between.
 */
export function plainScores({
  scores,
  scaled,
  scale,
  softcap,
}: Pick<AttentionSite, 'scores' | 'scaled' | 'scale' | 'softcap'>): SiteTensor | undefined {
  const known = scaled && scale && scale.value !== 0 && softcap === undefined;
  return scores ?? (known ? { ...scaled, factor: 1 / scale.value } : undefined);
}
