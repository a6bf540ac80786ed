// The Masks view: padding mask + causal mask = what enters the softmax, with the facts about where it comes from.
import type { TokenRef } from '../../src/shared/protocol';
import type { CellPosition } from '../draw/cells';
import { fitCell } from '../draw/cells';
import { divergingPixel } from '../draw/heatPixels';
import { element, setText, showEither } from '../dom';
import type { EditorHighlight } from '../explorer/editorHighlight';
import { axisOf, batchSize, sequencesOf, sidesOf, tokenRef } from '../explorer/sequences';
import type { Slices } from '../explorer/slices';
import type { ExplorerStore } from '../explorer/store';
import { formatMask } from '../format';
import { attentionStrings, maskStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { FactList } from './factList';
import { Legend } from './legend';
import { maskedCells, otherRange } from './maskCells';
import type { MaskPart, MaskScene } from './maskPane';
import { columnRoom, describeCell, labelOf, MaskPane } from './maskPane';
import { maskFacts, maskReasons, maskTitles } from './maskFacts';
import { MaskSwatch } from './maskSwatch';
import { PagedTable } from './pagedTable';
import type { ExplorerViewPart, ViewInput, ViewStatus } from './view';

const parts = ['padding', 'causal', 'total'] as const;

const largestCell = 20;
const labelRoom = 76;
const signRoom = 44;
/** Below this width, matrices whose cells would be smaller than 8 px stand on top of each other. */
const narrow = 760;
const smallestInRow = 8;
const largestStacked = 14;
/** What a title with its count needs. */
const titleRoom = 250;

export class MasksView implements ExplorerViewPart {
  readonly inspector = undefined;
  readonly centre: HTMLElement;
  private readonly panes: Readonly<Record<MaskPart, MaskPane>>;
  private readonly matrices = element('div', { class: 'mask-matrices' });
  private readonly tableOf: Readonly<Record<MaskPart, PagedTable>> = {
    padding: new PagedTable('padding-table'),
    causal: new PagedTable('causal-table'),
    total: new PagedTable('total-table'),
  };
  private readonly tables = element(
    'div',
    { class: 'table-view', 'data-role': 'mask-tables', 'data-keys': true },
    ...parts.map((name) => this.tableOf[name].element),
  );
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'mask-reading' });
  private readonly kept = new MaskSwatch(false, 'kept-swatch');
  private readonly masked = new MaskSwatch(true, 'masked-swatch');
  private readonly others = new Legend('mask-legend', 110);
  private readonly facts = new FactList('mask-facts');
  private scene: MaskScene | undefined;
  private spot: CellPosition | undefined;

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
  ) {
    const pane = (name: MaskPart) => new MaskPane(name, (cell) => this.point(cell));
    this.panes = { padding: pane('padding'), causal: pane('causal'), total: pane('total') };
    const sign = (text: string) => element('span', { class: 'sign', 'aria-hidden': 'true' }, text);
    const { padding, causal, total } = this.panes;
    this.matrices.append(padding.element, sign('+'), causal.element, sign('='), total.element);
    this.centre = element(
      'div',
      { class: 'view masks-view' },
      this.matrices,
      this.tables,
      element(
        'div',
        { class: 'mask-legend' },
        this.kept.element,
        this.masked.element,
        this.others.element,
        this.reading,
      ),
      element(
        'section',
        { class: 'pane mask-facts' },
        element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, strings.facts)),
        this.facts.element,
      ),
    );
  }

  update(input: ViewInput): ViewStatus {
    const { attention, trace, view } = input;
    const wanted = this.slices.masks.want({ trace: trace.id, attention: attention.name, batch: view.batch });
    if (wanted.status === 'ready') {
      const key = [trace.id, attention.name, view.batch].join('/');
      if (this.scene?.key !== key || this.scene.masks !== wanted.value) {
        const sides = sidesOf(attention.kind);
        this.spot = undefined;
        this.scene = {
          key,
          masks: wanted.value,
          queries: axisOf(sequencesOf(trace, sides.query)[view.batch], 'pieces'),
          keys: axisOf(sequencesOf(trace, sides.key)[view.batch], 'pieces'),
        };
      }
      this.show(this.scene, input);
    }
    return {
      loading: wanted.status === 'loading',
      failed: wanted.status === 'failed' ? wanted.message : undefined,
    };
  }

  private show(scene: MaskScene, input: ViewInput): void {
    const { masks, keys } = scene;
    const { theme, trace, view, attention, summary } = input;
    const titles = maskTitles(masks);
    const padded = keys.some(({ padding }) => padding);
    const reasons = maskReasons(masks, batchSize(trace), padded);
    if (view.table) {
      this.tabulate(scene, reasons);
    } else {
      this.place(scene, theme, titles, reasons);
    }
    showEither(this.matrices, this.tables, view.table);
    this.kept.update(theme, strings.kept);
    const { maskedValue } = masks;
    this.masked.update(
      theme,
      !maskedValue ? attentionStrings.masked : strings.maskedBy(formatMask(maskedValue)),
    );
    const range = masks.total ? otherRange(masks.total) : 0;
    this.others.element.hidden = range === 0;
    if (range > 0) {
      const pixel = divergingPixel(theme.diverging, 1);
      this.others.update((share) => pixel(2 * share - 1), [], strings.otherValues(formatMask(range)));
    }
    this.read();
    this.highlight.show(this.pointedAt(scene, input));
    this.facts.update(maskFacts(masks, attention, summary, trace, keys.length));
  }

  private tabulate(
    { key, masks, queries, keys }: MaskScene,
    reasons: Readonly<Record<MaskPart, string>>,
  ): void {
    for (const name of parts) {
      const matrix = masks[name]?.matrix;
      const masked = matrix && maskedCells(matrix.data);
      const at = (row: number, column: number) => row * (matrix?.columns ?? 0) + column;
      const isMasked = (row: number, column: number) => masked?.[at(row, column)] === 1;
      this.tableOf[name].update({
        key: `${key}|${reasons[name]}`,
        caption: matrix ? strings[name] : `${strings[name]}: ${reasons[name]}`,
        corner: attentionStrings.query,
        rows: matrix ? queries.map(labelOf) : [],
        columns: matrix ? keys.map(labelOf) : [],
        isMasked,
        cell: (row, column) =>
          isMasked(row, column) ? attentionStrings.masked : formatMask(matrix?.data[at(row, column)] ?? 0),
      });
    }
  }

  private place(
    scene: MaskScene,
    theme: Theme,
    titles: Readonly<Record<MaskPart, string>>,
    reasons: Readonly<Record<MaskPart, string>>,
  ): void {
    const { queries, keys } = scene;
    const width = this.centre.clientWidth - 24;
    const inRow = (width - labelRoom - 2 * signRoom) / 3 - 4;
    const stacked = width < narrow && inRow < keys.length * smallestInRow;
    const room = stacked ? width - labelRoom - 4 : Math.max(60, inRow);
    const height = Math.max(120, window.innerHeight * 0.6 - columnRoom - 28);
    const cell = fitCell(
      { rows: queries.length, columns: keys.length, width: room, height },
      stacked ? largestStacked : largestCell,
    );
    this.matrices.classList.toggle('stacked', stacked);
    this.matrices.classList.toggle('tight', !stacked && keys.length * cell < titleRoom);
    // The queries are named beside the first matrix that is there.
    const first = parts.findIndex((name) => scene.masks[name]);
    parts.forEach((name, index) => {
      const rowRoom = stacked || index === first ? labelRoom : 2;
      this.panes[name].update({
        scene,
        stage: scene.masks[name],
        caption: titles[name],
        why: reasons[name],
        theme,
        cell,
        rowRoom,
        stacked,
        width: room + rowRoom,
        height: columnRoom + queries.length * cell + 4,
        spot: this.spot,
      });
    });
  }

  /** The words of the cell under the pointer. */
  private pointedAt({ queries, keys }: MaskScene, { attention, view }: ViewInput): TokenRef[] {
    const { spot } = this;
    const sides = sidesOf(attention.kind);
    const query = spot && queries[spot.row];
    const key = spot && keys[spot.column];
    return [
      ...(query?.hasText ? [tokenRef(sides.query, view.batch, query)] : []),
      ...(key?.hasText ? [tokenRef(sides.key, view.batch, key)] : []),
    ];
  }

  private point(cell: CellPosition | undefined): void {
    if (cell?.row !== this.spot?.row || cell?.column !== this.spot?.column) {
      this.spot = cell;
      // The picture follows the pointer by the same way as every other change.
      this.store.set({});
    }
  }

  /** The line under the matrices always has its place, so nothing moves while pointing. */
  private read(): void {
    const { scene, spot } = this;
    const stage = scene?.masks.total ?? scene?.masks.causal ?? scene?.masks.padding;
    setText(this.reading, scene && stage && spot ? describeCell(scene, stage, spot) : strings.hint);
  }
}
