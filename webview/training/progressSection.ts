// How far training has come: the step, the time that is left, the curve, and the buttons that steer it.
import type { TrainingState } from '../../src/shared/trainingPage';
import { element, icon, setAttributes, setText } from '../dom';
import { Notice } from '../explorer/statusArea';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { button } from '../toolkit';
import { LossChart } from './lossChart';
import type { Action } from './trainingActions';
import { actionsOf, perform } from './trainingActions';
import { formatLeft, formatWeightCount } from './trainingFormat';
import type { TrainingStore } from './trainingStore';

const drawings: Readonly<Record<Action['call'], string>> = {
  start: 'M5 3v10l8-5z',
  resume: 'M5 3v10l8-5z',
  continueFrom: 'M5 3v10l8-5z',
  pause: 'M5.5 3v10M10.5 3v10',
  stop: 'M4 4h8v8H4z',
  undo: 'M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M5.5 4 3 6.5 5.5 9',
};

type Button = ReturnType<typeof button>;

export class ProgressSection {
  readonly element: HTMLElement;
  private readonly step = element('span', { 'data-role': 'step' });
  private readonly left = element('span', { class: 'dim' });
  private readonly bar = element('div', { class: 'progress-bar' });
  private readonly track;
  private readonly chart: LossChart;
  private readonly note = element('p', { class: 'training-note', 'data-role': 'note', hidden: true });
  private readonly buttons: Readonly<Record<'first' | 'stop' | 'undo', Button>>;

  private waiting: Button | undefined;
  /** Why training failed, beside the buttons that begin it again. */
  private readonly notice;

  constructor(private readonly store: TrainingStore) {
    this.notice = new Notice((action) => store.tell((host) => host.act({ action })));
    this.chart = new LossChart(store);
    this.track = element('div', { class: 'training-progress', role: 'progressbar' }, this.bar);
    const make = (which: 'first' | 'stop' | 'undo') => {
      const made = button('', () => this.press(which), which === 'first' ? 'primary' : 'secondary');
      made.dataset['control'] = `training-${which}`;
      return made;
    };
    this.buttons = { first: make('first'), stop: make('stop'), undo: make('undo') };
    this.element = element(
      'div',
      {},
      element('div', { class: 'training-step' }, this.step, this.left),
      this.track,
      this.note,
      this.chart.element,
      this.notice.element,
      element('div', { class: 'training-actions' }, ...Object.values(this.buttons)),
    );
  }

  update(state: TrainingState): void {
    const { status, step, options, note } = state;
    const begun = step > 0 || status === 'running' || status === 'paused';
    setText(
      this.step,
      status === 'starting'
        ? strings.building
        : begun
          ? strings.step(step, options.steps)
          : strings.notStarted(options.steps),
    );
    setText(this.left, leftOf(state));
    const share = Math.min(1, step / Math.max(1, options.steps));
    const endless = status === 'starting';
    this.bar.classList.toggle('endless', endless);
    this.bar.style.width = endless ? '100%' : `${(100 * share).toFixed(2)}%`;
    setAttributes(this.track, {
      'aria-label': strings.training,
      'aria-valuenow': endless ? undefined : Math.round(100 * share),
      'aria-valuetext': this.step.textContent ?? '',
    });
    this.note.hidden = note === undefined;
    setText(this.note, note ?? '');
    this.chart.update(state);
    this.notice.update(failureOf(state));
    const actions = actionsOf(state);
    for (const which of ['first', 'stop', 'undo'] as const) {
      const control = this.buttons[which];
      const focused = document.activeElement === control;
      dress(control, actions[which]);
      if (focused && control.disabled) {
        this.waiting = control;
      }
    }
    this.giveFocusBack();
  }

  /** Scrolls to why training failed, with the buttons below it. */
  showFailure(): void {
    this.element.lastElementChild?.scrollIntoView({ block: 'nearest' });
    this.notice.element.scrollIntoView({ block: 'nearest' });
  }

  /** Stands in the section's header. */
  caption({ options, trainable }: TrainingState): string {
    return strings.trainingCaption(options, trainable > 0 ? formatWeightCount(trainable) : '');
  }

  /** A button that was disabled while it had the focus gets it back, unless the user has gone elsewhere. */
  private giveFocusBack(): void {
    const { waiting } = this;
    if (waiting && !waiting.disabled) {
      this.waiting = undefined;
      // The button in the toolkit's shadow tree takes the focus again from the next frame on.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body || document.activeElement === waiting) {
          waiting.focus();
        }
      });
    }
  }

  private press(which: 'first' | 'stop' | 'undo'): void {
    const { state } = this.store;
    if (state) {
      this.store.tell((host) => perform(actionsOf(state)[which], host, state));
    }
  }
}

/** Why the training that is shown failed. */
export function failureOf({ status, error }: TrainingState): TrainingState['error'] {
  return status === 'failed' ? error : undefined;
}

/** Label, drawing, and why it cannot be pressed. */
function dress(control: Button, { call, label, unavailable, hint }: Action): void {
  if (control.dataset['call'] !== call || control.textContent !== label) {
    control.dataset['call'] = call;
    const drawing = icon(drawings[call]);
    drawing.setAttribute('slot', 'start');
    control.replaceChildren(drawing, label);
  }
  control.disabled = unavailable !== undefined;
  const description = unavailable ?? hint;
  setAttributes(control, { title: description, 'aria-description': description });
}

function leftOf({ status, left, tokensPerSecond }: TrainingState): string {
  switch (status) {
    case 'running':
      return [
        ...(tokensPerSecond > 0 ? [strings.tokensPerSecond(tokensPerSecond)] : []),
        ...(left === undefined ? [] : [strings.left(formatLeft(left))]),
      ].join(', ');
    case 'paused':
      return strings.paused;
    case 'done':
      return strings.ended;
    case 'empty':
    case 'reading':
    case 'ready':
    case 'starting':
    case 'failed':
      return '';
    default:
      return status satisfies never;
  }
}
