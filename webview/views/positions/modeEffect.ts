// What one change of positions does to a run, in three numbers. Pure.
import type { Comparison } from '../../../src/shared/comparison';
import type { PositionChange } from '../../../src/shared/intervention';
import { flippedPositions } from '../experiments/effects';

/** What one mode does. */
export interface ModeEffect {
  readonly change: PositionChange;
  readonly weights: number;
  /** Share of positions whose likeliest token is another one; undefined without logits. */
  readonly flipped: number | undefined;
  readonly kl: number | undefined;
}

export function modeEffect(change: PositionChange, comparison: Comparison): ModeEffect {
  const { heads, output } = comparison;
  const { flipped, of } = flippedPositions(comparison);
  return {
    change,
    weights: heads.reduce((sum, { mean }) => sum + mean, 0) / Math.max(1, heads.length),
    flipped: output ? flipped / Math.max(1, of) : undefined,
    kl: output?.meanKl,
  };
}
