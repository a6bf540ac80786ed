// The row between the buttons and the text: how far it has come, how fast, Stop or Retry. Keeps its height whatever it says.
import type { TranslationState } from '../../src/shared/translationPage';
import { element, setText } from '../dom';
import { translationStrings as strings } from '../strings/translationStrings';
import type { TranslationStore } from './translationStore';
import { isBusy, rateOf } from './translationStore';

/** Work shorter than this is not worth a line. */
const PATIENCE = 300;

export class TargetStatus {
  readonly element: HTMLElement;
  private readonly line: HTMLElement;
  private readonly bar = element('div', { class: 'progress-bar' });
  private readonly text = element('span', { class: 'caption status-text' });
  private readonly stop = element(
    'button',
    { class: 'link', type: 'button', 'data-control': 'stop' },
    strings.stop,
  );
  private readonly retry = element(
    'button',
    { class: 'link', type: 'button', 'data-control': 'retry' },
    strings.retry,
  );
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: TranslationStore) {
    this.stop.addEventListener('click', () => store.tell((host) => host.stop()));
    this.retry.addEventListener('click', () => store.tell((host) => host.act({ action: 'retry' })));
    this.line = element('div', { class: 'target-progress', role: 'progressbar' }, this.bar);
    this.element = element(
      'div',
      { class: 'target-status', 'data-role': 'target-status' },
      this.line,
      this.text,
      this.stop,
      this.retry,
    );
    this.line.classList.add('vacant');
  }

  update({ status, progress }: TranslationState): void {
    const busy = isBusy(status);
    const share = progress.of > 1 ? progress.sentences / progress.of : undefined;
    this.bar.classList.toggle('endless', share === undefined);
    this.bar.style.width = share === undefined ? '100%' : `${(100 * share).toFixed(1)}%`;
    if (!busy) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.line.classList.add('vacant');
    } else {
      this.timer ??= setTimeout(() => this.line.classList.remove('vacant'), PATIENCE);
    }
    this.stop.hidden = !busy;
    this.retry.hidden = status !== 'stopped';
    setText(this.text, statusText(status, progress));
  }
}

function statusText(status: TranslationState['status'], progress: TranslationState['progress']): string {
  const rate = rateOf(progress);
  const speed = rate === undefined ? [] : [strings.rate(rate)];
  const time = progress.milliseconds > 0 ? [strings.time(progress.milliseconds)] : [];
  switch (status) {
    case 'loading':
      return strings.loading;
    case 'running':
      return [strings.running(progress), ...speed].join(', ');
    case 'stopped':
      return strings.stopped(progress);
    case 'done':
      return [strings.done(progress), ...time, ...speed].join(', ');
    case 'failed':
      return strings.failed(progress);
    case 'empty':
      return '';
    default:
      return status satisfies never;
  }
}
