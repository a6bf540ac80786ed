// What the panel says about its work: the progress line with Cancel, an error with its actions, or that there is nothing yet.
import type { PanelAction, PanelError, Progress } from '../../src/shared/protocol';
import { element, setAttributes, setText } from '../dom';
import { panelStrings as strings } from '../strings';
import { button } from '../toolkit';

/** Work shorter than this is not worth a message. */
const patience = 300;

/** A thin line that appears when something takes longer than 300 ms. */
export class ProgressLine {
  readonly element: HTMLElement;
  private readonly bar = element('div', { class: 'progress-bar' });
  private readonly text = element('span', { class: 'caption' });
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is told when the line appears or goes. */
  constructor(
    cancel: () => void,
    private readonly changed: (shown: boolean) => void,
  ) {
    this.element = element(
      'div',
      { class: 'progress', role: 'progressbar', hidden: true, 'data-role': 'progress' },
      this.bar,
      element('div', { class: 'progress-note' }, this.text, button(strings.cancel, cancel)),
    );
  }

  update(busy: boolean, progress: Progress | undefined): void {
    const share = progress && progress.total > 0 ? progress.done / progress.total : undefined;
    this.bar.classList.toggle('endless', share === undefined);
    this.bar.style.width = share === undefined ? '100%' : `${(100 * share).toFixed(1)}%`;
    setAttributes(this.element, {
      'aria-valuenow': share === undefined ? undefined : Math.round(100 * share),
    });
    setText(this.text, progress?.message ?? '');
    if (!busy) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.show(false);
    } else if (this.element.hidden) {
      this.timer ??= setTimeout(() => this.show(true), patience);
    }
  }

  private show(shown: boolean): void {
    if (this.element.hidden === shown) {
      this.element.hidden = !shown;
      this.changed(shown);
    }
  }
}

/** A sentence with buttons, in place of a picture or above an old one. */
export class Notice {
  readonly element = element('div', { class: 'notice', hidden: true, 'data-role': 'notice' });
  private shown = '';

  constructor(private readonly act: (action: PanelAction) => void) {}

  /** Shows an error, a plain sentence, or nothing. */
  update(notice: PanelError | string | undefined): void {
    const key = JSON.stringify(notice ?? '');
    this.element.hidden = notice === undefined;
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    if (notice === undefined) {
      this.element.replaceChildren();
      return;
    }
    const message = typeof notice === 'string' ? notice : notice.message;
    const actions = typeof notice === 'string' ? [] : notice.actions;
    this.element.classList.toggle('error', typeof notice !== 'string');
    setAttributes(this.element, { role: typeof notice === 'string' ? undefined : 'alert' });
    const buttons = actions.map((action, index) => {
      const control = button(
        strings.actions[action],
        () => this.act(action),
        index === 0 ? 'primary' : 'secondary',
      );
      control.dataset['action'] = action;
      return control;
    });
    this.element.replaceChildren(
      element('p', {}, message),
      ...(buttons.length > 0 ? [element('div', { class: 'notice-actions' }, ...buttons)] : []),
    );
  }
}
