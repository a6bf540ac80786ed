// The row that is looked at with the scale of the model and as if there were none, both computed from the captured scores.
import { element, setText } from '../dom';
import { formatNumber, formatWeight } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import type { RowFacts, ScaleEffect } from './insideNumbers';
import type { ScaleWords } from './insideSteps';

const rows = ['variance', 'largest', 'bits', 'slope'] as const;
const format: Readonly<Record<keyof RowFacts, (value: number) => string>> = {
  variance: formatNumber,
  largest: formatWeight,
  bits: formatNumber,
  slope: formatWeight,
};

export class InsideCompared {
  readonly element: HTMLElement;
  private readonly title = element('h3', {});
  private readonly why = element('p', { class: 'caption' });
  private readonly without = element('th', { scope: 'col', class: 'number' });
  private readonly cells;
  private readonly table;

  constructor() {
    this.cells = rows.map((name) => ({
      name,
      with: element('td', { class: 'number' }),
      without: element('td', { class: 'number' }),
    }));
    setText(this.without, strings.withoutScale);
    this.table = element(
      'table',
      { class: 'inside-table', 'aria-label': strings.changesLabel },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('td'),
          element('th', { scope: 'col', class: 'number' }, strings.withScale),
          this.without,
        ),
      ),
      element(
        'tbody',
        {},
        ...this.cells.map((each) =>
          element(
            'tr',
            { 'data-row': each.name },
            element('th', { scope: 'row' }, strings.changeRows[each.name]),
            each.with,
            each.without,
          ),
        ),
      ),
    );
    this.element = element(
      'div',
      { class: 'inside-compared', 'data-role': 'inside-compared' },
      this.title,
      this.table,
      this.why,
    );
  }

  update(token: string, scale: ScaleWords | undefined, effect: ScaleEffect | undefined): void {
    const changes = scale?.changes === true;
    setText(this.title, changes ? strings.changes(scale.title, token) : strings.noScale(token));
    this.table.hidden = !effect;
    setText(this.why, effect ? '' : strings.noChange);
    this.why.hidden = effect !== undefined;
    // Without a scale both would say the same.
    this.without.hidden = !changes;
    for (const each of this.cells) {
      each.without.hidden = !changes;
      setText(each.with, effect ? format[each.name](effect.with[each.name]) : '');
      setText(each.without, effect ? format[each.name](effect.without[each.name]) : '');
    }
  }
}
