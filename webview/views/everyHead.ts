// The weight of one pair in every head of its kind as a small grid; a click goes to the head.
import type { Matrix } from '../../src/shared/tensor';
import type { CellGrid } from '../draw/cells';
import { cellAt, cornerOf } from '../draw/cells';
import { heatPixels, weightPixel } from '../draw/heatPixels';
import { CellPicture, Surface } from '../draw/surface';
import { element, setText, showEither } from '../dom';
import { arrows } from '../explorer/keys';
import { formatWeight } from '../format';
import { attentionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { PagedTable } from './pagedTable';
import { SpokenCell } from './spokenCell';

const left = 26;
const top = 14;
const widest = 224;
const rowHeight = 15;

export interface EveryHeadInput {
  readonly title: string;
  readonly weights: Matrix | undefined;
  readonly layers: number;
  readonly heads: number;
  readonly layer: number;
  readonly head: number | 'mean';
  readonly theme: Theme;
  /** As a table instead of a picture. */
  readonly table: boolean;
}

export class EveryHead {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title tokens' });
  private readonly value = element('span', { class: 'caption' });
  private readonly surface = new Surface('every-head');
  private readonly area = element('div', {
    class: 'every-head',
    'data-area': 'every-head',
    'data-keys': true,
  });
  private readonly table = new PagedTable('every-head-table');
  private readonly tableHost = element('div', { class: 'table-view', 'data-keys': true }, this.table.element);
  private readonly spoken = new SpokenCell(this.area, 'every-head');
  private input: EveryHeadInput | undefined;
  private cursor: { layer: number; head: number } | undefined;

  constructor(private readonly choose: (layer: number, head: number) => void) {
    this.area.append(this.surface.canvas);
    this.element = element(
      'section',
      { class: 'pane', 'data-role': 'every-head-pane' },
      element('div', { class: 'pane-header' }, this.title, this.value),
      this.area,
      this.tableHost,
    );
    this.area.addEventListener('pointermove', (event) => this.point(this.at(event)));
    this.area.addEventListener('pointerleave', () => this.point(undefined));
    this.area.addEventListener('blur', () => this.point(undefined));
    this.area.addEventListener('click', (event) => {
      const at = this.at(event);
      if (at) {
        this.choose(at.layer, at.head);
      }
    });
    this.area.addEventListener('keydown', (event) => this.key(event));
  }

  update(input: EveryHeadInput): void {
    this.input = input;
    setText(this.title, input.title);
    this.spoken.label(strings.everyHeadLabel, input.layers, input.heads);
    if (input.table) {
      this.tabulate(input);
    } else {
      this.paint();
    }
    showEither(this.area, this.tableHost, input.table);
  }

  private tabulate({ title, weights, layers, heads }: EveryHeadInput): void {
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
    this.table.update({
      key: `${title}|${weights ? weights.data.join() : ''}`,
      caption: title,
      corner: strings.layer,
      rows: weights ? numbers(layers) : [],
      columns: weights ? numbers(heads) : [],
      cell: (layer, head) => formatWeight(weights?.data[layer * heads + head] ?? 0),
    });
  }

  private geometry({ layers, heads }: EveryHeadInput): CellGrid {
    const cellWidth = Math.max(4, Math.min(28, Math.floor(widest / Math.max(1, heads))));
    return {
      x: left,
      y: top,
      width: cellWidth * heads,
      height: rowHeight * layers,
      scrollX: 0,
      scrollY: 0,
      cellWidth,
      cellHeight: rowHeight,
      rows: layers,
      columns: heads,
    };
  }

  private paint(): void {
    const { input, cursor } = this;
    if (!input) {
      return;
    }
    const { theme, weights } = input;
    const grid = this.geometry(input);
    const context = this.surface.begin(left + grid.width + 2, top + grid.height + 2);
    context.font = `11px ${theme.fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = theme.description;
    const stride = Math.ceil(16 / grid.cellWidth);
    for (let head = 0; head < grid.columns; head += stride) {
      context.fillText(String(head + 1), grid.x + (head + 0.5) * grid.cellWidth, 6);
    }
    for (let layer = 0; layer < grid.rows; layer++) {
      context.fillText(String(layer + 1), left / 2, grid.y + (layer + 0.5) * rowHeight + 1);
    }
    if (weights) {
      const pixels = heatPixels(weights, weightPixel(theme.sequential));
      new CellPicture(pixels, weights.rows, weights.columns).draw(context, grid, theme);
    }
    context.strokeStyle = theme.contrastBorder ?? theme.foreground;
    context.lineWidth = 2;
    const shown = input.head === 'mean' ? undefined : cornerOf(grid, input.layer, input.head);
    if (shown) {
      context.strokeRect(shown.x, shown.y, grid.cellWidth - 1, rowHeight - 1);
    }
    if (cursor) {
      const { x, y } = cornerOf(grid, cursor.layer, cursor.head);
      context.lineWidth = 1;
      context.strokeRect(x - 0.5, y - 0.5, grid.cellWidth, rowHeight);
    }
    Object.assign(this.surface.canvas.dataset, {
      originX: grid.x,
      originY: grid.y,
      cellWidth: grid.cellWidth,
      cellHeight: grid.cellHeight,
    });
    this.say();
  }

  private say(): void {
    const { cursor, input } = this;
    const weight = cursor && input?.weights?.data[cursor.layer * input.heads + cursor.head];
    const text =
      cursor && weight !== undefined
        ? strings.everyHeadCell(cursor.layer + 1, cursor.head + 1, formatWeight(weight))
        : '';
    setText(this.value, text);
    this.spoken.say(cursor && text ? { row: cursor.layer, column: cursor.head, text } : undefined);
  }

  private at(event: MouseEvent): { layer: number; head: number } | undefined {
    const box = this.surface.canvas.getBoundingClientRect();
    const cell =
      this.input && cellAt(this.geometry(this.input), event.clientX - box.left, event.clientY - box.top);
    return cell && { layer: cell.row, head: cell.column };
  }

  private point(at: { layer: number; head: number } | undefined): void {
    if (at?.layer !== this.cursor?.layer || at?.head !== this.cursor?.head) {
      this.cursor = at;
      this.paint();
    }
  }

  private key(event: KeyboardEvent): void {
    const { input, cursor } = this;
    const step = arrows[event.key];
    if (!input || (!step && event.key !== 'Enter')) {
      return;
    }
    if (step) {
      const from = cursor ?? { layer: input.layer, head: input.head === 'mean' ? 0 : input.head };
      this.point({
        layer: Math.min(input.layers - 1, Math.max(0, from.layer + (cursor ? step[0] : 0))),
        head: Math.min(input.heads - 1, Math.max(0, from.head + (cursor ? step[1] : 0))),
      });
    } else if (cursor) {
      this.choose(cursor.layer, cursor.head);
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
