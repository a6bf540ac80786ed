// The overview of all heads as a table: for each head the mean over its rows of the largest weight, and a button to go there.
import type { Overview } from '../../src/shared/trace';
import { element } from '../dom';
import { formatWeight } from '../format';
import { attentionStrings as strings } from '../strings';

/** How concentrated a head is: the mean over the rows of its thumbnail of the largest weight that is not masked. */
export function meanOfLargest(overview: Overview, layer: number, head: number): number {
  const { rows, columns, data, masked } = overview;
  const begin = (layer * overview.heads + head) * rows * columns;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let cell = begin + row * columns; cell < begin + (row + 1) * columns; cell++) {
      if (!masked[cell] && data[cell] > largest) {
        largest = data[cell];
      }
    }
    sum += largest;
  }
  return rows > 0 ? sum / rows : 0;
}

/** Fills `host` with the table; does nothing while `key` stays the same. */
export function headsTable(
  host: HTMLElement,
  key: string,
  overview: Overview,
  choose: (layer: number, head: number) => void,
): void {
  if (host.dataset['shown'] === key) {
    return;
  }
  host.dataset['shown'] = key;
  const heads = Array.from({ length: overview.heads }, (_, head) => head);
  const rows = Array.from({ length: overview.layers }, (_, layer) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row', class: 'number' }, String(layer + 1)),
      ...heads.map((head) => {
        const value = formatWeight(meanOfLargest(overview, layer, head));
        const label = strings.everyHeadCell(layer + 1, head + 1, value);
        const go = element('button', { class: 'link number', 'aria-label': label }, value);
        go.addEventListener('click', () => choose(layer, head));
        return element('td', { class: 'number' }, go);
      }),
    ),
  );
  host.replaceChildren(
    element(
      'table',
      {},
      element('caption', {}, strings.largestMean),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, strings.layer),
          ...heads.map((head) => element('th', { scope: 'col', class: 'number' }, String(head + 1))),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
  );
}
