// Paints one head: lines between token strips and the matrix beside them. Keeps what is expensive in caches; handles no input.
import type { CellGrid } from '../draw/cells';
import { cornerOf, visibleRange } from '../draw/cells';
import type { HeadLayout, Strip } from '../draw/headLayout';
import { matrixGrid, rowCentre } from '../draw/headLayout';
import { heatPixels, weightPixel } from '../draw/heatPixels';
import { fitText, thinLabels } from '../draw/labels';
import { CellPicture, Surface } from '../draw/surface';
import type { AxisItem } from '../explorer/sequences';
import type { Aim, HeadScene } from '../explorer/scene';
import type { Pair } from '../explorer/viewState';
import { attentionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { clipRows, LinesPainter, overhang } from './linesPainter';

/** Everything that decides how the picture looks. */
export interface HeadPicture {
  readonly scene: HeadScene;
  readonly layout: HeadLayout;
  readonly theme: Theme;
  readonly threshold: number;
  readonly aim: Aim;
  readonly pins: readonly Pair[];
  readonly scrollX: number;
  readonly scrollY: number;
}

/** Three canvases on top of each other: all lines, the cells, and what follows the pointer. */
export class HeadPainter {
  get canvases(): readonly HTMLCanvasElement[] {
    return [this.lines.surface, this.heat, this.overlay].map(({ canvas }) => canvas);
  }

  private readonly lines = new LinesPainter();
  private readonly heat = new Surface('heatmap');
  private readonly overlay = new Surface('overlay');
  private cells: { key: string; picture: CellPicture } | undefined;
  private drawnHeat = '';

  /** How many lines the last picture has, of how many pairs. */
  count = { drawn: 0, pairs: 0 };

  /** Returns whether everything is drawn; otherwise call again in the next frame. */
  paint(picture: HeadPicture): boolean {
    const { scene, layout, theme, scrollX, scrollY, threshold } = picture;
    const place = [scene.key, themeKey(theme), JSON.stringify(layout), scrollY].join('|');
    const count = this.lines.select(scene, threshold);
    this.count = { ...count, drawn: layout.keyStrip ? count.drawn : 0 };
    const done = this.lines.paint(layout, theme, scrollY, picture.aim.by !== 'nothing', place);
    const heatKey = [place, scrollX].join('|');
    if (heatKey !== this.drawnHeat) {
      this.drawnHeat = heatKey;
      this.paintHeat(picture);
    }
    this.paintOverlay(picture);
    return done;
  }

  private paintHeat({ scene, layout, theme, scrollX, scrollY }: HeadPicture): void {
    const grid = matrixGrid(layout, scene.queries.length, scene.keys.length, scrollX, scrollY);
    const { canvas } = this.heat;
    canvas.hidden = !grid;
    if (!grid) {
      return;
    }
    const key = `${scene.key}|${themeKey(theme)}`;
    if (this.cells?.key !== key) {
      const { matrix } = scene;
      const pixels = heatPixels(matrix, weightPixel(theme.sequential), matrix.masked, theme.maskPixel);
      this.cells = { key, picture: new CellPicture(pixels, matrix.rows, matrix.columns, matrix.masked) };
    }
    const context = this.heat.begin(grid.width, grid.height);
    canvas.style.transform = `translate(${grid.x}px, ${grid.y}px)`;
    this.cells.picture.draw(context, { ...grid, x: 0, y: 0 }, theme);
    // Where each cell lies and what it belongs to, for tests that compare pixels with weights.
    Object.assign(canvas.dataset, {
      cellSize: grid.cellWidth,
      rows: grid.rows,
      columns: grid.columns,
      scrollX,
      scrollY,
      attention: scene.attention.name,
      head: scene.head,
      unit: scene.unit,
      batch: scene.batch,
      trace: scene.trace,
    });
  }

  private paintOverlay(picture: HeadPicture): void {
    const { scene, layout, theme, aim, scrollX, scrollY } = picture;
    const context = this.overlay.begin(layout.width, layout.height);
    const grid = matrixGrid(layout, scene.queries.length, scene.keys.length, scrollX, scrollY);
    context.font = `12px ${theme.fontFamily}`;
    context.textBaseline = 'middle';
    this.lines.paintAim(context, layout, theme, scrollY, aim);
    const related = this.lines.relatedTo(aim);
    this.strip(context, picture, layout.keyStrip, scene.keys, aim.key, false, related.keys);
    this.strip(context, picture, layout.queryStrip, scene.queries, aim.query, true, related.queries);
    if (grid) {
      this.columnLabels(context, picture, grid);
      frames(context, grid, theme, picture);
    }
    context.font = `11px ${theme.fontFamily}`;
    context.fillStyle = theme.description;
    context.textAlign = 'right';
    const above = layout.top - 11;
    const { keyStrip, queryStrip } = layout;
    if (keyStrip) {
      context.fillText(strings.attended, keyStrip.x + keyStrip.width - 4, above);
    }
    context.fillText(strings.attends, queryStrip.x + queryStrip.width - 4, above);
  }

  private strip(
    context: CanvasRenderingContext2D,
    { layout, theme, scrollY }: HeadPicture,
    where: Strip | undefined,
    items: readonly AxisItem[],
    aimed: number | undefined,
    active: boolean,
    related: ReadonlySet<number> | undefined,
  ): void {
    if (!where) {
      return;
    }
    clipRows(context, layout);
    context.textAlign = 'right';
    const [first, end] = visibleRange(scrollY, layout.rowsHeight, layout.cell, items.length);
    const labels = thinLabels(items.length, layout.cell, aimed === undefined ? [] : [aimed]);
    for (const index of labels) {
      if (index < first - 1 || index > end) {
        continue;
      }
      const centre = rowCentre(layout, index, scrollY);
      const height = Math.max(14, layout.cell - 1);
      if (index === aimed) {
        context.fillStyle = active ? theme.activeBackground : theme.inactiveBackground;
        context.fillRect(where.x, centre - height / 2, where.width, height);
        outline(context, theme, where.x, centre - height / 2, where.width, height);
      }
      const quiet = related && !related.has(index) && index !== aimed;
      const strong = index === aimed && active ? theme.activeForeground : theme.foreground;
      context.fillStyle = quiet || items[index].padding ? theme.description : strong;
      const text = fitText(items[index].label, where.width - 8, (each) => context.measureText(each).width);
      context.fillText(text, where.x + where.width - 4, centre + 0.5);
    }
    context.restore();
  }

  private columnLabels(context: CanvasRenderingContext2D, picture: HeadPicture, grid: CellGrid): void {
    const { scene, layout, theme, aim } = picture;
    context.save();
    context.beginPath();
    context.rect(grid.x - overhang, 0, grid.width + 16, layout.top);
    context.clip();
    context.textAlign = 'left';
    const [first, end] = visibleRange(grid.scrollX, grid.width, grid.cellWidth, grid.columns);
    for (const index of thinLabels(grid.columns, grid.cellWidth, aim.key === undefined ? [] : [aim.key])) {
      if (index < first || index >= end) {
        continue;
      }
      const item = scene.keys[index];
      const width = Math.max(14, grid.cellWidth - 1);
      const centre = cornerOf(grid, 0, index).x + grid.cellWidth / 2;
      if (index === aim.key) {
        context.fillStyle = theme.inactiveBackground;
        context.fillRect(centre - width / 2, 2, width, layout.top - 4);
        outline(context, theme, centre - width / 2, 2, width, layout.top - 4);
      }
      context.fillStyle = item.padding ? theme.description : theme.foreground;
      context.save();
      context.translate(centre, layout.top - 6);
      context.rotate(-Math.PI / 2);
      context.fillText(
        fitText(item.label, layout.top - 10, (each) => context.measureText(each).width),
        0,
        0.5,
      );
      context.restore();
    }
    context.restore();
  }
}

/** Row and column of the aim, and a stronger frame around its cell and every pinned one. */
function frames(context: CanvasRenderingContext2D, grid: CellGrid, theme: Theme, picture: HeadPicture): void {
  const { aim, pins } = picture;
  context.save();
  context.beginPath();
  context.rect(grid.x - 1, grid.y - 1, grid.width + 2, grid.height + 2);
  context.clip();
  context.strokeStyle = theme.contrastBorder ?? theme.description;
  context.lineWidth = 1;
  const cell = grid.cellWidth;
  if (aim.query !== undefined) {
    const { y } = cornerOf(grid, aim.query, 0);
    context.strokeRect(grid.x - 0.5, y - 0.5, grid.width, cell);
  }
  if (aim.key !== undefined) {
    const { x } = cornerOf(grid, 0, aim.key);
    context.strokeRect(x - 0.5, grid.y - 0.5, cell, grid.height);
  }
  context.strokeStyle = theme.contrastBorder ?? theme.foreground;
  context.lineWidth = 2;
  const { query, key } = aim;
  const marked = query !== undefined && key !== undefined ? [{ query, key }, ...pins] : pins;
  for (const pair of marked) {
    const { x, y } = cornerOf(grid, pair.query, pair.key);
    context.strokeRect(x, y, cell - 1, cell - 1);
  }
  context.restore();
}

/** In high-contrast themes a selection is an outline, because its background may not differ. */
function outline(
  context: CanvasRenderingContext2D,
  theme: Theme,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  if (theme.contrastBorder) {
    context.strokeStyle = theme.contrastBorder;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  }
}

/** Two themes with the same key paint the same picture. */
export function themeKey(theme: Theme): string {
  return [theme.background, theme.foreground, theme.description, theme.contrastBorder, theme.fontFamily].join(
    ';',
  );
}
