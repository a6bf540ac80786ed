// The tokens of A above those of B, aligned in columns that wrap like text; what only one of them has is marked.
import type { AlignedItem } from '../../../src/shared/contrast';
import { element } from '../../dom';
import { formatToken } from '../../format';
import { compareStrings as strings } from '../../strings/compareStrings';
import { spokenItem } from './itemText';

/** One pair of rows; `title` names the side of the models. */
export function tokenRows(title: string, items: readonly AlignedItem[]): HTMLElement {
  const cell = (part: AlignedItem['a'], side: 'a' | 'b', same: boolean) =>
    element(
      'span',
      { class: 'aligned-token', 'data-side': side, 'data-apart': !same && part !== undefined },
      part ? formatToken(part.label).trim() : '\u00a0',
    );
  const columns = items.map((item) =>
    element(
      'div',
      { class: 'aligned-item', role: 'listitem', 'aria-label': spokenItem(item), 'data-same': item.same },
      cell(item.a, 'a', item.same),
      cell(item.b, 'b', item.same),
    ),
  );
  return element(
    'div',
    { class: 'aligned-rows' },
    element(
      'div',
      { class: 'aligned-names', 'aria-hidden': 'true' },
      element('span', {}, strings.a),
      element('span', {}, strings.b),
    ),
    element('div', { class: 'aligned-items', role: 'list', 'aria-label': title }, ...columns),
  );
}

/** How many stand in both, only in A, and only in B; words in each other's place count for both. */
export function countItems(items: readonly AlignedItem[]): readonly [same: number, a: number, b: number] {
  const apart = items.filter(({ same }) => !same);
  return [
    items.length - apart.length,
    apart.filter(({ a }) => a !== undefined).length,
    apart.filter(({ b }) => b !== undefined).length,
  ];
}
