// What is left of the model's mask under masks of the list; the same rules by which the engine fills its controls.
import type { MaskOverride } from '../../../src/shared/intervention';
import { chooses } from '../../../src/shared/interventionFit';
import { maskCells } from '../../../src/shared/maskChoice';
import type { MaskGrid } from './maskEdit';

/**
 * The removed cells of one head, or, for the mean, those that are removed in every head.
 *
 * @param masks In the order of the list: the last one that says something about a cell decides.
 */
export function effectiveMask(
  own: MaskGrid,
  masks: readonly MaskOverride[],
  head: number | 'mean',
  heads: number,
  realKeys: readonly boolean[],
): MaskGrid {
  if (head === 'mean') {
    const all = Array.from({ length: heads }, (_, each) => effectiveMask(own, masks, each, heads, realKeys));
    const removed = own.removed.map((_, at) => Number(all.every((grid) => grid.removed[at] === 1)));
    return { ...own, removed };
  }
  const removed = own.removed.slice();
  for (const { mask, heads: chosen } of masks) {
    if (chooses(chosen, head)) {
      const cells = maskCells(mask, { start: 0, queries: own.rows, keys: own.columns, realKeys });
      cells.forEach((row, query) =>
        row.forEach((value, key) => {
          if (value !== null) {
            removed[query * own.columns + key] = 1 - value;
          }
        }),
      );
    }
  }
  return { ...own, removed };
}
