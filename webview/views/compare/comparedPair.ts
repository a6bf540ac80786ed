// Two heads beside one another: A, B and A − B with one pointer, as pictures or as a table, and the controls that choose B's head.
import type { HeadContrast, TwoRuns } from '../../../src/shared/contrast';
import type { AttentionSummary } from '../../../src/shared/modelSummary';
import type { CellPosition } from '../../draw/cells';
import { element, setText, showEither } from '../../dom';
import { formatWeight } from '../../format';
import { compareStrings as strings } from '../../strings/compareStrings';
import type { Theme } from '../../theme';
import { dropdown } from '../../toolkit';
import { PagedTable } from '../pagedTable';
import { ContrastPane, labelRoom, type Which } from './contrastPane';
import { axisLabel, describeCell, signedWeight, summaryOf } from './itemText';
import type { HeadChoice } from './linkedHead';

export interface ComparedPairInput {
  readonly key: string;
  readonly heads: HeadContrast | undefined;
  /** Whether they are on their way; what was drawn before stays until then. */
  readonly loading: boolean;
  readonly names: { readonly a: string; readonly b: string };
  readonly theme: Theme;
  readonly width: number;
  readonly table: boolean;
  /** Why there is no picture, or something to know about it. */
  readonly note: string | undefined;
  readonly linked: boolean;
  /** Of the other run. */
  readonly choices: readonly AttentionSummary[];
  readonly choice: HeadChoice | undefined;
  /** Undefined where both have as many layers. */
  readonly layersFrom: TwoRuns['layersFrom'] | undefined;
}

export interface PairActions {
  readonly link: (on: boolean) => void;
  readonly choose: (choice: HeadChoice) => void;
  readonly countLayers: (from: TwoRuns['layersFrom']) => void;
  readonly point: (cell: CellPosition | undefined) => void;
}

/** Below this, the three pictures stand under one another. */
const narrow = 560;

