// A heat map with labels or ticks on two sides, which scrolls, can be pointed at and walked through by keyboard.
import type { Disposable } from '../../src/shared/disposable';
import type { CellGrid, CellPosition } from '../draw/cells';
import { cellAt, cornerOf, visibleRange } from '../draw/cells';
import { fitText, thinLabels, tickLabels } from '../draw/labels';
import type { CellPicture } from '../draw/surface';
import { oncePerFrame, Surface } from '../draw/surface';
import { element } from '../dom';
import { arrows } from '../explorer/keys';
import type { Theme } from '../theme';
import { scrollTo } from './headStage';
import { SpokenCell } from './spokenCell';

/** What stands along a side: tokens, or the numbers of positions and dimensions. `room` is what it may take. */
export type Axis =
  | { readonly kind: 'tokens'; readonly labels: readonly string[]; readonly room: number }
  | { readonly kind: 'numbers'; readonly room: number; readonly pitch: number }
  | { readonly kind: 'none'; readonly room: number };

/** A row, a column or a cell. */
export interface Spot {
  readonly row?: number;
  readonly column?: number;
}

/** Where the cells of a pane are within the window, in CSS pixels. */
export interface HeatFrame {
  readonly grid: CellGrid;
  readonly left: number;
  readonly top: number;
}

export interface HeatPaneInput {
  readonly picture: CellPicture;
  readonly theme: Theme;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Room for labels and cells together; what needs more scrolls. */
  readonly width: number;
  readonly height: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly spot: Spot;
  readonly label: string;
  readonly describe: (cell: CellPosition) => string;
  /** Draws more above the cells. */
  readonly marks?: (context: CanvasRenderingContext2D, grid: CellGrid) => void;
}

/** Room right of and below the cells, so that the last number along a side is not cut. */
const edge = { numbers: 14, tokens: 2, none: 2 } as const;

export class HeatPane implements Disposable {
  readonly element: HTMLElement;
  private readonly heat: Surface;
  private readonly overlay = new Surface('overlay');
  private readonly scroller = element('div', { class: 'scroller', 'data-keys': true });
  private readonly spacer = element('div', { class: 'spacer' });
  private readonly spoken: SpokenCell;
  private input: HeatPaneInput | undefined;
  private readonly repaint = oncePerFrame(() => this.paint());

  constructor(
    role: string,
    private readonly point: (cell: CellPosition | undefined) => void,
  ) {
    this.heat = new Surface(role);
    this.scroller.dataset['area'] = role;
    this.spoken = new SpokenCell(this.scroller, role);
    this.scroller.append(this.spacer);
    this.element = element(
      'div',
      { class: 'stage fixed' },
      this.heat.canvas,
      this.overlay.canvas,
      this.scroller,
    );
    this.scroller.addEventListener('scroll', this.repaint);
    this.scroller.addEventListener('pointermove', (event) => this.point(this.cellAt(event)));
    this.scroller.addEventListener('pointerleave', () => this.point(undefined));
    this.scroller.addEventListener('blur', () => this.point(undefined));
    this.scroller.addEventListener('keydown', (event) => this.key(event));
  }

  /** Takes all input; for what a view does besides pointing. */
  get area(): HTMLElement {
    return this.scroller;
  }

  /** What is marked: under the pointer, or where the keyboard is. */
  get spot(): Spot {
    return this.input?.spot ?? {};
  }

  /** Where the cells are now; a stroke keeps it, so that it goes on where it began even if the page moves. */
  get frame(): HeatFrame | undefined {
    const grid = this.grid();
    const { left, top } = this.element.getBoundingClientRect();
    return grid && { grid, left, top };
  }

  /** The cell under the pointer; on the labels along a side, only its row or column. */
  spotAt(event: MouseEvent, frame = this.frame): Spot | undefined {
    if (!frame) {
      return undefined;
    }
    const { grid } = frame;
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const inside = cellAt(grid, Math.max(x, grid.x), Math.max(y, grid.y));
    if (!inside || (x < grid.x && y < grid.y)) {
      return undefined;
    }
    return x < grid.x ? { row: inside.row } : y < grid.y ? { column: inside.column } : inside;
  }

