// What is left of the model's mask under masks of the list; the same rules by which the engine fills its controls.
import type { MaskOverride } from '../../../src/shared/intervention';
import { chooses } from '../../../src/shared/interventionFit';
import { maskCells } from '../../../src/shared/maskChoice';
import type { MaskGrid } from './maskEdit';
import { withCells } from './maskEdit';

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
  const ofHead = (each: number) => masks.filter((mask) => chooses(mask.heads, each));
  if (head !== 'mean') {
    return ofHead(head).reduce((grid, mask) => masked(grid, mask, realKeys), own);
  }
  // Most heads have the same masks: they are reckoned once.
  const different = new Map<string, readonly MaskOverride[]>();
  for (let each = 0; each < heads; each++) {
    const chosen = ofHead(each);
    different.set(chosen.map((mask) => masks.indexOf(mask)).join(), chosen);
  }
  const grids = [...different.values()].map((chosen) =>
    chosen.reduce((grid, mask) => masked(grid, mask, realKeys), own),
  );
  const [first = own, ...others] = grids;
  const removed = first.removed.slice();
  for (const grid of others) {
    for (let at = 0; at < removed.length; at++) {
      removed[at] &= grid.removed[at];
    }
  }
  return { ...own, removed };
}

function masked(grid: MaskGrid, { mask }: MaskOverride, realKeys: readonly boolean[]): MaskGrid {
  if (mask.preset === 'cells') {
    return withCells(grid, mask.cells);
  }
  const { rows, columns } = grid;
  const removed = grid.removed.slice();
  maskCells(mask, { start: 0, queries: rows, keys: columns, realKeys }).forEach((row, query) => {
    for (let key = 0; key < columns; key++) {
      const value = row[key];
      if (value !== null) {
        removed[query * columns + key] = 1 - value;
      }
    }
  });
  return { ...grid, removed };
}
