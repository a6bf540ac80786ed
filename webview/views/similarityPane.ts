// How alike positions are, or the bias that a model with relative positions adds for every pair of positions.
import type { Matrix } from '../../src/shared/tensor';
import { divergingPixel, heatPixels, linearPixel, symmetricRange } from '../draw/heatPixels';
import { CellPicture } from '../draw/surface';
import { element, setText } from '../dom';
import { formatNumber } from '../format';
import { positionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { themeKey } from './headPainter';
import { HeatPane } from './heatPane';
import type { LegendTick } from './legend';
import { Legend } from './legend';
import { normalise } from './positionNumbers';
import type { PositionScene } from './positionsView';

const rowRoom = 34;
const columnRoom = 20;
const largest = 256;

/** The matrix as it is drawn, and how it is to be read. */
interface Drawn {
  readonly key: string;
  readonly matrix: Matrix;
  readonly picture: CellPicture;
  readonly caption: string;
  /** Symmetric range of a diverging scale; undefined for the scale from 0 to 1. */
  readonly range: number | undefined;
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
    const isBias = kind === 'relative' || kind === 'alibi';
    setText(this.title, isBias ? strings.bias : strings.similarity);
    for (const part of [this.heat.element, this.legend.element, this.row]) {
      part.hidden = !similarity;
    }
    this.missing.hidden = similarity !== undefined;
    if (!similarity) {
      setText(this.caption, '');
      return;
    }
    const drawn = this.draw(scene.key, similarity, isBias, theme);
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
      label: strings.matrixLabel(isBias ? strings.bias : strings.similarity, matrix.rows, matrix.columns),
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

  private draw(sceneKey: string, values: Matrix, isBias: boolean, theme: Theme): Drawn {
    const key = `${sceneKey}|${themeKey(theme)}`;
    if (this.drawn?.key === key) {
      return this.drawn;
    }
    const normalised = isBias ? undefined : normalise(values);
    const matrix = normalised?.matrix ?? values;
    const range = isBias ? symmetricRange(values.data) : normalised?.signed ? 1 : undefined;
    const pixelOf =
      range === undefined ? linearPixel(theme.sequential, 1) : divergingPixel(theme.diverging, range);
    const caption = !normalised
      ? strings.biasCaption
      : normalised.equalNorms
        ? strings.similarityEqual
        : strings.similarityCosine;
    const picture = new CellPicture(heatPixels(matrix, pixelOf), matrix.rows, matrix.columns);
    this.drawn = { key, matrix, picture, caption, range };
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
