// Where the token strips, the lines and the matrix of one head lie; a line ends on its matrix row. Draws nothing.
import type { CellGrid } from './cells';
import { fitCell, largestCell } from './cells';

/** What has to be laid out, in CSS pixels. */
export interface HeadLayoutInput {
  readonly width: number;
  readonly height: number;
  readonly queries: number;
  readonly keys: number;
  readonly lines: boolean;
  readonly matrix: boolean;
  /** Widths that the labels would like to have. */
  readonly queryLabels: number;
  readonly keyLabels: number;
}

/** A strip of labels. */
export interface Strip {
  readonly x: number;
  readonly width: number;
}

export interface HeadLayout {
  readonly width: number;
  readonly height: number;
  /** Side of a cell, and height of a row of both strips. */
  readonly cell: number;
  /** Labels of the keys, left of the lines; undefined without lines. */
  readonly keyStrip: Strip | undefined;
  /** Labels of the queries: right end of the lines and rows of the matrix. */
  readonly queryStrip: Strip;
  /** The first row. Column labels end above it. */
  readonly top: number;
  /** Visible height of the rows. */
  readonly rowsHeight: number;
  /** The visible part of the matrix; undefined without matrix. */
  readonly matrix: { readonly x: number; readonly width: number } | undefined;
  /** Size of what can be scrolled to. */
  readonly contentWidth: number;
  readonly contentHeight: number;
}

const margin = { left: 4, right: 14, bottom: 4 } as const;
const strip = { least: 66, most: 92, padding: 9 } as const;
const linesWidth = { share: 0.22, most: 520 } as const;
const columnLabels = { least: 30, most: 84 } as const;

/** Lays out one head. Cells are 2 to 22 px; what does not fit then scrolls. */
export function headLayout(input: HeadLayoutInput): HeadLayout {
  const { width, height, queries, keys, lines } = input;
  const clampStrip = (wanted: number) =>
    Math.ceil(Math.min(strip.most, Math.max(strip.least, wanted + strip.padding)));
  const queryWidth = clampStrip(input.queryLabels);
  const keyWidth = lines ? clampStrip(input.keyLabels) : 0;
  const top = input.matrix
    ? Math.ceil(Math.min(columnLabels.most, Math.max(columnLabels.least, input.keyLabels + 11)))
    : 22;
  const rowsHeight = Math.max(0, height - top - margin.bottom);
  const rows = lines ? Math.max(queries, keys) : queries;
  const leastLines = lines ? Math.min(linesWidth.most, Math.round(width * linesWidth.share)) : 0;
  const forMatrix = Math.max(0, width - margin.left - margin.right - keyWidth - leastLines - queryWidth);

  const cell = input.matrix
    ? fitCell({ rows, columns: keys, width: forMatrix, height: rowsHeight })
    : fitCell({ rows, columns: 1, width: largestCell, height: rowsHeight });
  const matrixWidth = input.matrix ? Math.min(forMatrix, keys * cell) : 0;
  const linesSpace = lines
    ? Math.min(
        linesWidth.most,
        Math.floor(width - margin.left - margin.right - keyWidth - queryWidth - matrixWidth),
      )
    : 0;
  const queryX = margin.left + keyWidth + linesSpace;
  const matrixX = queryX + queryWidth;
  return {
    width,
    height,
    cell,
    keyStrip: lines ? { x: margin.left, width: keyWidth } : undefined,
    queryStrip: { x: queryX, width: queryWidth },
    top,
    rowsHeight: Math.min(rowsHeight, rows * cell),
    matrix: input.matrix ? { x: matrixX, width: matrixWidth } : undefined,
    contentWidth: matrixX + (input.matrix ? keys * cell : 0) + (rows * cell > rowsHeight ? margin.right : 0),
    contentHeight: top + rows * cell,
  };
}

/** The matrix of a layout as a grid of cells at a scroll position. */
export function matrixGrid(
  layout: HeadLayout,
  queries: number,
  keys: number,
  scrollX: number,
  scrollY: number,
): CellGrid | undefined {
  if (!layout.matrix) {
    return undefined;
  }
  return {
    x: layout.matrix.x,
    y: layout.top,
    width: Math.max(0, Math.min(layout.matrix.width, keys * layout.cell - scrollX)),
    height: Math.max(0, Math.min(layout.rowsHeight, queries * layout.cell - scrollY)),
    scrollX,
    scrollY,
    cellWidth: layout.cell,
    cellHeight: layout.cell,
    rows: queries,
    columns: keys,
  };
}

/** The index of the label under a point of a strip. */
export function stripItemAt(
  layout: HeadLayout,
  which: Strip | undefined,
  count: number,
  scrollY: number,
  x: number,
  y: number,
): number | undefined {
  if (
    !which ||
    x < which.x ||
    x >= which.x + which.width ||
    y < layout.top ||
    y >= layout.top + layout.rowsHeight
  ) {
    return undefined;
  }
  const index = Math.floor((y - layout.top + scrollY) / layout.cell);
  return index < count ? index : undefined;
}

/** The middle of a row on the screen. */
export function rowCentre(layout: HeadLayout, index: number, scrollY: number): number {
  return layout.top + index * layout.cell + layout.cell / 2 - scrollY;
}
