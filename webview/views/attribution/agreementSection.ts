// How far the methods rank the tokens alike: sentences, the pairs that matter target by target, and all pairs in one matrix.
import { element, setText } from '../../dom';
import { formatNumber } from '../../format';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import { NumberTable } from '../numberTable';
import { verdictOf, type Agreement } from './agreement';
import type { Comparison, Scene } from './attributionScene';
import { comparisons, correlations, methodIds } from './attributionScene';

export class AgreementSection {
  readonly element: HTMLElement;
  comparisons: readonly Comparison[] = [];
  private readonly finding = element('p', { class: 'finding', 'data-role': 'attribution-finding' });
  private readonly pairs = new NumberTable('attribution-agreement', strings.corner, strings.columns);
  private readonly matrixTitle = element('h3', { class: 'pane-title' }, strings.correlations);
  private readonly matrix = new NumberTable(
    'attribution-correlations',
    strings.meanRho,
    methodIds.map((id) => strings.columnHeads[id]),
  );
  private compared: Scene | undefined;

  constructor() {
    this.element = element(
      'section',
      { class: 'pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.compare),
        element('span', { class: 'caption' }, strings.compareCaption),
      ),
      this.finding,
      this.pairs.element,
      this.matrixTitle,
      this.matrix.element,
    );
  }

  update(scene: Scene): void {
    if (this.compared === scene) {
      return;
    }
    this.compared = scene;
    this.comparisons = comparisons(scene);
    const at = (found: Agreement['lowest']) =>
      found ? strings.at(formatNumber(found.correlation), scene.targets[found.target].label) : strings.none;
    this.pairs.update(
      this.comparisons.map(({ name, agreement, withAttention }) => ({
        name: withAttention ? strings.withAttention(name) : name,
        role: name,
        values: [
          agreement.mean === undefined ? strings.none : formatNumber(agreement.mean),
          at(agreement.lowest),
          at(agreement.highest),
          strings.of(agreement.sameStrongest, agreement.targets.length),
        ],
      })),
    );
    const sentences = this.comparisons.flatMap(({ name, agreement, withAttention }) =>
      withAttention && agreement.mean !== undefined
        ? [
            strings.finding(
              name,
              verdictOf(agreement.mean),
              formatNumber(agreement.mean),
              agreement.targets.length,
              agreement.sameStrongest,
            ),
          ]
        : [],
    );
    setText(this.finding, sentences.length > 0 ? sentences.join(' ') : strings.tooFew);
    this.showMatrix(scene);
  }

  /** All pairs, once there are more of them than the table above has rows. */
  private showMatrix(scene: Scene): void {
    const hasMore = this.comparisons.length > methodIds.length / 2;
    this.matrixTitle.hidden = !hasMore;
    this.matrix.element.hidden = !hasMore;
    const all = correlations(scene);
    this.matrix.update(
      methodIds.map((id, row) => ({
        name: strings.short[id],
        role: id,
        values: all[row].map((mean) => (mean === undefined ? strings.none : formatNumber(mean))),
      })),
    );
  }
}
