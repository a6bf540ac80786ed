// How alike positions are, or the bias that a model with relative positions adds for every pair of positions.
import type { PositionKind } from '../../src/shared/modelSummary';
import type { Matrix } from '../../src/shared/tensor';
import { divergingPixel, heatPixels, linearPixel } from '../draw/heatPixels';
import { CellPicture } from '../draw/surface';
import { element, setText } from '../dom';
import { formatNumber } from '../format';
import { positionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { themeKey } from './headPainter';
import { HeatPane } from './heatPane';
import type { LegendTick } from './legend';
import { Legend } from './legend';
import type { PositionScene } from './positionsView';
import type { ReadSimilarity } from './similarity';
import { readSimilarity } from './similarity';

const rowRoom = 34;
const columnRoom = 20;
const largest = 256;

/** The matrix as it is read, and its picture. */
interface Drawn extends ReadSimilarity {
  readonly key: string;
  readonly picture: CellPicture;
}

export class SimilarityPane {
  readonly element: HTMLElement;
  private readonly title = element('h2', { class: 'pane-title' });
  private readonly caption = element('span', { class: 'caption' });
  private readonly heat: HeatPane;
  private readonly legend = new Legend('similarity-legend', 110);
  private readonly row = element('p', { class: 'caption reading' });
  private readonly missing = element('p', { class: 'missing' }, strings.noSimilarity);
  private drawn: Drawn | undefined;
  private column: number | undefined;

  constructor(point: (row: number | undefined) => void) {
    this.heat = new HeatPane('similarity', (cell) => {
      this.column = cell?.column;
      point(cell?.row);
    });
    this.element = element(
      'section',
      { class: 'pane similarity', 'data-role': 'similarity-pane' },
      element('div', { class: 'pane-header' }, this.title, this.caption),
      element('div', { class: 'pane-body' }, this.heat.element, this.legend.element, this.row, this.missing),
    );
  }

  update({
    scene,
    theme,
    row,
  }: {
    readonly scene: PositionScene;
    readonly theme: Theme;
    readonly row: number | undefined;
  }): void {
    const { kind, similarity } = scene.positions;
    for (const part of [this.heat.element, this.legend.element, this.row]) {
      part.hidden = !similarity;
    }
    this.missing.hidden = similarity !== undefined;
    if (!similarity) {
      setText(this.title, strings.similarity);
      setText(this.caption, '');
      return;
    }
    const drawn = this.draw(scene.key, similarity, kind, theme);
    setText(this.title, drawn.title);
    setText(this.caption, drawn.caption);
    const { matrix } = drawn;
    const cell = Math.max(2, Math.min(12, Math.floor(largest / matrix.rows)));
    this.heat.update({
      picture: drawn.picture,
      theme,
      cellWidth: cell,
      cellHeight: cell,
      width: Math.max(120, Math.min(this.element.clientWidth - 20, rowRoom + largest + 16)),
      height: largest + columnRoom + 2,
      rows: { kind: 'numbers', room: rowRoom, pitch: 20 },
      columns: { kind: 'numbers', room: columnRoom, pitch: 40 },
      spot: row === undefined ? {} : { row, ...(this.column !== undefined && { column: this.column }) },
      label: strings.matrixLabel(drawn.title, matrix.rows, matrix.columns),
      describe: (at) =>
        strings.similarityCell(
          at.row,
          at.column,
          formatNumber(matrix.data[at.row * matrix.columns + at.column]),
        ),
    });
    this.updateLegend(drawn, theme);
    setText(this.row, rowText(matrix, row ?? 0));
  }

  private draw(sceneKey: string, values: Matrix, kind: PositionKind, theme: Theme): Drawn {
    const key = `${sceneKey}|${themeKey(theme)}`;
    if (this.drawn?.key === key) {
      return this.drawn;
    }
    const read = readSimilarity(values, kind);
    const { matrix, range } = read;
    const pixelOf =
      range === undefined ? linearPixel(theme.sequential, 1) : divergingPixel(theme.diverging, range);
    const picture = new CellPicture(heatPixels(matrix, pixelOf), matrix.rows, matrix.columns);
    this.drawn = { ...read, key, picture };
    return this.drawn;
  }

  private updateLegend({ range }: Drawn, theme: Theme): void {
    const ticks: LegendTick[] =
      range === undefined
        ? [
            { at: 0, text: '0' },
            { at: 1, text: '1' },
          ]
        : [
            { at: 0, text: formatNumber(-range) },
            { at: 0.5, text: '0' },
            { at: 1, text: `+${formatNumber(range)}` },
          ];
    const pixel =
      range === undefined
        ? linearPixel(theme.sequential, 1)
        : (share: number) => divergingPixel(theme.diverging, 1)(2 * share - 1);
    this.legend.update(pixel, ticks, strings.linear);
  }
}

/** `Row 11: 1.00 at 11, 0.97 at 12, 0.77 at 15.` */
function rowText({ rows, columns, data }: Matrix, row: number): string {
  const steps = [0, 1, 4].map((step) => row + step).filter((column) => row < rows && column < columns);
  const parts = steps.map((column) =>
    strings.similarityAt(formatNumber(data[row * columns + column]), column),
  );
  return strings.similarityRow(row, parts.join(', '));
}