  update(input: HeatPaneInput): void {
    this.input = input;
    const { picture, label, describe } = input;
    this.spoken.label(label, picture.rows, picture.columns);
    const { row, column } = input.spot;
    this.spoken.say(
      row === undefined || column === undefined
        ? undefined
        : { row, column, text: describe({ row, column }) },
    );
    this.resize(input);
    this.repaint();
  }

  dispose(): void {
    this.point(undefined);
  }

  private resize(input: HeatPaneInput): void {
    const content = contentSize(input);
    const width = Math.min(input.width, content.width);
    const height = Math.min(input.height, content.height);
    // A scroll bar takes room of its own, so that it does not force the other one.
    const bar = 10;
    this.element.style.width = `${Math.min(input.width, width + (content.height > height ? bar : 0))}px`;
    this.element.style.height = `${height + (content.width > width ? bar : 0)}px`;
    this.spacer.style.width = `${content.width}px`;
    this.spacer.style.height = `${content.height}px`;
  }

  private grid(): CellGrid | undefined {
    const { input, scroller } = this;
    if (!input) {
      return undefined;
    }
    const { picture, cellWidth, cellHeight, rows, columns } = input;
    const { scrollLeft, scrollTop } = scroller;
    return {
      x: rows.room,
      y: columns.room,
      width: Math.max(
        0,
        Math.min(
          scroller.clientWidth - rows.room - edge[columns.kind],
          picture.columns * cellWidth - scrollLeft,
        ),
      ),
      height: Math.max(
        0,
        Math.min(scroller.clientHeight - columns.room - 2, picture.rows * cellHeight - scrollTop),
      ),
      scrollX: scrollLeft,
      scrollY: scrollTop,
      cellWidth,
      cellHeight,
      rows: picture.rows,
      columns: picture.columns,
    };
  }

  private paint(): void {
    const { input } = this;
    const grid = this.grid();
    if (!input || !grid || grid.width === 0) {
      return;
    }
    const { picture, theme } = input;
    const heat = this.heat.begin(grid.width, grid.height);
    this.heat.canvas.style.transform = `translate(${grid.x}px, ${grid.y}px)`;
    picture.draw(heat, { ...grid, x: 0, y: 0 }, theme);
    Object.assign(this.heat.canvas.dataset, {
      cellWidth: grid.cellWidth,
      cellHeight: grid.cellHeight,
      rows: grid.rows,
      columns: grid.columns,
      scrollX: grid.scrollX,
      scrollY: grid.scrollY,
    });
    const context = this.overlay.begin(this.element.clientWidth, this.element.clientHeight);
    context.font = `11px ${theme.fontFamily}`;
    context.textBaseline = 'middle';
    context.strokeStyle = theme.contrastBorder ?? theme.border;
    context.strokeRect(grid.x - 0.5, grid.y - 0.5, grid.width + 1, grid.height + 1);
    rowLabels(context, grid, input);
    columnLabels(context, grid, input);
    context.save();
    context.beginPath();
    context.rect(grid.x - 1, grid.y - 1, grid.width + 2, grid.height + 2);
    context.clip();
    input.marks?.(context, grid);
    frame(context, grid, input);
    context.restore();
  }

  private cellAt(event: MouseEvent): CellPosition | undefined {
    const box = this.element.getBoundingClientRect();
    const grid = this.grid();
    return grid && cellAt(grid, event.clientX - box.left, event.clientY - box.top);
  }

