// One of the three pictures of two heads over aligned tokens: A, B, or A − B.
import type { HeadContrast } from '../../../src/shared/contrast';
import { fitCell, type CellPosition } from '../../draw/cells';
import { weightStep } from '../../draw/colour';
import { divergingPixel, heatPixels, symmetricRange, weightPixel } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element, setText } from '../../dom';
import { compareStrings as strings } from '../../strings/compareStrings';
import type { Theme } from '../../theme';
import { HeatPane } from '../heatPane';
import { themeKey } from '../headPainter';
import { Legend } from '../legend';
import { axisLabel, describeCell, signedWeight } from './itemText';

export type Which = 'a' | 'b' | 'difference';

export interface ContrastPaneInput {
  /** Changes with everything that is drawn, except the theme. */
  readonly key: string;
  readonly heads: HeadContrast;
  /** What stands above the picture. */
  readonly title: string;
  readonly theme: Theme;
  readonly width: number;
  /** Whether the queries stand beside this picture: pictures in a row share them. */
  readonly labelled: boolean;
  readonly spot: CellPosition | undefined;
}

/** What the tokens along a side may take. */
export const labelRoom = 72;
const bare = 4;
const largestCell = 18;
const tallest = 330;
const legendWidth = 110;

export class ContrastPane {
  readonly element: HTMLElement;
  private readonly title = element('h3', {});
  private readonly heat: HeatPane;
  private readonly legend: Legend;
  private drawn: { readonly key: string; readonly picture: CellPicture; readonly range: number } | undefined;

  constructor(
    private readonly which: Which,
    point: (cell: CellPosition | undefined) => void,
  ) {
    this.heat = new HeatPane(`compare-${which}`, point);
    this.legend = new Legend(`compare-legend-${which}`, legendWidth);
    this.element = element(
      'section',
      { class: 'compared-head', 'data-role': `compare-${which}-pane` },
      this.title,
      this.heat.element,
      this.legend.element,
    );
  }

  update({ key, heads, title, theme, width, labelled, spot }: ContrastPaneInput): void {
    setText(this.title, title);
    const { picture, range } = this.draw(key, heads, theme);
    const { rows, columns } = heads.difference;
    const left = labelled ? labelRoom : bare;
    const room = Math.max(60, width - left - 8);
    const cell = fitCell({ rows, columns, width: room, height: tallest }, largestCell);
    this.heat.update({
      picture,
      theme,
      cellWidth: cell,
      cellHeight: cell,
      width: Math.max(120, width),
      height: tallest + labelRoom,
      rows: labelled
        ? { kind: 'tokens', labels: heads.queries.map(axisLabel), room: left }
        : { kind: 'none', room: left },
      columns: { kind: 'tokens', labels: heads.keys.map(axisLabel), room: labelRoom },
      spot: spot ?? {},
      label: strings.headLabel(title, rows, columns),
      describe: ({ row, column }) => describeCell(heads, row, column),
    });
    this.explain(theme, range);
  }

  private draw(key: string, heads: HeadContrast, theme: Theme) {
    const drawnKey = `${key}|${themeKey(theme)}`;
    if (this.drawn?.key !== drawnKey) {
      const { [this.which]: matrix, absent } = heads;
      const marks = absent[this.which];
      const range = symmetricRange(heads.difference.data);
      const pixelOf =
        this.which === 'difference' ? divergingPixel(theme.diverging, range) : weightPixel(theme.sequential);
      const pixels = heatPixels(matrix, pixelOf, marks, theme.maskPixel);
      this.drawn = {
        key: drawnKey,
        range,
        picture: new CellPicture(pixels, matrix.rows, matrix.columns, marks),
      };
    }
    return this.drawn;
  }

  private explain(theme: Theme, range: number): void {
    if (this.which === 'difference') {
      const pixelAt = (share: number) => divergingPixel(theme.diverging, 1)(2 * share - 1);
      const ticks = [
        { at: 0, text: signedWeight(-range) },
        { at: 0.5, text: '0' },
        { at: 1, text: signedWeight(range) },
      ];
      this.legend.update(pixelAt, ticks, strings.differenceLegend);
      return;
    }
    rootLegend(this.legend, theme, strings.weightLegend);
  }
}

/** The legend of the square-root scale from 0 to 1. */
export function rootLegend(legend: Legend, { sequential }: Theme, text: string): void {
  legend.update(
    (share) => sequential.table[Math.round(share * (sequential.table.length - 1))],
    [0, 0.1, 0.5, 1].map((weight) => ({ at: weightStep(weight) / weightStep(1), text: String(weight) })),
    text,
  );
}
