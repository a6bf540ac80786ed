// What became of a text classifier's labels: each probability before and after.
import type { LabelChange } from '../../../src/shared/labels';
import { element, setText } from '../../dom';
import { formatToken, formatWeight } from '../../format';
import { labelStrings as strings } from '../../strings/labelStrings';
import { ChangeTable } from './changeTable';

/** Labels that get a row: those that were likeliest before. */
const MOST = 8;

export class LabelEffect {
  readonly element: HTMLElement;
  private readonly table = new ChangeTable('effect-labels', strings.label);
  private readonly finding = element('p', { class: 'pane-text', 'data-role': 'effect-label' });

  constructor() {
    this.element = element(
      'section',
      { class: 'pane' },
      element('div', { class: 'pane-header' }, element('h3', { class: 'pane-title' }, strings.change)),
      this.table.element,
      this.finding,
    );
  }

  /** Undefined hides it: the model is no classifier. */
  update(labels: LabelChange | undefined): void {
    this.element.hidden = !labels;
    if (!labels) {
      return;
    }
    const now = new Map(labels.after.scores.map(({ label, probability }) => [label, probability]));
    this.table.update(
      labels.before.scores.slice(0, MOST).map(({ label, probability: before }) => {
        const after = now.get(label) ?? 0;
        return {
          name: formatToken(label),
          before: formatWeight(before),
          after: formatWeight(after),
          change: after - before,
          role: label,
        };
      }),
    );
    const [first, last] = [labels.before, labels.after].map(({ scores }) => scores.at(0)?.label ?? '');
    setText(this.finding, first === last ? strings.same(first) : strings.other(first, last));
  }
}
