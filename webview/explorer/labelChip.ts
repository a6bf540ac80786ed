// The label that a text classifier gives the explored text, in the toolbar of every view; a click opens the view with all of them.
import type { LabelScores } from '../../src/shared/labels';
import { element, setText } from '../dom';
import { formatToken, formatWeight } from '../format';
import { labelStrings as strings } from '../strings/labelStrings';

/** Labels that the tip names. */
const MOST = 5;

export class LabelChip {
  readonly element = element('button', { class: 'chip', 'data-control': 'label' });

  constructor(open: () => void) {
    this.element.addEventListener('click', open);
  }

  /** Stays away for models that are no classifiers, and until there is an answer. */
  update(labels: LabelScores | undefined): void {
    const [best, ...others] = labels?.scores ?? [];
    this.element.hidden = !best;
    if (best) {
      const said = [best, ...others]
        .slice(0, MOST)
        .map(({ label, probability }) => strings.score(formatToken(label), formatWeight(probability)));
      setText(this.element, said[0]);
      this.element.title = strings.chip(said);
    }
  }
}
