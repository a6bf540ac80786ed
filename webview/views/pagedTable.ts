// A matrix as a table with headers, a page of whole rows at a time: for screen readers and for reading exact numbers.
import { element } from '../dom';
import { attentionStrings as strings } from '../strings';
import { button } from '../toolkit';
import { pageOf } from './tablePage';

/** What the table says. */
export interface TableContent {
  /** The table is made anew only when this changes. */
  readonly key: string;
  readonly caption: string;
  readonly corner: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cell: (row: number, column: number) => string;
  /** Marked cells stand back: they hold no number. */
  readonly isMasked?: (row: number, column: number) => boolean;
}

export class PagedTable {
  readonly element: HTMLElement;
  private shown = '';
  private row = 0;

  constructor(role: string) {
    this.element = element('div', { class: 'table-page', 'data-role': role });
  }

  update(content: TableContent): void {
    const all = content.rows.length;
    if (this.row >= all) {
      this.row = 0;
    }
    const { first, end } = pageOf(this.row, all, content.columns.length);
    const key = `${content.key}|${first}`;
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    const paged = end - first < all;
    this.element.replaceChildren(
      ...(paged ? [this.pager(content, first, end)] : []),
      tableOf(content, paged ? strings.tableRows(first + 1, end, all) : '', first, end),
    );
  }

  private pager(content: TableContent, first: number, end: number): HTMLElement {
    const go = (row: number) => () => {
      this.row = row;
      this.update(content);
    };
    const earlier = button(strings.earlierRows, go(first - 1));
    const later = button(strings.laterRows, go(end));
    earlier.disabled = first === 0;
    later.disabled = end >= content.rows.length;
    return element('div', { class: 'pager' }, earlier, later);
  }
}

function tableOf(content: TableContent, note: string, first: number, end: number): HTMLElement {
  const { columns, cell, isMasked } = content;
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, content.corner),
    ...columns.map((label) => element('th', { scope: 'col', class: 'number token' }, label)),
  );
  const rows = content.rows
    .slice(first, end)
    .map((label, offset) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row', class: 'token' }, label),
        ...columns.map((_, column) =>
          element(
            'td',
            { class: isMasked?.(first + offset, column) ? 'number masked' : 'number' },
            cell(first + offset, column),
          ),
        ),
      ),
    );
  return element(
    'table',
    { tabindex: 0 },
    element('caption', {}, content.caption + note),
    element('thead', {}, head),
    element('tbody', {}, ...rows),
  );
}
