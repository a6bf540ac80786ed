// Every change of positions that a model allows, tried one by one: how far weights, output and translation move.
import { isCancelled, messageOf } from '../../../src/shared/errors';
import type { Intervention, PositionChange } from '../../../src/shared/intervention';
import type { Side } from '../../../src/shared/modelSummary';
import type { Slices as Lab } from '../../../src/shared/protocol';
import type { TraceSummary } from '../../../src/shared/trace';
import { element, setText } from '../../dom';
import { formatFactor, formatWeight } from '../../format';
import { positionBenchStrings as strings } from '../../strings/positionBenchStrings';
import { button } from '../../toolkit';
import { formatMeasured } from '../experiments/sentence';
import { NumberTable } from '../numberTable';
import type { ModeEffect } from './modeEffect';
import { modeEffect } from './modeEffect';
import { amountOf, modeOf, withPositionChange } from './positionChoice';

export interface ModeInput {
  readonly trace: TraceSummary;
  readonly batch: number;
  readonly side: Side;
  /** What is tried. */
  readonly changes: readonly PositionChange[];
  /** What is in effect besides; its position changes of this side are left out. */
  readonly list: readonly Intervention[];
  readonly current: PositionChange | undefined;
}

export class ModeComparison {
  readonly element: HTMLElement;
  private readonly table = new NumberTable('position-modes', '', strings.allColumns);
  private readonly caption = element('span', { class: 'caption' });
  private readonly status = element('p', { class: 'caption', role: 'status' });
  private readonly start;
  private readonly note = element('p', { class: 'caption' }, strings.allNote);
  private input: ModeInput | undefined;
  private found: { readonly key: string; readonly effects: readonly ModeEffect[] } | undefined;
  private running: AbortController | undefined;
  private problem = '';

  constructor(
    private readonly lab: Pick<Lab, 'intervene' | 'compare'>,
    private readonly redraw: () => void,
  ) {
    this.start = button(strings.compareAll, () => (this.running ? this.stop() : void this.run()));
    this.start.dataset['control'] = 'compare-modes';
    this.start.title = strings.allHint;
    this.element = element(
      'section',
      { class: 'pane', 'data-role': 'position-modes-pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.all),
        this.caption,
      ),
      element('div', { class: 'pane-body' }, this.start, this.status),
      this.table.element,
      element('div', { class: 'pane-body' }, this.note),
    );
  }

  update(input: ModeInput): void {
    const key = keyOf(input);
    if (this.found && this.found.key !== key) {
      // Numbers of another text or model are not shown, and not waited for.
      this.stop();
      this.found = undefined;
      this.problem = '';
    }
    this.input = input;
    const effects = this.found?.effects ?? [];
    setText(this.start, this.running ? strings.stop : strings.compareAll);
    setText(this.caption, effects.length > 0 ? strings.allCaption(effects.length) : '');
    setText(this.status, this.problem);
    this.status.hidden = this.problem === '';
    this.table.element.hidden = effects.length === 0;
    this.note.hidden = effects.length === 0;
    this.element.setAttribute('aria-busy', String(this.running !== undefined));
    this.table.update(
      effects.map(({ change, weights, flipped, kl }) => ({
        name: nameOf(change),
        values: [
          formatWeight(weights),
          flipped === undefined ? strings.none : strings.percent((100 * flipped).toFixed(0)),
          kl === undefined ? strings.none : formatMeasured(kl),
        ],
        marked: JSON.stringify(change) === JSON.stringify(input.current),
        role: modeOf(change),
      })),
    );
  }

  private stop(): void {
    this.running?.abort();
    this.running = undefined;
    this.redraw();
  }

  private async run(): Promise<void> {
    const { input } = this;
    if (!input) {
      return;
    }
    const abort = new AbortController();
    const { signal } = abort;
    const { trace, batch, side, changes, list } = input;
    const key = keyOf(input);
    this.running = abort;
    this.found = { key, effects: [] };
    this.problem = '';
    this.redraw();
    try {
      for (const change of changes) {
        const rest = list.filter(
          (each) => each.enabled && !(each.kind === 'positions' && each.side === side),
        );
        const interventions = withPositionChange(rest, side, change);
        const after = await this.lab.intervene({ trace: trace.id, interventions }, { signal });
        const comparison = await this.lab.compare({ trace: trace.id, after: after.id, batch }, { signal });
        if (signal.aborted) {
          return;
        }
        this.found = { key, effects: [...this.found.effects, modeEffect(change, comparison)] };
        this.redraw();
      }
    } catch (error) {
      if (!signal.aborted && !isCancelled(error)) {
        this.problem = strings.allFailed(messageOf(error));
      }
    } finally {
      if (this.running === abort) {
        this.running = undefined;
        this.redraw();
      }
    }
  }
}

function nameOf(change: PositionChange): string {
  const mode = modeOf(change);
  const amount = amountOf(change);
  if (change.to === 'sinusoidal' || change.to === 'table') {
    return strings.replacements[change.to === 'table' ? 'random' : 'sinusoidal'];
  }
  return amount === undefined
    ? strings.modes[mode]
    : strings.withAmount(strings.modes[mode], formatFactor(amount));
}

function keyOf({ trace, batch, side, list }: ModeInput): string {
  const rest = list.filter((each) => each.enabled && !(each.kind === 'positions' && each.side === side));
  return JSON.stringify([trace.id, batch, side, rest]);
}
