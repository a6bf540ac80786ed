// One head before and after a change, side by side, with the same colours and the same pointer.
import type { AttentionMatrix } from '../../../src/shared/trace';
import { fitCell } from '../../draw/cells';
import type { CellPosition } from '../../draw/cells';
import { heatPixels, weightPixel } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element, setText } from '../../dom';
import type { AxisItem } from '../../explorer/sequences';
import { formatWeight } from '../../format';
import { experimentsStrings as strings } from '../../strings/experimentsStrings';
import type { Theme } from '../../theme';
import { HeatPane } from '../heatPane';
import { themeKey } from '../headPainter';

/** One side: what is drawn, and the tokens it belongs to. */
export interface ComparedHead {
  readonly key: string;
  readonly matrix: AttentionMatrix;
  readonly queries: readonly AxisItem[];
  readonly keys: readonly AxisItem[];
}

const labelRoom = 66;
const largestCell = 16;
const tallest = 320;

export class ComparedHeads {
  readonly element: HTMLElement;
  private readonly panes: readonly [HeadPane, HeadPane];
  private spot: CellPosition | undefined;

  constructor(private readonly changed: () => void) {
    const point = (cell: CellPosition | undefined) => {
      this.spot = cell;
      this.changed();
    };
    this.panes = [new HeadPane('before', strings.before, point), new HeadPane('after', strings.after, point)];
    this.element = element('div', { class: 'compared' }, ...this.panes.map((pane) => pane.element));
  }

  update(
    heads: readonly [ComparedHead | undefined, ComparedHead | undefined],
    name: string,
    theme: Theme,
    width: number,
  ): void {
    this.panes.forEach((pane, index) => {
      const head = heads[index];
      if (head) {
        pane.update(head, name, theme, (width - 24) / 2, this.spot);
      }
    });
  }
}

class HeadPane {
  readonly element: HTMLElement;
  private readonly caption = element('p', { class: 'caption' });
  private readonly reading = element('p', { class: 'caption reading' });
  private readonly heat: HeatPane;
  private drawn: { readonly key: string; readonly picture: CellPicture } | undefined;

  constructor(
    role: 'before' | 'after',
    private readonly when: string,
    point: (cell: CellPosition | undefined) => void,
  ) {
    this.heat = new HeatPane(`head-${role}`, point);
    this.reading.dataset['role'] = `reading-${role}`;
    this.element = element(
      'section',
      { class: 'compared-head', 'data-role': `head-${role}-pane` },
      element('h3', {}, when),
      this.caption,
      this.heat.element,
      this.reading,
    );
  }

  update(
    { key, matrix, queries, keys }: ComparedHead,
    name: string,
    theme: Theme,
    width: number,
    spot: CellPosition | undefined,
  ): void {
    setText(this.caption, strings.weights(name));
    const drawnKey = `${key}|${themeKey(theme)}`;
    if (this.drawn?.key !== drawnKey) {
      const pixels = heatPixels(matrix, weightPixel(theme.sequential), matrix.masked, theme.maskPixel);
      this.drawn = {
        key: drawnKey,
        picture: new CellPicture(pixels, matrix.rows, matrix.columns, matrix.masked),
      };
    }
    this.element.dataset['largest'] = String(matrix.data.reduce((most, value) => Math.max(most, value), 0));
    const room = Math.max(80, width - labelRoom - 14);
    const cell = fitCell(
      { rows: matrix.rows, columns: matrix.columns, width: room, height: tallest },
      largestCell,
    );
    // The other side may have fewer tokens.
    const inside = spot && spot.row < matrix.rows && spot.column < matrix.columns ? spot : undefined;
    const describe = ({ row, column }: CellPosition) =>
      strings.cell(
        queries[row]?.label ?? '',
        keys[column]?.label ?? '',
        formatWeight(matrix.data[row * matrix.columns + column]),
      );
    this.heat.update({
      picture: this.drawn.picture,
      theme,
      cellWidth: cell,
      cellHeight: cell,
      width: Math.max(120, width),
      height: tallest + labelRoom,
      rows: { kind: 'tokens', labels: queries.map(({ label }) => label), room: labelRoom },
      columns: { kind: 'tokens', labels: keys.map(({ label }) => label), room: labelRoom },
      spot: inside ?? {},
      label: strings.weightsLabel(this.when, name),
      describe,
    });
    setText(this.reading, inside ? describe(inside) : '');
  }
}
