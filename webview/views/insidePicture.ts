// One stage as a heat map: a window on its rows and columns, with the outlined row and cell; points, pins and scrolls.
import type { CellGrid, CellPosition } from '../draw/cells';
import { cellAt, cornerOf } from '../draw/cells';
import type { CellPicture } from '../draw/surface';
import { Surface } from '../draw/surface';
import { element, setAttributes, setText } from '../dom';
import { arrows } from '../explorer/keys';
import type { Theme } from '../theme';
import type { PicturePlace } from './insideLayout';
import { SpokenCell } from './spokenCell';

/** What a picture tells the view; cells are rows and drawn columns of the whole matrix. */
export interface PictureEvents {
  readonly point: (cell: CellPosition | undefined) => void;
  /** Undefined pins the outlined cell. */
  readonly pin: (cell: CellPosition | undefined) => void;
  readonly release: () => void;
  /** Keyboard: one step in rows and columns. */
  readonly step: (rows: number, columns: number) => void;
  /** Wheel: rows and columns to move on by. */
  readonly scroll: (rows: number, columns: number) => void;
}

export interface PictureInput {
  readonly title: string;
  readonly caption: string;
  readonly place: PicturePlace;
  readonly theme: Theme;
  /** Undefined where the stage is missing; `why` then stands in its place. */
  readonly picture: CellPicture | undefined;
  readonly why: string;
  /** The first visible row and drawn column. */
  readonly firstRow: number;
  readonly firstColumn: number;
  /** The outlined row, and the outlined cell of it. */
  readonly row: number | undefined;
  readonly column: number | undefined;
  readonly label: string;
  readonly spoken: string | undefined;
}

/** Pixels of a wheel that move on by one row. */
const wheelStep = 16;

export class InsidePicture {
  readonly element: HTMLElement;
  private readonly title = element('h3', {});
  private readonly caption = element('span', { class: 'caption' });
  private readonly heat: Surface;
  private readonly overlay = new Surface('inside-overlay');
  private readonly area = element('div', { class: 'inside-area', 'data-keys': true });
  private readonly missing = element('p', { class: 'missing caption' });
  private readonly spokenCell: SpokenCell;
  private grid: CellGrid | undefined;
  private wheel = { rows: 0, columns: 0 };
  private drawn = '';

  constructor(
    name: string,
    private readonly events: PictureEvents,
  ) {
    this.heat = new Surface(`inside-${name}`);
    this.area.dataset['area'] = `inside-${name}`;
    this.spokenCell = new SpokenCell(this.area, `inside-${name}`);
    this.element = element(
      'section',
      { class: 'inside-picture', 'data-stage': name },
      element('div', { class: 'inside-title' }, this.title, this.caption),
      this.heat.canvas,
      this.overlay.canvas,
      this.area,
      this.missing,
    );
    this.listen();
  }

  update(input: PictureInput): void {
    const { place, picture, title, caption, why } = input;
    setText(this.title, title);
    setText(this.caption, caption);
    setAttributes(this.caption, { title: caption || undefined });
    const { style } = this.element;
    style.left = `${place.x}px`;
    style.top = `${place.y}px`;
    style.width = `${place.width}px`;
    style.height = `${place.height}px`;
    style.setProperty('--room', `${place.room}px`);
    this.missing.hidden = picture !== undefined;
    setText(this.missing, picture ? '' : why);
    this.missing.style.width = `${place.room}px`;
    for (const part of [this.area, this.heat.canvas, this.overlay.canvas]) {
      part.hidden = picture === undefined;
    }
    this.grid = picture && gridOf(input, picture);
    if (picture && this.grid) {
      this.paint(input, picture, this.grid);
      this.spokenCell.label(input.label, picture.rows, picture.columns);
      const { row, spoken } = input;
      const column = input.column ?? 0;
      this.spokenCell.say(
        row === undefined || spoken === undefined ? undefined : { row, column, text: spoken },
      );
    }
  }

