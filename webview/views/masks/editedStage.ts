// The mask as it enters the softmax under an edit, in numbers: the model's own where it agrees, else 0 and −∞. Pure.
import type { MaskStage } from '../../../src/shared/trace';
import { maskedCells } from '../maskCells';
import type { MaskGrid } from './maskEdit';

/** The model's own mask as marks; without one, every key is seen. */
export function ownGrid(total: MaskStage | undefined, rows: number, columns: number): MaskGrid {
  return total
    ? { rows: total.matrix.rows, columns: total.matrix.columns, removed: maskedCells(total.matrix.data) }
    : { rows, columns, removed: new Uint8Array(rows * columns) };
}

/** Returns `total` itself where nothing is edited. */
export function editedStage(total: MaskStage | undefined, grid: MaskGrid): MaskStage {
  const { rows, columns, removed } = grid;
  const own = ownGrid(total, rows, columns);
  if (total && removed.every((mark, at) => mark === own.removed[at])) {
    return total;
  }
  const data = total ? total.matrix.data.slice() : new Float32Array(removed.length);
  let count = 0;
  for (let at = 0; at < data.length; at++) {
    count += removed[at];
    if (removed[at] !== own.removed[at]) {
      data[at] = removed[at] === 1 ? -Infinity : 0;
    }
  }
  return { matrix: { rows, columns, data }, source: total?.source ?? '', removed: count };
}
