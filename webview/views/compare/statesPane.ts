// How far the states of the same tokens are apart in A and B, after every layer: 1 − cosine as a heat map, or as a table.
import type { AlignedItem, StateContrast } from '../../../src/shared/contrast';
import type { CellPosition } from '../../draw/cells';
import { heatPixels, linearPixel } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element, setText, showEither } from '../../dom';
import { formatWeight } from '../../format';
import { panelStrings } from '../../strings';
import { compareStrings as strings } from '../../strings/compareStrings';
import type { Theme } from '../../theme';
import { HeatPane } from '../heatPane';
import { themeKey } from '../headPainter';
import { Legend } from '../legend';
import { PagedTable } from '../pagedTable';
import { axisLabel } from './itemText';

export interface StatesPaneInput {
  readonly key: string;
  readonly contrast: StateContrast;
  readonly items: readonly AlignedItem[];
  readonly theme: Theme;
  readonly width: number;
  readonly table: boolean;
}

const rowRoom = 72;
const columnRoom = 72;
const cellHeight = 18;

export class StatesPane {
  readonly element: HTMLElement;
  private readonly caption = element('span', { class: 'caption' });
  private readonly missing = element('p', { class: 'missing', 'data-role': 'compare-states-missing' });
  private readonly heat: HeatPane;
  private readonly picture: HTMLElement;
  private readonly legend = new Legend('compare-states-legend', 110);
  private readonly reading = element('p', {
    class: 'caption reading',
    'data-role': 'compare-states-reading',
  });
  private readonly table = new PagedTable('compare-states-table');
  private readonly tableHost = element('div', { class: 'table-view', 'data-keys': true }, this.table.element);
  private spot: CellPosition | undefined;
  private input: StatesPaneInput | undefined;
  private drawn: { readonly key: string; readonly most: number; readonly picture: CellPicture } | undefined;

  constructor() {
    this.heat = new HeatPane('compare-states', (cell) => {
      this.spot = cell;
      if (this.input) {
        this.update(this.input);
      }
    });
    this.picture = element('div', { class: 'compare-picture' }, this.heat.element, this.legend.element);
    this.element = element(
      'section',
      { class: 'pane', 'data-role': 'compare-states-pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.states),
        this.caption,
      ),
      this.missing,
      this.picture,
      this.tableHost,
      this.reading,
    );
  }

  update(input: StatesPaneInput): void {
    this.input = input;
    const { key, contrast, items, theme, width, table } = input;
    const { cosines, why, states } = contrast;
    setText(
      this.caption,
      strings.statesCaption(strings.side(panelStrings.sides[contrast.a], panelStrings.sides[contrast.b])),
    );
    this.missing.hidden = why === undefined;
    setText(this.missing, why ?? '');
    const nothing = states.length === 0;
    this.reading.hidden = nothing;
    if (nothing) {
      this.picture.hidden = true;
      this.tableHost.hidden = true;
      return;
    }
    const drawnKey = `${key}|${themeKey(theme)}`;
    if (this.drawn?.key !== drawnKey) {
      const absent = Uint8Array.from(cosines.data, (value) => (Number.isNaN(value) ? 1 : 0));
      const apart = { ...cosines, data: cosines.data.map((value) => 1 - value) };
      // Most states are alike: the scale ends where the most different ones are.
      const most = apart.data.reduce((largest, value) => (value > largest ? value : largest), 0);
      const pixels = heatPixels(apart, linearPixel(theme.sequential, most), absent, theme.maskPixel);
      this.drawn = {
        key: drawnKey,
        most,
        picture: new CellPicture(pixels, cosines.rows, cosines.columns, absent),
      };
    }
    const names = states.map(stateLabel);
    const describe = ({ row, column }: CellPosition) => {
      const cosine = cosines.data[row * cosines.columns + column];
      const token = axisLabel(items[column]);
      return Number.isNaN(cosine)
        ? strings.statesMissing(names[row], token)
        : strings.statesCell(names[row], token, formatWeight(cosine));
    };
    const inside =
      this.spot && this.spot.row < cosines.rows && this.spot.column < cosines.columns ? this.spot : undefined;
    this.heat.update({
      picture: this.drawn.picture,
      theme,
      cellWidth: Math.max(6, Math.min(28, Math.floor((width - rowRoom - 30) / Math.max(1, cosines.columns)))),
      cellHeight,
      width: Math.max(160, width - 20),
      height: columnRoom + cosines.rows * cellHeight + 4,
      rows: { kind: 'tokens', labels: names, room: rowRoom },
      columns: { kind: 'tokens', labels: items.map(axisLabel), room: columnRoom },
      spot: inside ?? {},
      label: strings.statesLabel,
      describe,
    });
    const ticks = [
      { at: 0, text: '0' },
      { at: 1, text: formatWeight(this.drawn.most) },
    ];
    this.legend.update(linearPixel(theme.sequential, 1), ticks, strings.statesLegend);
    setText(this.reading, inside ? describe(inside) : strings.hint);
    if (table) {
      this.table.update({
        key,
        caption: strings.statesCaption(panelStrings.sides[contrast.a]),
        corner: strings.states,
        rows: names,
        columns: items.map(axisLabel),
        cell: (row, column) => {
          const cosine = cosines.data[row * cosines.columns + column];
          return Number.isNaN(cosine) ? strings.absent : formatWeight(cosine);
        },
        isMasked: (row, column) => Number.isNaN(cosines.data[row * cosines.columns + column]),
      });
    }
    showEither(this.picture, this.tableHost, table);
  }
}

/** `emb.`, `layer 2`, or `layers 2, 5` where layers of other numbers are matched. */
function stateLabel({ a, b }: StateContrast['states'][number]): string {
  const layer = (name: string) => Number(/\.layer\.(\d+)$/u.exec(name)?.[1] ?? NaN) + 1;
  return Number.isNaN(layer(a)) ? strings.embedding : strings.layer(layer(a), layer(b));
}
