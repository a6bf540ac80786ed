// One vector as a strip of coloured cells, with its name and length.
import type { Matrix } from '../../../src/shared/tensor';
import { divergingPixel, heatPixels } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element, setText } from '../../dom';
import { formatNumber } from '../../format';
import { embeddingsStrings as strings } from '../../strings/embeddingsStrings';
import type { Theme } from '../../theme';
import { HeatPane } from '../heatPane';
import { themeKey } from '../headPainter';

const height = 22;

export interface StripInput {
  readonly key: string;
  readonly name: string;
  /** One row. */
  readonly vector: Matrix;
  /** Symmetric range of the colours. */
  readonly range: number;
  readonly theme: Theme;
  readonly width: number;
  readonly dimension: number | undefined;
}

export class VectorStrip {
  readonly element: HTMLElement;
  private readonly name = element('span', { class: 'strip-name' });
  private readonly norm = element('span', { class: 'number strip-norm' });
  private readonly heat: HeatPane;
  private drawn: { readonly key: string; readonly picture: CellPicture } | undefined;

  constructor(role: string, point: (dimension: number | undefined) => void) {
    this.heat = new HeatPane(role, (cell) => point(cell?.column));
    this.element = element(
      'div',
      { class: 'strip', 'data-strip': role },
      element('div', { class: 'strip-head' }, this.name, this.norm),
      this.heat.element,
    );
  }

  update({ key, name, vector, range, theme, width, dimension }: StripInput): void {
    setText(this.name, name);
    const length = Math.sqrt(vector.data.reduce((sum, value) => sum + value * value, 0));
    setText(this.norm, strings.norm(formatNumber(length)));
    this.element.dataset['norm'] = String(length);
    const drawnKey = `${key}|${range}|${themeKey(theme)}`;
    if (this.drawn?.key !== drawnKey) {
      const pixels = heatPixels(vector, divergingPixel(theme.diverging, range));
      this.drawn = { key: drawnKey, picture: new CellPicture(pixels, 1, vector.columns) };
    }
    const cell = Math.max(2, Math.floor(width / vector.columns));
    this.heat.update({
      picture: this.drawn.picture,
      theme,
      cellWidth: cell,
      cellHeight: height,
      width,
      height: height + 4,
      rows: { kind: 'none', room: 0 },
      columns: { kind: 'none', room: 0 },
      spot: dimension === undefined ? {} : { row: 0, column: dimension },
      label: strings.strip(name, vector.columns),
      describe: ({ column }) => strings.stripCell(name, column, formatNumber(vector.data[column])),
    });
  }
}