  private paint(input: PictureInput, picture: CellPicture, grid: CellGrid): void {
    const { theme, row, column } = input;
    const shown = JSON.stringify([grid, theme.background, theme.maskLine]);
    if (shown !== this.drawn || this.picture !== picture) {
      this.drawn = shown;
      this.picture = picture;
      const context = this.heat.begin(grid.width, grid.height);
      picture.draw(context, grid, theme);
      // For tests that compare pixels with tensors.
      Object.assign(this.heat.canvas.dataset, {
        cellWidth: grid.cellWidth,
        cellHeight: grid.cellHeight,
        firstRow: input.firstRow,
        firstColumn: input.firstColumn,
        rows: grid.rows,
        columns: grid.columns,
      });
    }
    const pad = 3;
    const context = this.overlay.begin(grid.width + 2 * pad, grid.height + 2 * pad);
    context.translate(pad, pad);
    context.lineWidth = 1;
    context.strokeStyle = theme.contrastBorder ?? theme.border;
    context.strokeRect(-0.5, -0.5, grid.width + 1, grid.height + 1);
    if (row === undefined) {
      return;
    }
    const { y } = cornerOf(grid, row, 0);
    if (y < 0 || y >= grid.height) {
      return;
    }
    outline(context, theme, -0.5, y - 0.5, grid.width + 1, grid.cellHeight + 1, 1);
    const x = column === undefined ? -1 : cornerOf(grid, row, column).x;
    if (x >= 0 && x < grid.width) {
      outline(context, theme, x - 1, y - 1, grid.cellWidth + 2, grid.cellHeight + 2, 2);
    }
  }

  private picture: CellPicture | undefined;

  private listen(): void {
    const { area, events } = this;
    area.addEventListener('pointermove', (event) => events.point(this.cellAt(event)));
    area.addEventListener('pointerleave', () => events.point(undefined));
    area.addEventListener('blur', () => events.point(undefined));
    area.addEventListener('click', (event) => {
      const cell = this.cellAt(event);
      if (cell) {
        events.pin(cell);
      }
    });
    area.addEventListener('keydown', (event) => {
      const step = arrows[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      if (step) {
        events.step(...step);
      } else if (event.key === 'Enter') {
        events.pin(undefined);
      } else if (event.key === 'Escape') {
        events.release();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    area.addEventListener('wheel', (event) => this.turn(event), { passive: false });
  }

  /** The wheel moves the window where there is more to see, and the page everywhere else. */
  private turn(event: WheelEvent): void {
    const { grid, wheel } = this;
    const more = grid && grid.rows * grid.cellHeight > grid.height;
    const wider = grid && grid.columns * grid.cellWidth > grid.width;
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!grid || event.ctrlKey || !(sideways ? wider : more)) {
      return;
    }
    wheel.rows += sideways ? 0 : event.deltaY / wheelStep;
    wheel.columns += sideways ? (event.deltaX || event.deltaY) / wheelStep : 0;
    const [rows, columns] = [Math.trunc(wheel.rows), Math.trunc(wheel.columns)];
    this.wheel = { rows: wheel.rows - rows, columns: wheel.columns - columns };
    this.events.scroll(rows, columns);
    event.preventDefault();
  }

  private cellAt(event: MouseEvent): CellPosition | undefined {
    const box = this.area.getBoundingClientRect();
    return this.grid && cellAt(this.grid, event.clientX - box.left, event.clientY - box.top);
  }
}

function gridOf({ place, firstRow, firstColumn }: PictureInput, picture: CellPicture): CellGrid {
  const { width, height, cellWidth, cellHeight } = place;
  return {
    x: 0,
    y: 0,
    width,
    height,
    scrollX: firstColumn * cellWidth,
    scrollY: firstRow * cellHeight,
    cellWidth,
    cellHeight,
    rows: picture.rows,
    columns: picture.columns,
  };
}

/** A line in the colour of the text with the background's on both sides, so that it stands out on every cell. */
function outline(
  context: CanvasRenderingContext2D,
  theme: Theme,
  x: number,
  y: number,
  width: number,
  height: number,
  line: number,
): void {
  context.strokeStyle = theme.background;
  context.lineWidth = line + 2;
  context.strokeRect(x, y, width, height);
  context.strokeStyle = theme.contrastBorder ?? theme.foreground;
  context.lineWidth = line;
  context.strokeRect(x, y, width, height);
}
