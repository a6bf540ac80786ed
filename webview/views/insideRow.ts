// A row of scores through the softmax, key by key: a page of keys at a time, the one that is looked at always among them.
import { element, setAttributes, setText } from '../dom';
import { formatNumber, formatWeight } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import { button } from '../toolkit';
import { exact } from './insideFormat';
import type { SoftmaxRow } from './insideNumbers';

/** Keys on one page. */
export const keysPerPage = 24;

export interface InsideRowInput {
  /** Changes with row and run: a page that was turned to holds only for its row. */
  readonly name: string;
  readonly query: string;
  readonly key: number;
  readonly labels: readonly string[];
  readonly row: SoftmaxRow | undefined;
  readonly why: string;
}

interface Line {
  readonly row: HTMLElement;
  readonly pick: HTMLButtonElement;
  readonly scaled: HTMLElement;
  readonly exp: HTMLElement;
  readonly weight: HTMLElement;
  readonly bar: HTMLElement;
  readonly masked: HTMLElement;
  index: number;
}

export class InsideRow {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title tokens' });
  private readonly caption = element('span', { class: 'caption' });
  private readonly lines: readonly Line[];
  private readonly table: HTMLElement;
  private readonly note = element('p', { class: 'caption inside-note' });
  private readonly pages = element('div', { class: 'pager' });
  private readonly shownKeys = element('span', { class: 'caption' });
  private readonly earlier = button(strings.earlierKeys, () => this.turn(-1));
  private readonly later = button(strings.laterKeys, () => this.turn(1));
  private input: InsideRowInput | undefined;
  private turned: { readonly name: string; readonly first: number } | undefined;

  /** `pin` gets the key that is clicked, `point` the one under the pointer. */
  constructor(
    private readonly pin: (key: number) => void,
    private readonly point: (key: number | undefined) => void,
  ) {
    this.lines = Array.from({ length: keysPerPage }, () => this.line());
    const heads = [strings.key, strings.entering, strings.exp, strings.weightColumn];
    this.table = element(
      'table',
      { class: 'inside-table', 'data-role': 'inside-row-table' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...heads.map((text, index) =>
            element('th', { scope: 'col', class: index > 0 ? 'number' : '' }, text),
          ),
          element('th', { 'aria-hidden': 'true' }),
        ),
      ),
      element('tbody', {}, ...this.lines.map(({ row }) => row)),
    );
    this.pages.append(this.earlier, this.later, this.shownKeys);
    this.element = element(
      'section',
      { class: 'pane inside-pane', 'data-role': 'inside-row' },
      element('div', { class: 'pane-header' }, this.title, this.caption),
      this.table,
      this.pages,
      this.note,
    );
  }

  update(input: InsideRowInput): void {
    this.input = input;
    const { query, row, labels, key, why } = input;
    setText(this.title, strings.softmaxRow(query));
    this.table.hidden = !row;
    this.pages.hidden = !row || labels.length <= keysPerPage;
    const total = row?.cells.reduce((sum, { weight }) => sum + weight, 0);
    setText(this.caption, total === undefined ? '' : strings.sumsTo(formatNumber(total)));
    setText(this.note, row ? noteOf(row) : why);
    this.note.hidden = this.note.textContent === '';
    if (!row) {
      return;
    }
    const first = this.first(input);
    const end = Math.min(labels.length, first + keysPerPage);
    setText(this.shownKeys, strings.keysShown(first + 1, end, labels.length));
    this.earlier.disabled = first === 0;
    this.later.disabled = end >= labels.length;
    this.lines.forEach((line, index) => fill(line, first + index, labels, row, key));
  }

  private first({ name, key, labels }: InsideRowInput): number {
    const last = Math.max(0, labels.length - keysPerPage);
    const page = this.turned?.name === name ? this.turned.first : Math.floor(key / keysPerPage) * keysPerPage;
    return Math.max(0, Math.min(last, page));
  }

  private turn(pages: number): void {
    if (this.input) {
      this.turned = { name: this.input.name, first: this.first(this.input) + pages * keysPerPage };
      this.update(this.input);
    }
  }

  private line(): Line {
    const pick = element('button', { class: 'link token' });
    const cells = [0, 1, 2].map(() => element('td', { class: 'number' }));
    const bar = element('span', { class: 'bar-value' });
    const masked = element('span', { class: 'caption' });
    const line: Line = {
      row: element(
        'tr',
        {},
        element('th', { scope: 'row' }, pick),
        ...cells,
        element('td', {}, element('span', { class: 'weight-bar', 'aria-hidden': 'true' }, bar), masked),
      ),
      pick,
      scaled: cells[0],
      exp: cells[1],
      weight: cells[2],
      bar,
      masked,
      index: 0,
    };
    pick.addEventListener('click', () => this.pin(line.index));
    line.row.addEventListener('pointerenter', () => this.point(line.index));
    line.row.addEventListener('pointerleave', () => this.point(undefined));
    return line;
  }
}

/** What the reader must know to follow the numbers. */
function noteOf({ shift, isSoftmax }: SoftmaxRow): string {
  return [
    ...(isSoftmax ? [] : [strings.noSoftmax]),
    ...(shift === 0 ? [] : [strings.shifted(exact(shift))]),
  ].join(' ');
}

function fill(line: Line, index: number, labels: readonly string[], row: SoftmaxRow, key: number): void {
  const cell = row.cells[index];
  line.index = index;
  line.row.hidden = cell === undefined;
  if (!cell) {
    return;
  }
  const label = labels[index] ?? '';
  setText(line.pick, label);
  setAttributes(line.pick, { 'aria-label': strings.pickKey(label), title: label });
  setAttributes(line.row, { 'data-key': index, 'aria-current': index === key ? 'true' : undefined });
  line.row.classList.toggle('marked', index === key);
  line.row.classList.toggle('masked', cell.removed);
  setText(line.scaled, formatNumber(cell.entering));
  setText(line.exp, cell.exp === 0 ? '0' : exact(cell.exp));
  // A masked key has no weight, except in a row whose keys are all masked.
  const weighs = !cell.removed || cell.weight > 0;
  setText(line.weight, weighs ? formatWeight(cell.weight) : '');
  line.bar.style.width = weighs ? `${(100 * cell.weight).toFixed(1)}%` : '0';
  setText(line.masked, cell.removed ? strings.removed : '');
  line.masked.hidden = !cell.removed;
}
