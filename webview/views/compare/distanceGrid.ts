// How much each head of the shown run differs from its counterpart: a grid of layers by heads, and the most different ones as a list.
import type { HeadDistance } from '../../../src/shared/contrast';
import type { CellPosition } from '../../draw/cells';
import { cornerOf } from '../../draw/cells';
import { heatPixels, linearPixel } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element, setText } from '../../dom';
import { formatWeight } from '../../format';
import { attentionStrings } from '../../strings';
import { compareStrings as strings } from '../../strings/compareStrings';
import type { Theme } from '../../theme';
import { HeatPane } from '../heatPane';
import { themeKey } from '../headPainter';
import { PagedTable } from '../pagedTable';

export interface DistanceGridInput {
  readonly key: string;
  /** Of one kind, layer by layer. */
  readonly heads: readonly HeadDistance[];
  readonly theme: Theme;
  readonly width: number;
  readonly chosen: { readonly attention: string; readonly head: number | 'mean' };
  readonly table: boolean;
}

const rowRoom = 26;
const columnRoom = 18;
const listed = 6;

export class DistanceGrid {
  readonly element: HTMLElement;
  private readonly heat: HeatPane;
  private readonly caption = element('span', { class: 'caption' });
  private readonly reading = element('p', {
    class: 'caption pane-text',
    'data-role': 'compare-grid-reading',
  });
  private readonly table = new PagedTable('compare-grid-table');
  private readonly tableHost = element('div', { class: 'table-view', 'data-keys': true }, this.table.element);
  private readonly list = element('div', { role: 'list', 'data-role': 'most-different' });
  private pointed: CellPosition | undefined;
  private input: DistanceGridInput | undefined;
  private drawn: { readonly key: string; readonly picture: CellPicture } | undefined;
  private shownList = '';

  constructor(private readonly go: (attention: string, head: number) => void) {
    this.heat = new HeatPane('compare-grid', (cell) => {
      this.pointed = cell;
      if (this.input) {
        this.update(this.input);
      }
    });
    this.heat.element.addEventListener('click', () => this.take());
    this.heat.element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') {
        this.take();
        event.preventDefault();
      }
    });
    this.element = element(
      'section',
      { class: 'pane', 'data-role': 'compare-grid-pane' },
      element('div', { class: 'pane-header' }, element('h3', { class: 'pane-title' }, strings.grid)),
      element('p', { class: 'pane-text' }, this.caption),
      element('div', { class: 'pane-text' }, this.heat.element),
      this.tableHost,
      this.reading,
      element(
        'div',
        { class: 'pane-header' },
        element('h3', { class: 'pane-title' }, strings.most),
        element('span', { class: 'caption' }, strings.mostCaption),
      ),
      this.list,
    );
  }

  update(input: DistanceGridInput): void {
    this.input = input;
    const { key, heads, theme, width, chosen, table } = input;
    const rows = new Set(heads.map(({ attention }) => attention)).size;
    const columns = heads.length / Math.max(1, rows);
    const most = heads.reduce((largest, { mean }) => Math.max(largest, mean), 0);
    setText(this.caption, strings.gridCaption(formatWeight(most)));
    const drawnKey = `${key}|${themeKey(theme)}`;
    if (this.drawn?.key !== drawnKey) {
      const data = Float32Array.from(heads, ({ mean }) => mean);
      const pixels = heatPixels({ rows, columns, data }, linearPixel(theme.sequential, most));
      this.drawn = { key: drawnKey, picture: new CellPicture(pixels, rows, columns) };
    }
    const cell = Math.max(10, Math.min(24, Math.floor((width - rowRoom - 30) / Math.max(1, columns))));
    const selected = heads.findIndex(
      ({ attention, head }) => attention === chosen.attention && head === chosen.head,
    );
    const at = (index: number): CellPosition => ({
      row: Math.floor(index / columns),
      column: index % columns,
    });
    const spot = this.pointed ?? (selected >= 0 ? at(selected) : undefined);
    const inside = spot && spot.row < rows && spot.column < columns ? spot : undefined;
    const layers = Array.from({ length: rows }, (_, row) => heads[row * columns].layer + 1);
    const describe = (where: CellPosition) => this.describe(heads, columns, where);
    this.heat.update({
      picture: this.drawn.picture,
      theme,
      cellWidth: cell,
      cellHeight: cell,
      width: Math.max(120, width - 20),
      height: 420,
      rows: { kind: 'tokens', labels: layers.map(String), room: rowRoom },
      columns: {
        kind: 'tokens',
        labels: Array.from({ length: columns }, (_, head) => String(head + 1)),
        room: columnRoom,
      },
      spot: inside ?? {},
      label: strings.gridLabel,
      describe,
      marks: (context, grid) => {
        if (selected >= 0) {
          const { x, y } = cornerOf(grid, at(selected).row, at(selected).column);
          context.strokeStyle = theme.focus;
          context.lineWidth = 2;
          context.strokeRect(x, y, grid.cellWidth - 1, grid.cellHeight - 1);
        }
      },
    });
    setText(this.reading, inside ? describe(inside) : '');
    this.heat.element.hidden = table;
    this.tableHost.hidden = !table;
    if (table) {
      this.tabulate(key, heads, columns, layers);
    }
    this.fillList(key, heads);
  }

  private describe(heads: readonly HeadDistance[], columns: number, { row, column }: CellPosition): string {
    const { layer, head, mean, largest } = heads[row * columns + column];
    return strings.gridCell(layer + 1, head + 1, formatWeight(mean), formatWeight(largest));
  }

  private tabulate(
    key: string,
    heads: readonly HeadDistance[],
    columns: number,
    layers: readonly number[],
  ): void {
    this.table.update({
      key,
      caption: strings.grid,
      corner: attentionStrings.layer,
      rows: layers.map(strings.gridRow),
      columns: Array.from({ length: columns }, (_, head) => String(head + 1)),
      cell: (row, column) => formatWeight(heads[row * columns + column].mean),
    });
  }

  private fillList(key: string, heads: readonly HeadDistance[]): void {
    if (key === this.shownList) {
      return;
    }
    this.shownList = key;
    const ranked = [...heads].sort((a, b) => b.mean - a.mean).slice(0, listed);
    const most = ranked.at(0)?.mean ?? 0;
    this.list.replaceChildren(
      ...ranked.map(({ attention, head, layer, mean }) => {
        const bar = element('span', { class: 'bar-value' });
        bar.style.width = `${most > 0 ? ((100 * mean) / most).toFixed(1) : 0}%`;
        const row = element(
          'button',
          { class: 'bar-row series-row', 'data-attention': attention, 'data-head': head, 'data-mean': mean },
          element('span', { class: 'token' }, attentionStrings.headName(layer + 1, head + 1)),
          element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
          element('span', { class: 'number' }, formatWeight(mean)),
        );
        row.addEventListener('click', () => this.go(attention, head));
        return element('div', { role: 'listitem' }, row);
      }),
    );
  }

  private take(): void {
    const { pointed, input } = this;
    const columns = input && this.drawn?.picture.columns;
    const head = pointed && columns ? input.heads.at(pointed.row * columns + pointed.column) : undefined;
    if (head) {
      this.go(head.attention, head.head);
    }
  }
}