  private key(event: KeyboardEvent): void {
    const { input } = this;
    const step = arrows[event.key];
    if (!input || !step || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const { spot, picture, cellWidth, cellHeight } = input;
    const known = spot.row !== undefined && spot.column !== undefined;
    const row = Math.min(picture.rows - 1, Math.max(0, (spot.row ?? 0) + (known ? step[0] : 0)));
    const column = Math.min(picture.columns - 1, Math.max(0, (spot.column ?? 0) + (known ? step[1] : 0)));
    const grid = this.grid();
    if (grid) {
      const { scroller } = this;
      scroller.scrollTop = scrollTo(scroller.scrollTop, row * cellHeight, cellHeight, grid.height);
      scroller.scrollLeft = scrollTo(scroller.scrollLeft, column * cellWidth, cellWidth, grid.width);
    }
    // Keys may come faster than frames: the next one starts from here.
    this.input = { ...input, spot: { row, column } };
    this.point({ row, column });
    event.preventDefault();
    event.stopPropagation();
  }
}

function contentSize({ picture, cellWidth, cellHeight, rows, columns }: HeatPaneInput) {
  return {
    width: rows.room + picture.columns * cellWidth + edge[columns.kind],
    height: columns.room + picture.rows * cellHeight + 2,
  };
}

function rowLabels(
  context: CanvasRenderingContext2D,
  grid: CellGrid,
  { rows, spot, theme }: HeatPaneInput,
): void {
  if (rows.kind === 'none') {
    return;
  }
  context.textAlign = 'right';
  const [first, end] = visibleRange(grid.scrollY, grid.height, grid.cellHeight, grid.rows);
  for (const index of labelled(rows, grid.rows, grid.cellHeight, spot.row)) {
    if (index >= first && index < end) {
      const text = rows.kind === 'tokens' ? rows.labels[index] : String(index);
      emphasise(context, theme, index === spot.row);
      const y = cornerOf(grid, index, 0).y + grid.cellHeight / 2;
      context.fillText(
        fitText(text, rows.room - 8, (each) => context.measureText(each).width),
        grid.x - 6,
        y,
      );
    }
  }
}

function columnLabels(
  context: CanvasRenderingContext2D,
  grid: CellGrid,
  { columns, spot, theme }: HeatPaneInput,
): void {
  if (columns.kind === 'none') {
    return;
  }
  const [first, end] = visibleRange(grid.scrollX, grid.width, grid.cellWidth, grid.columns);
  for (const index of labelled(columns, grid.columns, grid.cellWidth, spot.column)) {
    if (index < first || index >= end) {
      continue;
    }
    emphasise(context, theme, index === spot.column);
    const x = cornerOf(grid, 0, index).x + grid.cellWidth / 2;
    if (columns.kind === 'numbers') {
      context.textAlign = 'center';
      context.fillText(String(index), x, grid.y - 8);
    } else {
      context.textAlign = 'left';
      context.save();
      context.translate(x, grid.y - 6);
      context.rotate(-Math.PI / 2);
      context.fillText(
        fitText(columns.labels[index], columns.room - 8, (each) => context.measureText(each).width),
        0,
        0,
      );
      context.restore();
    }
  }
}

function labelled(axis: Axis, count: number, size: number, always: number | undefined): number[] {
  return axis.kind === 'numbers'
    ? tickLabels(count, size, axis.pitch)
    : thinLabels(count, size, always === undefined ? [] : [always], 12);
}

function emphasise(context: CanvasRenderingContext2D, theme: Theme, on: boolean): void {
  context.font = `${on ? '600 ' : ''}11px ${theme.fontFamily}`;
  context.fillStyle = on ? theme.foreground : theme.description;
}

function frame(context: CanvasRenderingContext2D, grid: CellGrid, { spot, theme }: HeatPaneInput): void {
  const { row, column } = spot;
  context.strokeStyle = theme.contrastBorder ?? theme.description;
  context.lineWidth = 1;
  if (row !== undefined) {
    const { y } = cornerOf(grid, row, 0);
    context.strokeRect(grid.x - 0.5, y - 0.5, grid.width, grid.cellHeight);
  }
  if (column !== undefined) {
    const { x } = cornerOf(grid, 0, column);
    context.strokeRect(x - 0.5, grid.y - 0.5, grid.cellWidth, grid.height);
  }
  if (row !== undefined && column !== undefined) {
    const { x, y } = cornerOf(grid, row, column);
    context.strokeStyle = theme.contrastBorder ?? theme.foreground;
    context.lineWidth = Math.min(grid.cellWidth, grid.cellHeight) >= 6 ? 2 : 1;
    context.strokeRect(x - 0.5, y - 0.5, grid.cellWidth, grid.cellHeight);
  }
}
