// One method of attribution as a heat map: targets by sources, with its legend.
import type { CellPosition } from '../../draw/cells';
import { divergingPixel, heatPixels, symmetricRange, weightPixel } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element, setText } from '../../dom';
import { formatNumber, formatWeight } from '../../format';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import type { Theme } from '../../theme';
import { themeKey } from '../headPainter';
import { HeatPane, type Spot } from '../heatPane';
import { Legend } from '../legend';
import type { Attribution } from './agreement';

const columnRoom = 76;
/** Labels of rows stay readable however narrow the columns are. */
const lowestRow = 12;

export interface AttributionPaneInput {
  /** Of the numbers: another key draws anew. */
  readonly key: string;
  readonly attribution: Attribution;
  readonly title: string;
  readonly unit: string;
  readonly targets: readonly string[];
  readonly sources: readonly string[];
  readonly spot: Spot;
  readonly theme: Theme;
  readonly cell: number;
  /** Room for the labels of the rows; 0 where another pane has them. */
  readonly labels: number;
  /** Of the cells. */
  readonly width: number;
}

export class AttributionPane {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title' });
  private readonly heat: HeatPane;
  private readonly legend: Legend;
  private drawn: { readonly key: string; readonly picture: CellPicture; readonly range: number } | undefined;

  /** `slot` stands where the picture will be, until there is one. */
  constructor(
    readonly id: string,
    point: (cell: CellPosition | undefined) => void,
    keep: () => void,
    private readonly slot?: HTMLElement,
  ) {
    this.heat = new HeatPane(`attribution-${id}`, point);
    this.heat.element.addEventListener('click', keep);
    this.legend = new Legend(`attribution-${id}-legend`, 110);
    this.element = element(
      'section',
      { class: 'pane attribution-pane', 'data-role': `attribution-pane-${id}` },
      element('div', { class: 'pane-header' }, this.title),
      element('div', { class: 'pane-body' }, ...(slot ? [slot] : []), this.heat.element, this.legend.element),
    );
  }

  /** Without numbers there is a title only, and the slot. */
  update(title: string, input: AttributionPaneInput | undefined): void {
    setText(this.title, title);
    this.title.style.maxWidth = input ? `${Math.max(140, input.labels + input.width)}px` : '';
    this.heat.element.hidden = input === undefined;
    this.legend.element.hidden = input === undefined;
    if (this.slot) {
      this.slot.hidden = input !== undefined;
    }
    if (!input) {
      return;
    }
    const { attribution, theme, cell, labels, width, targets, sources, spot } = input;
    const { scores, signed, open } = attribution;
    const { picture, range } = this.draw(input);
    const top = open ? range : 1;
    const format = signed ? formatNumber : formatWeight;
    this.heat.update({
      picture,
      theme,
      cellWidth: cell,
      cellHeight: Math.max(cell, lowestRow),
      width: labels + width,
      height: 420,
      rows: labels > 0 ? { kind: 'tokens', labels: targets, room: labels } : { kind: 'none', room: 1 },
      columns: { kind: 'tokens', labels: sources, room: columnRoom },
      spot,
      label: strings.heat(title, scores.rows, scores.columns),
      describe: ({ row, column }) => {
        const value = scores.data[row * scores.columns + column];
        return strings.cell(
          targets[row],
          sources[column],
          Number.isFinite(value) ? format(value) : strings.nothing,
        );
      },
    });
    const pixel = signed ? divergingPixel(theme.diverging, 1) : weightPixel(theme.sequential);
    this.legend.update(
      signed ? (share) => pixel(2 * share - 1) : pixel,
      signed
        ? [
            { at: 0, text: formatNumber(-range) },
            { at: 0.5, text: formatNumber(0) },
            { at: 1, text: `+${formatNumber(range)}` },
          ]
        : [0, 0.5, 1].map((at) => ({ at, text: formatNumber(at * top) })),
      input.unit,
    );
  }

  private draw({ key, attribution, theme }: AttributionPaneInput) {
    const drawnKey = `${key}|${themeKey(theme)}`;
    if (this.drawn?.key !== drawnKey) {
      const { scores, signed, open } = attribution;
      const range = symmetricRange(scores.data);
      const weight = weightPixel(theme.sequential);
      const silent = Uint8Array.from(scores.data, (value) => Number(!Number.isFinite(value)));
      const pixel = signed
        ? divergingPixel(theme.diverging, range)
        : (value: number) => weight(open ? value / range : value);
      const pixels = heatPixels(scores, pixel, silent, theme.maskPixel);
      this.drawn = {
        key: drawnKey,
        range,
        picture: new CellPicture(pixels, scores.rows, scores.columns, silent),
      };
    }
    return this.drawn;
  }
}
