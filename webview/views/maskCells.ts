// How the numbers of a mask read: kept, masked, or another bias. Plain data, no drawing.
import type { MaskStage } from '../../src/shared/trace';

/** From here down a cell counts as masked: its weight is less than e⁻⁵⁰ of what it would be. The engine counts alike. */
const removed = -50;

/** Marks with 1 what the mask removes. */
export function maskedCells(data: Float32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(data, (value) => (value <= removed ? 1 : 0));
}

/** The largest magnitude among cells that are neither masked nor 0; 0 when there are none. */
export function otherRange({ matrix }: MaskStage): number {
  let range = 0;
  for (const value of matrix.data) {
    if (value > removed && Math.abs(value) > range) {
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
    return value <= removed === later;
  });
}
