// The page of one experiment: the question, its parameters, before and after, the finding, and what changed in numbers.
import type { Comparison } from '../../../src/shared/comparison';
import { element, setText } from '../../dom';
import { formatWeight } from '../../format';
import { experimentsStrings as strings } from '../../strings/experimentsStrings';
import { button } from '../../toolkit';
import type { Bench, Experiment, Outcome } from './experiment';
import type { Status } from './experimentRunner';
import { headName } from './headExperiments';
import { markedText } from './markedText';
import { changedTable, findingParagraph, outputTable, seriesBars } from './resultTables';
import { markdownOf } from './sentence';

/** What the page tells its view. */
export interface ResultActions {
  readonly run: () => void;
  readonly stop: () => void;
  readonly set: (name: string, value: string) => void;
  readonly keep: (outcome: Outcome) => void;
  readonly go: (attention: string, head: number) => void;
}

export class ResultPage {
  readonly element: HTMLElement;
  private readonly title = element('h2', { class: 'question-title', 'data-role': 'question' });
  private readonly setting = element('span', { class: 'caption', 'data-role': 'setting' });
  private readonly about = element('p', { class: 'about' });
  private readonly parameters = element('div', { class: 'parameters' });
  private readonly buttons = element('div', { class: 'result-buttons' });
  private readonly runIt;
  private readonly stopIt;
  private readonly copyIt;
  private readonly keepIt;
  private readonly note = element('p', { class: 'missing', role: 'status', 'data-role': 'experiment-note' });
  private readonly body = element('div', { class: 'result-body' });
  /** Where before and after are drawn; filled by the view, because its pictures live longer than a page. */
  private readonly pictures = element('div', { class: 'result-pictures' });
  private readonly details = element('div', { class: 'result-details' });
  private shownExperiment = '';
  private shownOutcome: Outcome | undefined;
  private inputs = new Map<string, HTMLInputElement>();

  constructor(
    private readonly actions: ResultActions,
    pictures: HTMLElement,
  ) {
    this.runIt = button(strings.run, () => this.actions.run(), 'primary');
    this.runIt.dataset['control'] = 'run-experiment';
    this.stopIt = button(strings.stop, () => this.actions.stop());
    this.stopIt.dataset['control'] = 'stop-experiment';
    this.copyIt = button(strings.copy, () => this.copy());
    this.keepIt = button(strings.keep, () => this.shownOutcome && this.actions.keep(this.shownOutcome));
    this.keepIt.dataset['control'] = 'keep-change';
    this.keepIt.title = strings.keepHint;
    this.buttons.append(this.runIt, this.stopIt, this.keepIt, this.copyIt);
    this.pictures.append(pictures);
    this.body.append(this.details);
    this.element = element(
      'div',
      { class: 'result' },
      element('div', { class: 'result-head' }, this.title, this.setting),
      this.about,
      this.parameters,
      this.buttons,
      this.note,
      this.pictures,
      this.body,
    );
  }

  update(
    experiment: Experiment,
    bench: Bench,
    status: Status | undefined,
    obstacle: string | undefined,
  ): void {
    if (this.shownExperiment !== experiment.id) {
      this.shownExperiment = experiment.id;
      setText(this.title, experiment.question);
      setText(this.about, experiment.about);
      this.fillParameters(experiment);
    }
    for (const [name, input] of this.inputs) {
      const value = bench.values[name] ?? '';
      if (input.value !== value && input !== document.activeElement) {
        input.value = value;
      }
    }
    const running = status?.status === 'running';
    const outcome = status?.status === 'done' ? status.outcome : undefined;
    this.runIt.hidden = running;
    this.runIt.disabled = obstacle !== undefined;
    setText(this.runIt, outcome ? strings.runAgain : strings.run);
    this.stopIt.hidden = !running;
    this.copyIt.hidden = !outcome;
    this.keepIt.hidden = !outcome || outcome.interventions.length === 0;
    const note = noteOf(status, obstacle);
    this.note.hidden = note === undefined;
    setText(this.note, note ?? '');
    setText(this.setting, outcome?.setting ?? '');
    this.pictures.hidden = !outcome?.after;
    this.body.hidden = !outcome;
    if (outcome !== this.shownOutcome) {
      this.shownOutcome = outcome;
      this.details.replaceChildren(...(outcome ? this.partsOf(outcome, bench) : []));
    }
  }

  private partsOf(outcome: Outcome, { trace, batch }: Bench): HTMLElement[] {
    const { comparison, after, series, rows, finding } = outcome;
    const decoder = trace.decoder.at(batch);
    const changedDecoder = after?.decoder.at(batch);
    const translation = comparison?.translation;
    const side = trace.decoder.length > 0 ? decoder : trace.encoder.at(batch);
    return [
      ...(comparison ? [this.mostChanged(comparison)] : []),
      ...(translation && decoder && changedDecoder
        ? [
            element(
              'div',
              { class: 'compared translations' },
              markedText({ before: decoder, after: changedDecoder }, translation.tokens, 'before'),
              markedText({ before: decoder, after: changedDecoder }, translation.tokens, 'after'),
            ),
          ]
        : []),
      element('h3', {}, strings.finding),
      findingParagraph(finding),
      ...(rows.length > 0 ? [changedTable(rows)] : []),
      ...(series ? [seriesBars(series, this.actions.go)] : []),
      ...(comparison?.output
        ? [
            element('h3', {}, strings.output),
            outputTable(comparison.output, side?.tokens.map(({ label }) => label) ?? []),
          ]
        : []),
    ];
  }

  private mostChanged({ heads }: Comparison): HTMLElement {
    const most = heads.reduce((best, head) => (head.mean > best.mean ? head : best), heads[0]);
    const show = element('button', { class: 'link', 'data-control': 'most-changed' }, strings.goThere);
    show.addEventListener('click', () => this.actions.go(most.attention, most.head));
    return element(
      'p',
      { class: 'caption' },
      `${strings.mostChanged(headName(most.attention, most.head), formatWeight(most.largest))} `,
      show,
    );
  }

  private fillParameters({ parameters = [] }: Experiment): void {
    this.inputs = new Map(
      parameters.map(({ name, label }) => {
        const input = element('input', {
          type: 'text',
          'aria-label': label,
          'data-parameter': name,
          size: 12,
        });
        input.addEventListener('change', () => this.actions.set(name, input.value));
        input.addEventListener('keydown', (event) => {
          if (event.key === 'Enter') {
            this.actions.set(name, input.value);
            this.actions.run();
          }
        });
        return [name, input] as const;
      }),
    );
    this.parameters.replaceChildren(
      ...parameters.map(({ name, label }) => element('label', {}, `${label} `, this.inputs.get(name) ?? '')),
    );
  }

  private copy(): void {
    const { shownOutcome } = this;
    if (shownOutcome) {
      const text = `### ${this.title.textContent}\n\n${shownOutcome.setting}\n\n${markdownOf(shownOutcome.finding)}\n`;
      void navigator.clipboard.writeText(text);
    }
  }
}

function noteOf(status: Status | undefined, obstacle: string | undefined): string | undefined {
  if (status?.status === 'failed') {
    return strings.failed(status.message);
  }
  if (status?.status === 'running') {
    const { progress } = status;
    const count = progress && progress.total > 0 ? ` ${strings.progress(progress.done, progress.total)}` : '';
    return `${strings.running}${count}`;
  }
  return status ? undefined : obstacle;
}
