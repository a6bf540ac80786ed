// Replace, Insert Below and Copy: above the text, so that streaming never moves them; what cannot be done says why.
import type { TranslationState } from '../../src/shared/translationPage';
import { element, setAttributes, setText } from '../dom';
import { translationStrings as strings } from '../strings/translationStrings';
import { button } from '../toolkit';
import type { TranslationStore } from './translationStore';
import { isBusy } from './translationStore';

export class TargetActions {
  readonly element: HTMLElement;
  private readonly replace;
  private readonly insert;
  private readonly copy;
  private readonly locked = element(
    'p',
    { class: 'caption', hidden: true, 'data-role': 'read-only' },
    strings.readOnly,
  );

  constructor(store: TranslationStore) {
    this.replace = button(strings.replace, () => store.tell((host) => host.replace()), 'primary');
    this.insert = button(strings.insert.translate, () => store.tell((host) => host.insertBelow()));
    this.copy = button(strings.copy, () => store.tell((host) => host.copy()));
    const buttons = { replace: this.replace, 'insert-below': this.insert, copy: this.copy };
    for (const [name, each] of Object.entries(buttons)) {
      each.dataset['control'] = name;
    }
    this.element = element(
      'div',
      { class: 'target-actions' },
      ...[this.replace, this.insert, this.copy, this.locked],
    );
  }

  update(state: TranslationState): void {
    const some = state.sentences.some(({ text }) => text !== '');
    const whole = state.sentences.some(({ text, status }) => text !== '' && status === 'done');
    const missing = whole ? undefined : some ? strings.stillRunning : strings.nothingYet;
    const running = isBusy(state.status) ? strings.stillRunning : undefined;
    const locked = state.source?.writable ? undefined : strings.readOnly;
    setText(this.insert, strings.insert[state.mode]);
    this.locked.hidden = locked === undefined;
    enable(this.replace, locked ?? missing ?? running);
    enable(this.insert, locked ?? missing ?? running);
    enable(this.copy, some ? undefined : strings.nothingYet);
  }
}

/** Disabled for a reason, which is also said while the pointer rests on it. */
function enable(control: HTMLElement & { disabled: boolean }, reason: string | undefined): void {
  control.disabled = reason !== undefined;
  setAttributes(control, { title: reason, 'aria-description': reason });
}
