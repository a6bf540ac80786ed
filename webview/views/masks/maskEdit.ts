// An edit of a mask: a preset, and single cells on top of it. Pure; the run itself decides what comes of it.
import type { MaskChoice } from '../../../src/shared/intervention';

/** What stands in for the model's own mask as a whole. Rows of cells come from recipes only. */
export type Preset = Exclude<MaskChoice, { readonly preset: 'cells' }>;

export interface EditedCell {
  readonly query: number;
  readonly key: number;
  readonly keep: boolean;
}

export interface MaskEdit {
  /** Undefined: the model's own mask. */
  readonly preset: Preset | undefined;
  /** By query, then key; each differs from what the preset or the model says. */
  readonly cells: readonly EditedCell[];
}

export const noEdit: MaskEdit = { preset: undefined, cells: [] };

/** Which cells `[query, key]` are removed: 1 removes. */
export interface MaskGrid {
  readonly rows: number;
  readonly columns: number;
  readonly removed: Uint8Array;
}

/** A row or a column of the matrix. */
export type MaskLine = { readonly row: number } | { readonly column: number };

export function isEdited({ preset, cells }: MaskEdit): boolean {
  return preset !== undefined || cells.length > 0;
}

/** The mask with the edited cells; what lies outside of it is left out. */
export function withCells(ground: MaskGrid, cells: readonly EditedCell[]): MaskGrid {
  const removed = ground.removed.slice();
  for (const { query, key, keep } of cells) {
    if (query < ground.rows && key < ground.columns) {
      removed[query * ground.columns + key] = keep ? 0 : 1;
    }
  }
  return { ...ground, removed };
}

/** Keeps or removes cells. `ground` is the mask without edited cells: what agrees with it is no edit any more. */
export function painted(
  edit: MaskEdit,
  ground: MaskGrid,
  places: readonly { readonly query: number; readonly key: number }[],
  keep: boolean,
): MaskEdit {
  const cells = new Map(edit.cells.map((cell) => [cell.query * ground.columns + cell.key, cell]));
  for (const { query, key } of places) {
    const at = query * ground.columns + key;
    if ((ground.removed[at] === 0) === keep) {
      cells.delete(at);
    } else {
      cells.set(at, { query, key, keep });
    }
  }
  return {
    preset: edit.preset,
    cells: [...cells.entries()].sort(([a], [b]) => a - b).map(([, cell]) => cell),
  };
}

/** Flips one cell. */
export function toggledCell(edit: MaskEdit, ground: MaskGrid, query: number, key: number): MaskEdit {
  const shown = withCells(ground, edit.cells);
  return painted(edit, ground, [{ query, key }], shown.removed[query * ground.columns + key] === 1);
}

/**
 * Flips a row or a column: where a cell of it is seen, all are removed. Where none is, it becomes what it is without edited
 * cells, or, if that removes all of it too, all are kept.
 */
export function toggledLine(edit: MaskEdit, ground: MaskGrid, line: MaskLine): MaskEdit {
  const places = placesOf(ground, line);
  const at = ({ query, key }: { query: number; key: number }) => query * ground.columns + key;
  const shown = withCells(ground, edit.cells);
  if (places.some((place) => shown.removed[at(place)] === 0)) {
    return painted(edit, ground, places, false);
  }
  const keepsSome = places.some((place) => ground.removed[at(place)] === 0);
  if (!keepsSome) {
    return painted(edit, ground, places, true);
  }
  const own = new Set(places.map(at));
  return { ...edit, cells: edit.cells.filter((cell) => !own.has(at(cell))) };
}

function placesOf({ rows, columns }: MaskGrid, line: MaskLine): { query: number; key: number }[] {
  return 'row' in line
    ? Array.from({ length: columns }, (_, key) => ({ query: line.row, key }))
    : Array.from({ length: rows }, (_, query) => ({ query, key: line.column }));
}

/** The cells on the straight way from one to another, both included: a fast pointer skips some. */
export function cellsBetween(
  from: { readonly row: number; readonly column: number },
  to: { readonly row: number; readonly column: number },
): { readonly row: number; readonly column: number }[] {
  const steps = Math.max(Math.abs(to.row - from.row), Math.abs(to.column - from.column));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const share = steps === 0 ? 0 : step / steps;
    return {
      row: Math.round(from.row + share * (to.row - from.row)),
      column: Math.round(from.column + share * (to.column - from.column)),
    };
  });
}

/** Rows that see no key at all. */
export function emptyRows({ rows, columns, removed }: MaskGrid): number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) =>
    removed.subarray(row * columns, (row + 1) * columns).every((mark) => mark === 1),
  );
}
