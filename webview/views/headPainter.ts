// Paints one head: lines between token strips and the matrix beside them. Keeps what is expensive in caches; handles no input.
import type { CellGrid } from '../draw/cells';
import { cornerOf, visibleRange } from '../draw/cells';
import type { AttentionLines } from '../draw/attentionLines';
import { groupLines, groupOf, selectLines, strokeOf, weightGroups } from '../draw/attentionLines';
import { cssOf, weightStep } from '../draw/colour';
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
  readonly lines = new Surface('lines');
  readonly heat = new Surface('heatmap');
  readonly overlay = new Surface('overlay');
  private cells: { key: string; picture: CellPicture } | undefined;
  private selection: { key: string; lines: AttentionLines; groups: number[][] } | undefined;
  private drawn = { lines: '', heat: '' };

  /** How many lines the last picture has, of how many pairs. */
  count = { drawn: 0, pairs: 0 };

  paint(picture: HeadPicture): void {
    const { scene, layout, theme, scrollX, scrollY } = picture;
    const place = [scene.key, themeKey(theme), JSON.stringify(layout), scrollY].join('|');
    this.select(picture);
    const aimed = picture.aim.by !== 'nothing';
    const linesKey = [place, picture.threshold, aimed].join('|');
    if (linesKey !== this.drawn.lines) {
      this.drawn.lines = linesKey;
      this.paintLines(picture, aimed);
    }
    const heatKey = [place, scrollX].join('|');
    if (heatKey !== this.drawn.heat) {
      this.drawn.heat = heatKey;
      this.paintHeat(picture);
    }
    this.paintOverlay(picture);
  }

  private select({ scene, threshold, layout }: HeadPicture): void {
    const key = `${scene.key}|${threshold}`;
    if (this.selection?.key !== key) {
      const lines = selectLines(scene.matrix, threshold);
      this.selection = { key, lines, groups: groupLines(lines.weights) };
    }
    const { lines } = this.selection;
    this.count = { drawn: layout.keyStrip ? lines.weights.length : 0, pairs: lines.pairs };
  }

  private paintLines({ layout, theme, scrollY }: HeadPicture, grey: boolean): void {
    const context = this.lines.begin(layout.width, layout.height);
    if (!layout.keyStrip || !this.selection) {
      return;
    }
    const { lines, groups } = this.selection;
    clipRows(context, layout);
    for (let group = 0; group < weightGroups; group++) {
      const stroke = strokeOf(group);
      context.beginPath();
      for (const index of groups[group]) {
        this.trace(context, layout, lines.queries[index], lines.keys[index], scrollY);
      }
      context.strokeStyle = grey ? theme.description : lineColour(theme, (group + 0.5) / weightGroups);
      context.globalAlpha = grey ? stroke.alpha : Math.min(1, stroke.alpha * 2);
      context.lineWidth = grey ? stroke.grey : (stroke.grey + stroke.strong) / 2;
      context.stroke();
    }
    context.restore();
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
    this.strongLines(context, picture);
    const related = this.relatedTo(picture);
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

  /** The lines of the aimed query (or key) in full colour. */
  private strongLines(context: CanvasRenderingContext2D, { layout, theme, aim, scrollY }: HeadPicture): void {
    if (!layout.keyStrip || !this.selection || aim.by === 'nothing') {
      return;
    }
    const { lines } = this.selection;
    clipRows(context, layout);
    for (let index = 0; index < lines.weights.length; index++) {
      const own =
        aim.query === undefined ? lines.keys[index] === aim.key : lines.queries[index] === aim.query;
      if (own) {
        const weight = lines.weights[index];
        context.beginPath();
        this.trace(context, layout, lines.queries[index], lines.keys[index], scrollY);
        context.strokeStyle = lineColour(theme, weight);
        context.lineWidth = strokeOf(groupOf(weight)).strong;
        context.stroke();
      }
    }
    context.restore();
  }

  private trace(
    context: CanvasRenderingContext2D,
    layout: HeadLayout,
    query: number,
    key: number,
    scrollY: number,
  ): void {
    const left = (layout.keyStrip?.x ?? 0) + (layout.keyStrip?.width ?? 0) + 1;
    const right = layout.queryStrip.x - 3;
    const bend = (right - left) * 0.32;
    const from = rowCentre(layout, query, scrollY);
    const to = rowCentre(layout, key, scrollY);
    context.moveTo(right, from);
    context.bezierCurveTo(right - bend, from, left + bend, to, left, to);
  }

  /** Items joined to the aim by a drawn line; undefined when there is no aim. */
  private relatedTo({ aim }: HeadPicture): { keys?: Set<number>; queries?: Set<number> } {
    const lines = this.selection?.lines;
    if (!lines || aim.by === 'nothing') {
      return {};
    }
    if (aim.query !== undefined) {
      return { keys: new Set(lines.keys.filter((_, index) => lines.queries[index] === aim.query)) };
    }
    return { queries: new Set(lines.queries.filter((_, index) => lines.keys[index] === aim.key)) };
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

/** Pixels that a label reaches beyond a row of the smallest size. */
const overhang = 6;

function clipRows(context: CanvasRenderingContext2D, layout: HeadLayout): void {
  context.save();
  context.beginPath();
  // Labels of the first and last row may be higher than their rows.
  context.rect(0, layout.top - overhang, layout.width, layout.rowsHeight + 2 * overhang);
  context.clip();
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

/** The scale's colour, but never so near the background that a line could not be seen. */
function lineColour(theme: Theme, weight: number): string {
  return cssOf(theme.sequential.table[weightStep(Math.max(0.28, weight))]);
}

/** Two themes with the same key paint the same picture. */
export function themeKey(theme: Theme): string {
  return [theme.background, theme.foreground, theme.description, theme.contrastBorder, theme.fontFamily].join(
    ';',
  );
}
