// A small table of numbers before and after with a bar for each change, filled anew when its content changes.
import { element } from '../../dom';
import { effectStrings as strings } from '../../strings/effectStrings';
import { signedWeight } from './effectPanes';

export interface ChangeRow {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Undefined where one of the two is not known. */
  readonly change: number | undefined;
  /** For tests. */
  readonly role?: string | number;
}

export class ChangeTable {
  readonly element: HTMLElement;
  private readonly table = element('table', {});
  private shown = '';

  constructor(
    role: string,
    private readonly corner: string,
  ) {
    this.table.dataset['role'] = role;
    this.element = element('div', { class: 'number-table change-table' }, this.table);
  }

  update(rows: readonly ChangeRow[]): void {
    const key = JSON.stringify(rows);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    const most = Math.max(...rows.map(({ change }) => Math.abs(change ?? 0)), 1e-9);
    const head = [this.corner, ...strings.columns, ''].map((name, index) =>
      index === 4
        ? element('td', {})
        : element('th', { scope: 'col', class: index === 0 ? undefined : 'number' }, name),
    );
    this.table.replaceChildren(
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows.map((row) => rowOf(row, most))),
    );
  }
}

function rowOf({ name, before, after, change, role }: ChangeRow, most: number): HTMLElement {
  const bar = element('span', { class: (change ?? 0) < 0 ? 'change-bar lower' : 'change-bar' });
  bar.style.width = `${((50 * Math.abs(change ?? 0)) / most).toFixed(1)}%`;
  return element(
    'tr',
    { 'data-row': role },
    element('th', { scope: 'row', class: 'token' }, name),
    element('td', { class: 'number' }, before),
    element('td', { class: 'number' }, after),
    element('td', { class: 'number' }, change === undefined ? strings.unknown : signedWeight(change)),
    element('td', { class: 'change', 'aria-hidden': 'true' }, bar),
  );
}
