// A small table of named rows with numbers, filled anew when its content changes.
import { element } from '../dom';

export interface NumberRow {
  readonly name: string;
  readonly values: readonly string[];
  readonly marked?: boolean;
  /** For tests and style sheets. */
  readonly role?: string;
}

export class NumberTable {
  readonly element: HTMLElement;
  private readonly table = element('table', {});
  private shown = '';

  constructor(
    role: string,
    private readonly corner: string,
    private readonly columns: readonly string[],
  ) {
    this.table.dataset['role'] = role;
    this.element = element('div', { class: 'number-table' }, this.table);
  }

  update(rows: readonly NumberRow[]): void {
    const key = JSON.stringify(rows);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    const head = [this.corner, ...this.columns].map((name, index) =>
      element('th', { scope: 'col', class: index === 0 ? undefined : 'number' }, name),
    );
    const body = rows.map(({ name, values, marked, role }) =>
      element(
        'tr',
        { class: marked ? 'marked' : undefined, 'data-row': role },
        element('th', { scope: 'row', class: 'token' }, name),
        ...values.map((value) => element('td', { class: 'number' }, value)),
      ),
    );
    this.table.replaceChildren(
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    );
  }
}