export class ComparedPair {
  readonly element: HTMLElement;
  private readonly panes: Readonly<Record<Which, ContrastPane>>;
  private readonly pictures: HTMLElement;
  private readonly table = new PagedTable('compare-table');
  private readonly tableHost = element('div', { class: 'table-view', 'data-keys': true }, this.table.element);
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'compare-reading' });
  private readonly summary = element('p', { class: 'pane-text', 'data-role': 'compare-summary' });
  private readonly note = element('p', { class: 'missing', 'data-role': 'compare-head-note' });
  private readonly link = element('input', { type: 'checkbox', 'data-control': 'linked' });
  private readonly attention;
  private readonly head;
  private readonly layers;
  private choice: HeadChoice | undefined;
  private spot: CellPosition | undefined;
  private input: ComparedPairInput | undefined;

  constructor(private readonly actions: PairActions) {
    const point = (cell: CellPosition | undefined) => {
      this.spot = cell;
      this.actions.point(cell);
      if (this.input) {
        this.update(this.input);
      }
    };
    this.panes = {
      a: new ContrastPane('a', point),
      b: new ContrastPane('b', point),
      difference: new ContrastPane('difference', point),
    };
    this.pictures = element(
      'div',
      { class: 'compared' },
      ...Object.values(this.panes).map((pane) => pane.element),
    );
    this.link.addEventListener('change', () => this.actions.link(this.link.checked));
    this.attention = dropdown(
      'other-attention',
      strings.otherAttention,
      (attention) => this.actions.choose({ attention, head: this.choice?.head ?? 'mean' }),
      true,
    );
    this.head = dropdown(
      'other-head',
      strings.otherHead,
      (head) =>
        this.choice && this.actions.choose({ ...this.choice, head: head === 'mean' ? 'mean' : Number(head) }),
      true,
    );
    this.layers = dropdown(
      'layers-from',
      strings.layersFrom,
      (from) => this.actions.countLayers(from === 'top' ? 'top' : 'bottom'),
      true,
    );
    this.element = element(
      'section',
      { class: 'pane', 'data-role': 'compare-heads' },
      element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, strings.heads)),
      element(
        'div',
        { class: 'compare-controls', 'data-keys': 'off' },
        element('label', { class: 'checkbox', title: strings.linkedHint }, this.link, strings.linked),
        this.attention.element,
        this.head.element,
        this.layers.element,
      ),
      this.note,
      this.summary,
      this.pictures,
      this.tableHost,
      this.reading,
    );
    this.hide();
  }

  update(input: ComparedPairInput): void {
    this.input = input;
    const { heads, loading, note, choice, choices, linked, layersFrom } = input;
    this.choice = choice;
    this.link.checked = linked;
    this.attention.element.hidden = linked;
    this.head.element.hidden = linked;
    const attention = choices.find(({ name }) => name === choice?.attention);
    if (!linked) {
      this.attention.update(
        choices.map(({ name }) => ({ value: name, label: name })),
        choice?.attention ?? '',
      );
      this.head.update(
        [
          ...Array.from({ length: attention?.heads ?? 0 }, (_, head) => ({
            value: String(head),
            label: strings.headNumber(head),
          })),
          { value: 'mean', label: strings.mean },
        ],
        String(choice?.head ?? 'mean'),
      );
    }
    this.layers.element.hidden = layersFrom === undefined;
    this.layers.update(
      (['bottom', 'top'] as const).map((value) => ({ value, label: strings.layers[value] })),
      layersFrom ?? 'bottom',
    );
    this.note.hidden = note === undefined;
    setText(this.note, note ?? '');
    if (heads) {
      this.summary.hidden = false;
      this.reading.hidden = false;
      this.show(input, heads);
    } else if (!loading) {
      this.hide();
    }
  }

  /** Nothing of what was drawn is to be seen any more: it belongs to other runs. */
  clear(): void {
    this.input = undefined;
    this.hide();
  }

  private hide(): void {
    for (const part of [this.pictures, this.tableHost, this.summary, this.reading]) {
      part.hidden = true;
    }
  }

  private show({ key, names, theme, width, table }: ComparedPairInput, heads: HeadContrast): void {
    const { rows, columns } = heads.difference;
    const { spot } = this;
    const inside = spot && spot.row < rows && spot.column < columns ? spot : undefined;
    const stacked = width < narrow;
    // In a row, the first picture has the labels of all.
    const room = stacked ? width - 24 : (width - labelRoom - 48) / 3;
    this.pictures.classList.toggle('stacked', stacked);
    const titles: Readonly<Record<Which, string>> = {
      a: strings.weightsOf(strings.a, names.a),
      b: strings.weightsOf(strings.b, names.b),
      difference: strings.differenceOf,
    };
    for (const which of ['a', 'b', 'difference'] as const) {
      const labelled = stacked || which === 'a';
      const own = labelled && !stacked ? room + labelRoom : room;
      this.panes[which].update({
        key,
        heads,
        title: titles[which],
        theme,
        width: own,
        labelled,
        spot: inside,
      });
    }
    setText(this.summary, summaryOf(heads));
    this.summary.dataset['mean'] = String(heads.mean);
    setText(this.reading, inside ? describeCell(heads, inside.row, inside.column) : strings.hint);
    if (table) {
      this.tabulate(key, names, heads);
    }
    showEither(this.pictures, this.tableHost, table);
  }

  private tabulate(key: string, names: ComparedPairInput['names'], heads: HeadContrast): void {
    const { queries, keys, a, b, difference, absent } = heads;
    const weight = (matrix: Float32Array, marks: Uint8Array, index: number) =>
      marks[index] === 1 ? strings.absent : formatWeight(matrix[index]);
    this.table.update({
      key,
      caption: strings.tableCaption(names.a, names.b),
      corner: strings.query,
      rows: queries.map(axisLabel),
      columns: keys.map(axisLabel),
      cell: (row, column) => {
        const index = row * keys.length + column;
        return strings.tableCell(
          weight(a.data, absent.a, index),
          weight(b.data, absent.b, index),
          absent.difference[index] === 1 ? strings.absent : signedWeight(difference.data[index]),
        );
      },
      isMasked: (row, column) => absent.difference[row * keys.length + column] === 1,
    });
  }
}
