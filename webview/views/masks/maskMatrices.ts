// Padding mask + causal mask = what enters the softmax, as three matrices with one pointer, or as tables.
import type { MaskStage } from '../../../src/shared/trace';
import type { CellPosition } from '../../draw/cells';
import { fitCell } from '../../draw/cells';
import { divergingPixel } from '../../draw/heatPixels';
import { element, setText, showEither } from '../../dom';
import { formatMask } from '../../format';
import { attentionStrings, maskStrings as strings } from '../../strings';
import { maskBenchStrings as bench } from '../../strings/maskBenchStrings';
import type { Theme } from '../../theme';
import { Legend } from '../legend';
import { maskedCells, otherRange } from '../maskCells';
import { maskTitles } from '../maskFacts';
import type { MaskPart, MaskScene } from '../maskPane';
import { columnRoom, describeCell, labelOf, MaskPane, missingWidth } from '../maskPane';
import { MaskSwatch } from '../maskSwatch';
import { PagedTable } from '../pagedTable';
import type { CellEdits } from './cellEditing';
import { editCells } from './cellEditing';
import type { EditedCell } from './maskEdit';

const parts = ['padding', 'causal', 'total'] as const;

const largestCell = 20;
const labelRoom = 76;
const signRoom = 44;
/** Below this width, matrices whose cells would be smaller than 8 px stand on top of each other. */
const narrow = 760;
const smallestInRow = 8;
/** Cells that are clicked have to be larger. */
const smallestEdited = 12;
const largestStacked = 14;
/** What a title with its count needs, and what it needs with a remark. */
const titleRoom = 250;
const remarkRoom = 65;

export interface MatricesInput {
  readonly scene: MaskScene;
  /** Why a part is missing. */
  readonly reasons: Readonly<Record<MaskPart, string>>;
  /** What the bench makes of the model's mask; undefined where nothing can be edited. */
  readonly edited:
    | {
        readonly stage: MaskStage;
        readonly caption: string;
        readonly cells: readonly EditedCell[];
        /** Whether it is another mask than the model's own, so no longer the sum of the parts beside it. */
        readonly isOther: boolean;
      }
    | undefined;
  readonly spot: CellPosition | undefined;
  readonly theme: Theme;
  readonly width: number;
  /** Tables instead of pictures. */
  readonly table: boolean;
}

export class MaskMatrices {
  readonly element: HTMLElement;
  private readonly panes: Readonly<Record<MaskPart, MaskPane>>;
  private readonly row = element('div', { class: 'mask-matrices' });
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
  private readonly editedSwatch = element(
    'div',
    { class: 'swatch' },
    element('span', { class: 'edited-swatch', 'aria-hidden': 'true' }),
    element('span', { class: 'caption' }, bench.edited),
  );
  private readonly keys = element('p', { class: 'caption reading' }, bench.keys);
  private readonly others = new Legend('mask-legend', 110);
  /** How often the edited mask has become another one; tables are made anew then. */
  private version = 0;
  private stage: MaskStage | undefined;

  constructor(point: (cell: CellPosition | undefined) => void, edits: CellEdits | undefined) {
    const pane = (name: MaskPart) => new MaskPane(name, point);
    this.panes = { padding: pane('padding'), causal: pane('causal'), total: pane('total') };
    const sign = (text: string) => element('span', { class: 'sign', 'aria-hidden': 'true' }, text);
    const { padding, causal, total } = this.panes;
    if (edits) {
      editCells(total.pane, edits);
      total.element.classList.add('editable');
    }
    this.row.append(padding.element, sign('+'), causal.element, sign('='), total.element);
    this.element = element(
      'div',
      { class: 'mask-parts', 'data-role': 'mask-parts' },
      this.row,
      this.tables,
      element(
        'div',
        { class: 'mask-legend' },
        this.kept.element,
        this.masked.element,
        this.editedSwatch,
        this.others.element,
        this.reading,
        this.keys,
      ),
    );
  }

