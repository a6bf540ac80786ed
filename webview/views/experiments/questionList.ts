// The list of questions: one button each, with what has become of it.
import { element, setAttributes, setText } from '../../dom';
import { experimentsStrings as strings } from '../../strings/experimentsStrings';
import { experiments, groups } from './catalogue';
import type { Experiment } from './experiment';
import type { Status } from './experimentRunner';

export class QuestionList {
  readonly element: HTMLElement;
  private readonly rows: readonly {
    readonly experiment: Experiment;
    readonly button: HTMLButtonElement;
    readonly mark: HTMLElement;
  }[];

  constructor(choose: (experiment: Experiment) => void) {
    this.rows = experiments.map((experiment) => {
      const mark = element('span', { class: 'question-mark number' });
      const button = element(
        'button',
        { class: 'question', 'data-experiment': experiment.id },
        element('span', {}, experiment.question),
        mark,
      );
      button.addEventListener('click', () => choose(experiment));
      return { experiment, button, mark };
    });
    this.element = element(
      'nav',
      { class: 'questions', 'aria-label': strings.questions },
      ...groups.flatMap(({ group, title }) => [
        element('h3', { class: 'pane-title question-group' }, title),
        ...this.rows.flatMap(({ experiment, button }) => (experiment.group === group ? [button] : [])),
      ]),
    );
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  update(
    chosen: Experiment,
    statusOf: (experiment: Experiment) => Status | undefined,
    obstacleOf: (experiment: Experiment) => string | undefined,
  ): void {
    for (const { experiment, button, mark } of this.rows) {
      const status = statusOf(experiment);
      const obstacle = obstacleOf(experiment);
      setText(mark, markOf(status, obstacle));
      button.classList.toggle('unavailable', obstacle !== undefined);
      setAttributes(button, {
        'aria-current': experiment === chosen ? 'true' : undefined,
        title: obstacle,
        'data-status': status?.status,
      });
    }
  }

  /** Up and down move between questions. */
  private key(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const here = this.rows.findIndex(({ button }) => button === document.activeElement);
    if (step !== undefined && here >= 0) {
      this.rows.at(Math.min(this.rows.length - 1, Math.max(0, here + step)))?.button.focus();
      event.preventDefault();
    }
  }
}

function markOf(status: Status | undefined, obstacle: string | undefined): string {
  if (status?.status === 'running') {
    const { progress } = status;
    return progress && progress.total > 0 ? strings.progress(progress.done, progress.total) : '…';
  }
  if (status?.status === 'done') {
    return '✓';
  }
  return status?.status === 'failed' ? '!' : obstacle === undefined ? '▷' : '–';
}
