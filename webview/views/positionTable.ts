// The table of positions as a heat map over dimensions, or the reason why there is none.
import { divergingPixel, heatPixels, symmetricRange } from '../draw/heatPixels';
import { cornerOf } from '../draw/cells';
import type { CellGrid } from '../draw/cells';
import { CellPicture } from '../draw/surface';
import { element, setText } from '../dom';
import { formatNumber } from '../format';
import { positionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { themeKey } from './headPainter';
import type { Spot } from './heatPane';
import { HeatPane } from './heatPane';
import { Legend } from './legend';
import { wrapped } from './positionNumbers';
import type { PositionUse } from './positions/positionUse';
import type { PositionScene } from './positionsView';

const rowRoom = 40;
const columnRoom = 20;
const listWidth = 176;
/** Where the list of dimensions stands below the picture, as the style sheet says too. */
const listBelow = '(max-width: 699px)';
const tallest = 256;

export interface PositionTableInput {
  readonly scene: PositionScene;
  /** Which rows the text reads. */
  readonly use: PositionUse;
  readonly theme: Theme;
  readonly spot: Spot;
  readonly width: number;
}

export class PositionTable {
  readonly pane: HTMLElement;
  /** Picture and, appended by the view, the list of dimensions. */
  readonly element = element('div', { class: 'position-table' });
  private readonly title = element('h2', { class: 'pane-title' });
  private readonly caption = element('span', { class: 'caption' });
  private readonly heat: HeatPane;
  private readonly picture = element('div', { class: 'position-picture' });
  private readonly used = element('span', { class: 'caption' });
  private readonly legend = new Legend('position-legend', 110);
  private readonly foot: HTMLElement;
  private readonly missing = element('p', { class: 'missing', 'data-role': 'positions-missing' });
  private drawn: { key: string; picture: CellPicture; range: number } | undefined;

  constructor(point: (spot: Spot) => void) {
    this.heat = new HeatPane('positions', (cell) => point(cell ?? {}));
    this.foot = element('div', { class: 'position-foot' }, this.used, this.legend.element);
    this.picture.append(this.heat.element, this.foot, this.missing);
    this.element.append(this.picture);
    this.pane = element(
      'section',
      { class: 'pane', 'data-role': 'position-table' },
      element('div', { class: 'pane-header' }, this.title, this.caption),
      this.element,
    );
  }

  update({ scene, use, theme, spot, width }: PositionTableInput): void {
    const { positions, items } = scene;
    const { table, kind } = positions;
    setText(this.title, kind === 'rotary' ? strings.angles : strings.table);
    this.heat.element.hidden = !table;
    this.foot.hidden = !table;
    this.missing.hidden = table !== undefined;
    setText(this.caption, hoveredText(scene, spot));
    if (!table) {
      setText(this.missing, reasonOf(scene));
      return;
    }
    const { picture, range } = this.pictureOf(scene, theme);
    const beside = !window.matchMedia(listBelow).matches;
    const room = Math.max(160, width - (beside ? listWidth + 24 : 24));
    this.heat.update({
      picture,
      theme,
      cellWidth: Math.max(2, Math.min(12, Math.floor((room - rowRoom) / table.columns))),
      cellHeight: Math.max(2, Math.min(12, Math.floor(tallest / table.rows))),
      width: room,
      height: tallest + columnRoom + 2,
      rows: { kind: 'numbers', room: rowRoom, pitch: 20 },
      columns: { kind: 'numbers', room: columnRoom, pitch: 40 },
      spot,
      label: strings.matrixLabel(strings.table, table.rows, table.columns),
      describe: ({ row, column }) =>
        `${strings.hovered(items[row]?.label ?? '', row, column)}: ${formatNumber(table.data[row * table.columns + column])}`,
      marks: (context, grid) => mark(context, grid, scene, use, theme),
    });
    setText(this.used, use.text);
    const pixel = divergingPixel(theme.diverging, 1);
    this.legend.update(
      (share) => pixel(2 * share - 1),
      [
        { at: 0, text: formatNumber(-range) },
        { at: 0.5, text: '0' },
        { at: 1, text: `+${formatNumber(range)}` },
      ],
      kind === 'rotary' ? strings.wrappedAngle : '',
    );
  }

  private pictureOf(scene: PositionScene, theme: Theme): { picture: CellPicture; range: number } {
    const { positions } = scene;
    const key = `${positions.side}|${scene.key}|${themeKey(theme)}`;
    if (this.drawn?.key !== key && positions.table) {
      const rotary = positions.kind === 'rotary';
      const table = rotary ? wrapped(positions.table) : positions.table;
      const range = rotary ? Math.PI : symmetricRange(table.data);
      const pixels = heatPixels(table, divergingPixel(theme.diverging, range));
      this.drawn = { key, picture: new CellPicture(pixels, table.rows, table.columns), range };
    }
    return this.drawn ?? { picture: new CellPicture(new Uint32Array(), 0, 0), range: 0 };
  }
}

function hoveredText({ positions, items }: PositionScene, { row, column }: Spot): string {
  const { table } = positions;
  return table && row !== undefined && column !== undefined
    ? `${strings.hovered(items[row]?.label ?? '', row, column)}: ${formatNumber(table.data[row * table.columns + column])}`
    : '';
}

function reasonOf({ positions: { kind, evidence } }: PositionScene): string {
  switch (kind) {
    case 'rotary':
    case 'relative':
    case 'alibi':
      return strings.noTable[kind];
    case 'none':
      return strings.noPositions(evidence);
    case 'sinusoidal':
    case 'learned':
      return strings.noTable.other;
    default:
      return kind satisfies never;
  }
}

/** The drawn dimensions in their colours, and dashed lines around the rows that the text uses. */
function mark(
  context: CanvasRenderingContext2D,
  grid: CellGrid,
  scene: PositionScene,
  { first, end }: PositionUse,
  theme: Theme,
): void {
  context.lineWidth = 1;
  scene.dimensions.forEach((dimension, index) => {
    const { x } = cornerOf(grid, 0, dimension);
    context.strokeStyle = theme.charts[index % theme.charts.length];
    context.strokeRect(x - 0.5, grid.y - 0.5, grid.cellWidth + 1, grid.height + 1);
  });
  for (const row of [first, end].filter((each) => first < end && each > 0 && each < grid.rows)) {
    const { y } = cornerOf(grid, row, 0);
    context.strokeStyle = theme.foreground;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(grid.x, Math.round(y) - 0.5);
    context.lineTo(grid.x + grid.width, Math.round(y) - 0.5);
    context.stroke();
    context.setLineDash([]);
  }
}
