// Pointer and keys on a matrix as edits of its cells: click, drag, labels of rows and columns, undo and redo.
import type { CellPosition } from '../../draw/cells';
import type { HeatFrame, HeatPane } from '../heatPane';
import type { MaskLine } from './maskEdit';
import { cellsBetween } from './maskEdit';

export interface CellEdits {
  /** A stroke begins on a cell. */
  press(cell: CellPosition): void;
  /** It goes on over these. */
  paint(cells: readonly CellPosition[]): void;
  /** It ends. */
  release(): void;
  /** One cell, by keyboard. */
  toggle(cell: CellPosition): void;
  line(line: MaskLine): void;
  undo(): void;
  redo(): void;
}

/** Adds editing to a matrix; what moves the pointer is the matrix's own. */
export function editCells(pane: HeatPane, edits: CellEdits): void {
  const { area } = pane;
  let last: CellPosition | undefined;
  let frame: HeatFrame | undefined;
  area.addEventListener('pointerdown', (event) => {
    const spot = event.button === 0 ? pane.spotAt(event) : undefined;
    if (!spot) {
      return;
    }
    const { row, column } = spot;
    if (row !== undefined && (column === undefined || event.shiftKey)) {
      edits.line({ row });
    } else if (column !== undefined && (row === undefined || event.altKey)) {
      edits.line({ column });
    } else if (row !== undefined && column !== undefined) {
      last = { row, column };
      frame = pane.frame;
      // A stroke that leaves the matrix and comes back is still one.
      area.setPointerCapture(event.pointerId);
      edits.press(last);
    }
  });
  area.addEventListener('pointermove', (event) => {
    const spot = last && pane.spotAt(event, frame);
    if (last && spot?.row !== undefined && spot.column !== undefined) {
      const cell = { row: spot.row, column: spot.column };
      if (cell.row !== last.row || cell.column !== last.column) {
        edits.paint(cellsBetween(last, cell));
        last = cell;
      }
    }
  });
  // Scrolling during a stroke is meant.
  area.addEventListener('scroll', () => {
    frame = pane.frame;
  });
  const end = () => {
    if (last) {
      last = undefined;
      edits.release();
    }
  };
  area.addEventListener('pointerup', end);
  area.addEventListener('pointercancel', end);
  area.addEventListener('keydown', (event) => {
    if (actOn(event, pane, edits)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}

/** Returns whether the key was one of ours. */
function actOn(event: KeyboardEvent, pane: HeatPane, edits: CellEdits): boolean {
  const key = event.key.toLowerCase();
  if (event.altKey) {
    return false;
  }
  if (event.ctrlKey || event.metaKey) {
    if (key === 'z') {
      (event.shiftKey ? edits.redo : edits.undo).call(edits);
      return true;
    }
    if (key === 'y') {
      edits.redo();
      return true;
    }
    return false;
  }
  const { row, column } = pane.spot;
  switch (key) {
    case ' ':
    case 'enter':
      if (row !== undefined && column !== undefined) {
        edits.toggle({ row, column });
      }
      return true;
    case 'r':
      if (row !== undefined) {
        edits.line({ row });
      }
      return true;
    case 'c':
      if (column !== undefined) {
        edits.line({ column });
      }
      return true;
    default:
      return false;
  }
}
