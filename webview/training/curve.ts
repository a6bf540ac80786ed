// The points of a training's curve: joined as they come, and looked up by step. Pure.
import type { TrainingPoint } from '../../src/shared/training';

/** The curve with further points. Steps that are made again, after a return to a checkpoint, take the place of the old ones. */
export function joinPoints(
  points: readonly TrainingPoint[],
  more: readonly TrainingPoint[],
): readonly TrainingPoint[] {
  if (more.length === 0) {
    return points;
  }
  const kept = more[0].step;
  let end = points.length;
  while (end > 0 && points[end - 1].step >= kept) {
    end--;
  }
  return [...(end < points.length ? points.slice(0, end) : points), ...more];
}

/** Index of the point whose step is nearest; −1 where there are no points. Steps ascend. */
export function nearestPoint(points: readonly TrainingPoint[], step: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].step < step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && step - points[low - 1].step <= points[low].step - step ? low - 1 : high;
}

/** The last held-out loss that was measured at or before a point. */
export function heldOutAt(
  points: readonly TrainingPoint[],
  index: number,
): { readonly step: number; readonly loss: number } | undefined {
  for (let at = index; at >= 0; at--) {
    const { step, heldOut } = points[at];
    if (heldOut !== undefined) {
      return { step, loss: heldOut };
    }
  }
  return undefined;
}