  update(input: MatricesInput): void {
    const { scene, theme, edited, spot, table } = input;
    const { masks } = scene;
    const stages = { ...masks, ...(edited && { total: edited.stage }) };
    if (stages.total !== this.stage) {
      this.stage = stages.total;
      this.version++;
    }
    if (table) {
      this.tabulate(input, stages);
    } else {
      this.place(input, stages);
    }
    showEither(this.row, this.tables, table);
    this.kept.update(theme, strings.kept);
    const { maskedValue } = masks;
    this.masked.update(
      theme,
      !maskedValue ? attentionStrings.masked : strings.maskedBy(formatMask(maskedValue)),
    );
    this.editedSwatch.hidden = !edited || edited.cells.length === 0;
    this.keys.hidden = !edited;
    const range = masks.total ? otherRange(masks.total) : 0;
    this.others.element.hidden = range === 0;
    if (range > 0) {
      const pixel = divergingPixel(theme.diverging, 1);
      this.others.update((share) => pixel(2 * share - 1), [], strings.otherValues(formatMask(range)));
    }
    const read = stages.total ?? stages.causal ?? stages.padding;
    // The line under the matrices always has its place, so nothing moves while pointing.
    const hint = edited ? bench.hint : strings.hint;
    setText(this.reading, read && spot ? describeCell(scene, read, spot) : hint);
  }

  private tabulate(
    { scene: { key, queries, keys }, reasons, edited }: MatricesInput,
    stages: Partial<Record<MaskPart, MaskStage | undefined>>,
  ): void {
    for (const name of parts) {
      const matrix = stages[name]?.matrix;
      const masked = matrix && maskedCells(matrix.data);
      const at = (row: number, column: number) => row * (matrix?.columns ?? 0) + column;
      const isMasked = (row: number, column: number) => masked?.[at(row, column)] === 1;
      const remark = name !== 'total' && edited?.isOther ? `, ${bench.asLoaded}` : '';
      this.tableOf[name].update({
        key: `${key}|${reasons[name]}|${remark}|${name === 'total' ? this.version : ''}`,
        caption: matrix ? strings[name] + remark : `${strings[name]}: ${reasons[name]}`,
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
    { scene, theme, reasons, edited, spot, width: whole }: MatricesInput,
    stages: Partial<Record<MaskPart, MaskStage | undefined>>,
  ): void {
    const { queries, keys } = scene;
    const titles = { ...maskTitles(scene.masks), ...(edited && { total: edited.caption }) };
    // The queries are named beside the first matrix that is there, and where a click on a name edits its row.
    const first = parts.findIndex((name) => stages[name]);
    const isLabelled = (index: number) => index === first || (edited !== undefined && index === 2);
    const labelled = parts.filter((_, index) => isLabelled(index)).length;
    const width = whole - 24;
    const missing = parts.filter((name) => !stages[name]).length;
    const taken = Math.max(1, labelled) * labelRoom + 2 * signRoom + missing * (missingWidth + 4);
    const inRow = (width - taken) / Math.max(1, parts.length - missing) - 4;
    const stacked = width < narrow && inRow < keys.length * (edited ? smallestEdited : smallestInRow);
    const room = stacked ? width - labelRoom - 4 : Math.max(60, inRow);
    const height = Math.max(120, window.innerHeight * (edited ? 0.36 : 0.6) - columnRoom - 28);
    const cell = fitCell(
      { rows: queries.length, columns: keys.length, width: room, height },
      stacked ? largestStacked : largestCell,
    );
    this.row.classList.toggle('stacked', stacked);
    this.row.classList.toggle(
      'tight',
      !stacked && keys.length * cell < titleRoom + (edited ? remarkRoom : 0),
    );
    parts.forEach((name, index) => {
      const rowRoom = stacked || isLabelled(index) ? labelRoom : 2;
      this.panes[name].update({
        scene,
        stage: stages[name],
        caption: titles[name],
        remark: edited && name !== 'total' ? { text: bench.asLoaded, holds: edited.isOther } : undefined,
        why: reasons[name],
        theme,
        cell,
        rowRoom,
        stacked,
        width: room + rowRoom,
        height: columnRoom + queries.length * cell + 4,
        spot,
        editing:
          name === 'total' && edited
            ? { label: bench.editableLabel(queries.length, keys.length), cells: edited.cells }
            : undefined,
      });
    });
  }
}
