// One target beside the pictures: what every method says about each token, how far they agree, and how complete the integral is.
import { element, setText } from '../../dom';
import { formatNumber } from '../../format';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import { FactList, type Fact } from '../factList';
import { NumberTable } from '../numberTable';
import type { Comparison, Scene } from './attributionScene';
import { gradientIds, isSeen, nameOf, textAt } from './attributionScene';

const plainIds = ['attention', 'rollout', 'leaveOneOut'] as const;

export class TargetInspector {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title tokens' });
  private readonly facts = new FactList('attribution-facts');
  private readonly sources = new NumberTable('attribution-sources', strings.source, [
    ...plainIds.map((id) => strings.columnHeads[id]),
  ]);
  private readonly completenessTitle = element('h3', { class: 'pane-title' }, strings.complete.title);
  private readonly completeness = new FactList('attribution-completeness');
  private readonly meaning = element('p', { class: 'caption' }, strings.complete.meaning);
  private readonly gradientTitle = element('h3', { class: 'pane-title' }, strings.gradients.title);
  private readonly gradients = new NumberTable('attribution-gradients', strings.source, [
    ...gradientIds.map((id) => strings.columnHeads[id]),
  ]);

  constructor() {
    this.element = element(
      'div',
      { class: 'inspector-content', 'data-role': 'attribution-inspector' },
      element(
        'section',
        { class: 'pane' },
        element('div', { class: 'pane-header' }, this.title),
        this.facts.element,
        this.sources.element,
        this.gradientTitle,
        this.gradients.element,
        this.completenessTitle,
        this.completeness.element,
        this.meaning,
      ),
    );
  }

  /** @param column The source that is pointed at. */
  update(scene: Scene, target: number, column: number | undefined, comparisons: readonly Comparison[]): void {
    setText(this.title, nameOf(scene, target));
    this.facts.update(
      comparisons.flatMap(({ name, agreement, withAttention }) => {
        const found = agreement.targets.find((each) => each.target === target);
        const value = found ? formatNumber(found.correlation) : strings.none;
        return withAttention ? [{ name: strings.rho(name), value }] : [];
      }),
    );
    const { attention } = scene.columns;
    const weight = (source: number) => attention?.scores.data[target * scene.sources.length + source] ?? 0;
    const order = scene.sources
      .map((_, source) => source)
      .filter((source) => isSeen(scene, target, source))
      .sort((a, b) => weight(b) - weight(a));
    const rows = <Id extends string>(values: (source: number) => string[], key: (source: number) => Id) =>
      order.map((source) => ({
        name: scene.sources[source].label,
        role: key(source),
        marked: source === column,
        values: values(source),
      }));
    this.sources.update(
      rows(
        (source) => plainIds.map((id) => textAt(scene.columns[id], target, source)),
        (source) => String(source),
      ),
    );
    this.showGradients(
      scene,
      target,
      rows(
        (source) => gradientIds.map((id) => textAt(scene.columns[id], target, source)),
        (source) => String(source),
      ),
    );
    this.showCompleteness(scene, target);
  }

  /** The tokens of the text, then those that were written already. */
  private showGradients(scene: Scene, target: number, rows: Parameters<NumberTable['update']>[0]): void {
    const isThere = gradientIds.some((id) => scene.columns[id]);
    this.gradientTitle.hidden = !isThere;
    this.gradients.element.hidden = !isThere;
    const hasPrefix = gradientIds.some((id) => scene.prefix[id]);
    const written = hasPrefix ? scene.targets.slice(0, target + 1) : [];
    this.gradients.update([
      ...rows,
      ...written.map(({ label }, token) => ({
        name: strings.written(label),
        role: `prefix-${token}`,
        values: gradientIds.map((id) => textAt(scene.prefix[id], target, token)),
      })),
    ]);
  }

  private showCompleteness(scene: Scene, target: number): void {
    const found = scene.integrated.get(target);
    const parts = [this.completenessTitle, this.completeness.element, this.meaning];
    parts.forEach((part) => (part.hidden = !found));
    if (!found) {
      return;
    }
    const { complete } = strings;
    const { value, baselineValue, error, scores, steps } = found;
    const change = value - baselineValue;
    const share = change === 0 ? '' : ` (${((100 * error) / Math.abs(change)).toFixed(1)} %)`;
    const facts: Fact[] = [
      { name: complete.value, value: formatNumber(value) },
      { name: complete.baselineValue, value: formatNumber(baselineValue) },
      { name: complete.sum, value: formatNumber(scores.reduce((sum, each) => sum + each, 0)) },
      { name: complete.error, value: `${formatNumber(error)}${share}` },
      { name: complete.steps, value: String(steps) },
    ];
    this.completeness.update(facts);
  }
}
