// What a screen reader says about the cell that the keyboard is on: a grid drawn on a canvas has no elements of its own.
import { element, setAttributes, setText } from '../dom';

/**
 * Makes `grid` a focusable grid whose active cell is spoken. Two hidden cells take turns, because a screen reader
 * speaks when the active cell changes, not when its text does.
 */
export class SpokenCell {
  private readonly cells: readonly HTMLElement[];
  private turn = 0;
  private text = '';

  constructor(
    private readonly grid: HTMLElement,
    id: string,
  ) {
    setAttributes(grid, { role: 'grid', tabindex: 0 });
    this.cells = [0, 1].map((index) => element('div', { role: 'gridcell', id: `${id}-cell-${index}` }));
    grid.append(...this.cells.map((cell) => element('div', { role: 'row', class: 'spoken' }, cell)));
  }

  /** The grid as a whole. */
  label(text: string, rows: number, columns: number): void {
    setAttributes(this.grid, { 'aria-label': text, 'aria-rowcount': rows, 'aria-colcount': columns });
  }

  /** The active cell; undefined when there is none. */
  say(cell: { readonly row: number; readonly column: number; readonly text: string } | undefined): void {
    if (!cell) {
      this.text = '';
      this.grid.removeAttribute('aria-activedescendant');
      return;
    }
    if (cell.text === this.text) {
      return;
    }
    this.text = cell.text;
    this.turn = 1 - this.turn;
    const spoken = this.cells[this.turn];
    setText(spoken, cell.text);
    setAttributes(spoken, { 'aria-colindex': cell.column + 1 });
    setAttributes(this.grid, { 'aria-activedescendant': spoken.id });
    spoken.parentElement?.setAttribute('aria-rowindex', String(cell.row + 1));
  }
}
