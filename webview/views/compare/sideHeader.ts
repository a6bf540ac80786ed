// The top of the Compare view: the form that chooses B, what A and B are, how far B has come, and what can be done about it.
import type { OtherRun, OtherSide } from '../../../src/shared/contrast';
import { element, setText } from '../../dom';
import { languageName } from '../../languageName';
import { compareStrings as strings } from '../../strings/compareStrings';
import { button } from '../../toolkit';
import type { ViewInput } from '../view';
import type { OtherStatus } from './otherRunner';
import { type ChooserActions, type Offers, SideChooser } from './sideChooser';
import { describeOther, describeShown, isSameRun } from './sideText';

export interface HeaderActions extends ChooserActions {
  readonly swap: () => void;
  readonly clear: () => void;
  readonly stop: () => void;
  readonly again: () => void;
}

export interface HeaderInput {
  readonly input: ViewInput;
  readonly status: OtherStatus;
  readonly side: OtherSide | undefined;
  readonly swapped: boolean;
  /** Interventions that are listed, on or off. */
  readonly listed: number;
  /** What went wrong before B could be run. */
  readonly problem: string;
}

export class SideHeader {
  readonly element: HTMLElement;
  private readonly chooser: SideChooser;
  private readonly names = { a: element('dd', {}), b: element('dd', {}) };
  private readonly sides = element(
    'dl',
    { class: 'compare-sides', 'data-role': 'compare-sides' },
    element('dt', {}, strings.a),
    this.names.a,
    element('dt', {}, strings.b),
    this.names.b,
  );
  private readonly status = element('span', { role: 'status', 'data-role': 'compare-status' });
  private readonly buttons;

  constructor(actions: HeaderActions) {
    this.chooser = new SideChooser(actions);
    const made = (name: string, label: string, pressed: () => void) => {
      const control = button(label, pressed);
      control.dataset['control'] = `compare-${name}`;
      return control;
    };
    this.buttons = {
      swap: made('swap', strings.swap, actions.swap),
      clear: made('clear', strings.clear, actions.clear),
      cancel: made('cancel', strings.cancel, actions.stop),
      again: made('again', strings.again, actions.again),
    };
    this.buttons.clear.title = strings.clearHint;
    const { swap, clear, cancel, again } = this.buttons;
    this.element = element(
      'div',
      { 'data-keys': 'off' },
      this.chooser.element,
      this.sides,
      element('div', { class: 'compare-actions' }, swap, clear, this.status, cancel, again),
    );
  }

  update({ input, status, side, swapped, listed, problem }: HeaderInput): void {
    const { trace, view, summary } = input;
    this.chooser.update(offersOf(input, listed), side, swapped);
    const run: OtherRun | undefined = status.status === 'ready' ? status.run : undefined;
    const own = describeShown(trace, view.batch, summary.name);
    const other = run && side ? describeOther(run, side) : '';
    setText(this.names.a, swapped ? other : own);
    setText(this.names.b, swapped ? own : other);
    this.sides.hidden = !run;
    this.buttons.swap.hidden = !run;
    this.buttons.clear.hidden = !side;
    this.buttons.cancel.hidden = status.status !== 'running';
    this.buttons.again.hidden = status.status !== 'failed' && status.status !== 'stopped';
    const same = run && isSameRun({ trace, batch: view.batch, summary }, run);
    setText(this.status, problem === '' ? (same ? strings.same : wordsOf(status)) : problem);
    this.status.classList.toggle('missing', status.status === 'failed' || problem !== '');
    this.status.dataset['status'] = status.status;
  }
}

/** What this model and run allow. */
export function offersOf({ trace, summary, model, view }: ViewInput, listed: number): Offers {
  const { state } = model;
  const changed = (trace.interventions ?? []).length > 0;
  const translates = summary.family === 'encoder-decoder';
  const languages = translates ? summary.languages.filter(({ code }) => code !== trace.language) : [];
  const searches = translates && state?.decoder.from === 'translation' && trace.decoder.at(view.batch);
  const models = (state?.models ?? []).filter(({ id }) => id !== state?.chosen);
  return {
    modes: [
      'text',
      ...(changed ? (['loaded'] as const) : []),
      ...(!changed && listed > 0 ? (['listed'] as const) : []),
      'recipe',
      ...(languages.length > 0 ? (['language'] as const) : []),
      ...(searches ? (['beams'] as const) : []),
      ...(models.length > 0 ? (['model'] as const) : []),
    ],
    languages: languages.map(({ code }) => ({ value: code, label: languageName(code) })),
    models: models.map(({ id, name }) => ({ value: id, label: name })),
  };
}

function wordsOf(status: OtherStatus): string {
  switch (status.status) {
    case 'none':
      return strings.none;
    case 'running': {
      const { progress } = status;
      return progress ? strings.progress(progress.message, progress.done, progress.total) : strings.running;
    }
    case 'stopped':
      return strings.stopped;
    case 'failed':
      return strings.failed(status.message);
    case 'ready':
      return '';
    default:
      return status satisfies never;
  }
}
