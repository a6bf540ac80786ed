// What has to be said about an edited mask: its counts, and what happens to rows that see nothing. Pure.
import type { Masks } from '../../../src/shared/trace';
import type { AxisItem } from '../../explorer/sequences';
import { formatMask } from '../../format';
import { maskBenchStrings as strings } from '../../strings/maskBenchStrings';
import type { EditedCell, MaskGrid } from './maskEdit';
import { emptyRows } from './maskEdit';

const namedRows = 4;

/** `34 of 196 cells masked, 2 cells edited by you` */
export function totalCaption({ removed }: MaskGrid, cells: readonly EditedCell[]): string {
  const count = removed.reduce((sum, mark) => sum + mark, 0);
  return strings.total(count, removed.length, cells.length > 0 ? strings.editedCells(cells.length) : '');
}

/** A sentence about queries of the text that see no key; empty where there are none. */
export function emptiedNote(
  grid: MaskGrid,
  queries: readonly AxisItem[],
  { form, maskedValue }: Masks,
): string {
  const rows = emptyRows(grid).filter((row) => queries[row]?.padding === false);
  if (rows.length === 0) {
    return '';
  }
  const named = rows.slice(0, namedRows).map((row) => `“${queries[row].label}”`);
  const more = rows.length > named.length ? strings.moreRows(rows.length - named.length) : '';
  const isWhere = form === 'where' || (maskedValue !== undefined && !Number.isFinite(maskedValue));
  const own =
    maskedValue === undefined || maskedValue === 0
      ? ''
      : isWhere
        ? strings.emptiedWhere
        : strings.emptiedAdd(formatMask(maskedValue));
  return strings.emptied(named.join(', ') + more, rows.length) + own;
}
