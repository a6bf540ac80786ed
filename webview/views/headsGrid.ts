// The overview of all layers and heads of one kind as thumbnails; a click or the arrow keys choose one.
import type { Disposable } from '../../src/shared/disposable';
import type { Overview } from '../../src/shared/trace';
import { heatPixels, weightPixel } from '../draw/heatPixels';
import { CellPicture, oncePerFrame, Surface } from '../draw/surface';
import type { ThumbnailGrid } from '../draw/thumbnails';
import { thumbnailAt, thumbnailCorner, thumbnailGrid, thumbnailMargin } from '../draw/thumbnails';
import { element } from '../dom';
import { arrows } from '../explorer/keys';
import { attentionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { themeKey } from './headPainter';
import { SpokenCell } from './spokenCell';

export interface HeadsGridInput {
  readonly key: string;
  readonly overview: Overview;
  readonly theme: Theme;
  readonly layer: number;
  readonly head: number;
  readonly mean: boolean;
  readonly label: string;
}

export class HeadsGrid implements Disposable {
  readonly element: HTMLElement;
  private readonly surface = new Surface('heads-grid');
  private readonly spoken: SpokenCell;
  private readonly resize: ResizeObserver;
  private input: HeadsGridInput | undefined;
  private grid: ThumbnailGrid | undefined;
  private hovered: { layer: number; head: number } | undefined;
  private pictures: { key: string; all: readonly CellPicture[] } | undefined;
  private readonly repaint = oncePerFrame(() => this.paint());

  constructor(private readonly choose: (layer: number, head: number) => void) {
    this.element = element('div', { class: 'heads-grid', 'data-area': 'heads', 'data-keys': true });
    this.spoken = new SpokenCell(this.element, 'heads');
    this.element.append(this.surface.canvas);
    this.resize = new ResizeObserver(() => this.repaint());
    this.resize.observe(this.element);
    this.element.addEventListener('pointermove', (event) => this.hover(this.headAt(event)));
    this.element.addEventListener('pointerleave', () => this.hover(undefined));
    this.element.addEventListener('click', (event) => {
      const at = this.headAt(event);
      if (at) {
        this.choose(at.layer, at.head);
      }
    });
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  update(input: HeadsGridInput): void {
    this.input = input;
    const { layer, head, overview, label } = input;
    this.spoken.label(label, overview.layers, overview.heads);
    this.spoken.say({ row: layer, column: head, text: strings.headName(layer + 1, head + 1) });
    this.repaint();
  }

  /** The size that the grid wants at a width and a largest height. */
  static size(layers: number, heads: number, width: number, height: number): ThumbnailGrid {
    return thumbnailGrid(layers, heads, width, height);
  }

  dispose(): void {
    this.resize.disconnect();
  }

  private paint(): void {
    const { input } = this;
    if (!input || this.element.clientWidth === 0) {
      return;
    }
    const { overview, theme, layer, head, mean } = input;
    const { clientWidth, clientHeight } = this.element;
    const grid = thumbnailGrid(overview.layers, overview.heads, clientWidth, clientHeight);
    this.grid = grid;
    const key = `${input.key}|${themeKey(theme)}`;
    if (this.pictures?.key !== key) {
      this.pictures = { key, all: picturesOf(overview, theme) };
    }
    const context = this.surface.begin(grid.width, grid.height);
    context.font = `11px ${theme.fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let column = 0; column < grid.heads; column++) {
      const { x } = thumbnailCorner(grid, 0, column);
      this.number(context, theme, column + 1, x + grid.side / 2, 7, column === head && !mean);
    }
    for (let row = 0; row < grid.layers; row++) {
      const { y } = thumbnailCorner(grid, row, 0);
      this.number(context, theme, row + 1, thumbnailMargin.left / 2, y + grid.side / 2, row === layer);
    }
    for (let row = 0; row < grid.layers; row++) {
      for (let column = 0; column < grid.heads; column++) {
        const { x, y } = thumbnailCorner(grid, row, column);
        this.thumbnail(context, theme, this.pictures.all[row * grid.heads + column], x, y, grid.side);
        const selected = row === layer && (column === head || mean);
        const hovered = row === this.hovered?.layer && column === this.hovered.head;
        context.strokeStyle = selected ? theme.focus : hovered ? theme.foreground : theme.border;
        context.lineWidth = selected ? 2 : 1;
        const out = selected ? 1 : 0.5;
        context.strokeRect(x - out, y - out, grid.side + 2 * out, grid.side + 2 * out);
      }
    }
    Object.assign(this.surface.canvas.dataset, { pitch: grid.pitch, side: grid.side });
  }

  private thumbnail(
    context: CanvasRenderingContext2D,
    theme: Theme,
    picture: CellPicture,
    x: number,
    y: number,
    side: number,
  ): void {
    picture.draw(
      context,
      {
        x,
        y,
        width: side,
        height: side,
        scrollX: 0,
        scrollY: 0,
        cellWidth: side / Math.max(1, picture.columns),
        cellHeight: side / Math.max(1, picture.rows),
        rows: picture.rows,
        columns: picture.columns,
      },
      theme,
    );
  }

  private number(
    context: CanvasRenderingContext2D,
    theme: Theme,
    value: number,
    x: number,
    y: number,
    chosen: boolean,
  ): void {
    context.font = `${chosen ? '600 ' : ''}11px ${theme.fontFamily}`;
    context.fillStyle = chosen ? theme.foreground : theme.description;
    context.fillText(String(value), x, y);
  }

  private headAt(event: MouseEvent): { layer: number; head: number } | undefined {
    const box = this.surface.canvas.getBoundingClientRect();
    return this.grid && thumbnailAt(this.grid, event.clientX - box.left, event.clientY - box.top);
  }

  private hover(head: { layer: number; head: number } | undefined): void {
    if (head?.layer !== this.hovered?.layer || head?.head !== this.hovered?.head) {
      this.hovered = head;
      this.element.title = head ? strings.headName(head.layer + 1, head.head + 1) : '';
      this.repaint();
    }
  }

  private key(event: KeyboardEvent): void {
    const step = arrows[event.key];
    if (!step || !this.input || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const { overview } = this.input;
    const layer = Math.min(overview.layers - 1, Math.max(0, this.input.layer + step[0]));
    const head = Math.min(overview.heads - 1, Math.max(0, this.input.head + step[1]));
    // Keys may come faster than frames: the next one starts from here.
    this.input = { ...this.input, layer, head };
    this.choose(layer, head);
    event.preventDefault();
    event.stopPropagation();
  }
}

function picturesOf(overview: Overview, theme: Theme): CellPicture[] {
  const { rows, columns, layers, heads } = overview;
  const pixelOf = weightPixel(theme.sequential);
  return Array.from({ length: layers * heads }, (_, index) => {
    const begin = index * rows * columns;
    const matrix = { rows, columns, data: overview.data.subarray(begin, begin + rows * columns) };
    const masked = overview.masked.subarray(begin, begin + rows * columns);
    return new CellPicture(heatPixels(matrix, pixelOf, masked, theme.maskPixel), rows, columns, masked);
  });
}
