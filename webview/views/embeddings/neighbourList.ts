// The tokens whose rows of the embedding lie nearest to one token's, as bars.
import type { NeighbourToken } from '../../../src/shared/insight';
import { element } from '../../dom';
import { formatToken, formatWeight } from '../../format';

export class NeighbourList {
  readonly element = element('div', { role: 'list', class: 'unit-list', 'data-role': 'neighbours' });
  private shown: readonly NeighbourToken[] = [];

  update(neighbours: readonly NeighbourToken[]): void {
    if (neighbours === this.shown) {
      return;
    }
    this.shown = neighbours;
    this.element.replaceChildren(
      ...neighbours.map(({ row, piece, cosine }) => {
        const bar = element('span', { class: 'bar-value' });
        bar.style.width = `${(100 * Math.max(0, cosine)).toFixed(1)}%`;
        const label = formatToken(piece);
        return element(
          'div',
          { class: 'bar-row still', role: 'listitem', title: `${label} (${row})`, 'data-id': row },
          element('span', { class: 'token' }, label),
          element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
          element('span', { class: 'number' }, formatWeight(cosine)),
        );
      }),
    );
  }
}
