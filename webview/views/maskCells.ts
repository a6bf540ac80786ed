// How the numbers of a mask read: kept, masked, or another bias. Plain data, no drawing.
import type { MaskStage } from '../../src/shared/trace';

/** Below this, exp(score + mask) is zero in float32 next to any other key: the cell is masked. */
const maskedBelow = -1000;

/** Marks with 1 what the mask removes. */
export function maskedCells(data: Float32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(data, (value) => (value < maskedBelow ? 1 : 0));
}

/** The largest magnitude among cells that are neither masked nor 0; 0 when there are none. */
export function otherRange({ matrix }: MaskStage): number {
  let range = 0;
  for (const value of matrix.data) {
    if (value >= maskedBelow && Math.abs(value) > range) {
      range = Math.abs(value);
    }
  }
  return range;
}

/** Whether exactly the later keys are removed for every query, as a causal mask does. */
export function isTriangular({ matrix }: MaskStage): boolean {
  const { rows, columns, data } = matrix;
  // A decoder with remembered keys has more keys than queries; the last query sees the last key.
  const offset = columns - rows;
  return data.every((value, index) => {
    const later = (index % columns) - offset > Math.floor(index / columns);
    return value < maskedBelow === later;
  });
}
