// What stands in the view while nothing is selected, and what to do about it.
import type { TranslationState } from '../../src/shared/translationPage';
import { element, setText } from '../dom';
import { translationStrings as strings } from '../strings/translationStrings';

export class EmptyMessage {
  readonly element: HTMLElement;
  private readonly hint = element('p', { class: 'empty-hint' });
  private readonly link = element('button', {
    class: 'link',
    type: 'button',
    'data-control': 'translate-selection',
  });

  constructor(translate: () => void) {
    this.link.addEventListener('click', translate);
    this.element = element(
      'div',
      { class: 'empty', hidden: true, 'data-role': 'empty' },
      element('p', {}, strings.empty),
      this.hint,
      this.link,
    );
  }

  /** Undefined hides it. */
  update(mode: TranslationState['mode'] | undefined): void {
    this.element.hidden = mode === undefined;
    if (mode) {
      setText(this.hint, strings.emptyHint[mode]);
      setText(this.link, strings.emptyAction[mode]);
    }
  }
}
