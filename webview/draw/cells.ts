// Sizes of the cells of a matrix in CSS pixels, and which cell lies under a point; draws nothing.

export const largestCell = 22;
export const smallestCell = 2;

/** From this size on, masked cells are hatched. */
export const hatchedCell = 12;

/**
 * The side of a square cell so that `rows × columns` fit into `width × height`: whole pixels from 2 to 22.
 * Where even 2 px do not fit, the picture scrolls.
 */
export function fitCell(
  { rows, columns, width, height }: Readonly<Record<'rows' | 'columns' | 'width' | 'height', number>>,
  largest = largestCell,
): number {
  const fits = Math.floor(Math.min(width / Math.max(1, columns), height / Math.max(1, rows)));
  return Math.min(largest, Math.max(smallestCell, fits));
}

/** Pixels left between cells, so that large ones can be told apart; the gap is part of the cell's size. */
export function gapOf(cell: number): number {
  return cell >= 10 ? 1 : 0;
}

/** A matrix on the screen: where it begins, how much of it is visible, how far it is scrolled, how large a cell is. */
export interface CellGrid {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly scrollX: number;
  readonly scrollY: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly rows: number;
  readonly columns: number;
}

export interface CellPosition {
  readonly row: number;
  readonly column: number;
}

/** The cell under a point, undefined outside the visible part of the matrix. */
export function cellAt(grid: CellGrid, x: number, y: number): CellPosition | undefined {
  if (x < grid.x || y < grid.y || x >= grid.x + grid.width || y >= grid.y + grid.height) {
    return undefined;
  }
  const row = Math.floor((y - grid.y + grid.scrollY) / grid.cellHeight);
  const column = Math.floor((x - grid.x + grid.scrollX) / grid.cellWidth);
  return row < grid.rows && column < grid.columns ? { row, column } : undefined;
}

/** The top left corner of a cell on the screen. */
export function cornerOf(grid: CellGrid, row: number, column: number): { x: number; y: number } {
  return {
    x: grid.x - grid.scrollX + column * grid.cellWidth,
    y: grid.y - grid.scrollY + row * grid.cellHeight,
  };
}

/** First and one past the last index that are visible of `count` items of `size` pixels. */
export function visibleRange(
  scroll: number,
  viewport: number,
  size: number,
  count: number,
): [number, number] {
  return [Math.max(0, Math.floor(scroll / size)), Math.min(count, Math.ceil((scroll + viewport) / size))];
}
