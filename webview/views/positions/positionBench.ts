// The controls of the positions bench: what happens to the positions of one side, by how much, on or off.
import type { PositionChange } from '../../../src/shared/intervention';
import type { Positions } from '../../../src/shared/trace';
import { element, setText } from '../../dom';
import { formatFactor } from '../../format';
import { positionBenchStrings as strings } from '../../strings/positionBenchStrings';
import { radioButtons } from '../../toolkit';
import type { Mode, Replacement } from './positionChoice';
import { amountOf, changeOf, modeOf, modes, replacements, whyNot, whyNotReplace } from './positionChoice';

/** First numbers that do something. */
export const firstAmounts = { shift: 3, shuffle: 7, scale: 0.5 } as const;

export interface PositionBenchInput {
  readonly positions: Positions;
  /** What the graph allows on this side. */
  readonly can: readonly PositionChange['to'][];
  readonly change: PositionChange | undefined;
  readonly enabled: boolean;
  /** Other changes of the list on the same side. */
  readonly others: number;
}

export interface PositionBenchActions {
  /** `typed`: more of the number may come. */
  readonly set: (change: PositionChange | undefined, typed: boolean) => void;
  readonly setEnabled: (on: boolean) => void;
  readonly random: () => PositionChange;
}

export class PositionBench {
  readonly element: HTMLElement;
  private readonly mode;
  private readonly replacement;
  private readonly amount = element('input', { type: 'number', step: 1, 'data-control': 'position-amount' });
  private readonly amountName = element('span', { class: 'caption' });
  private readonly amountField = element('label', { class: 'control' }, this.amountName, this.amount);
  private readonly on = element('input', { type: 'checkbox', 'data-control': 'positions-on' });
  private readonly onField = element(
    'label',
    { class: 'control' },
    this.on,
    element('span', {}, strings.inEffect),
  );
  private readonly note = element('p', { class: 'caption bench-line', 'data-role': 'position-note' });
  private input: PositionBenchInput | undefined;

  constructor(
    private readonly actions: PositionBenchActions,
    headline: HTMLElement,
  ) {
    this.mode = radioButtons('position-mode', strings.mode, (value) => this.take(value as Mode));
    this.replacement = radioButtons('position-replacement', strings.modes.replace, (value) =>
      this.replace(value as Replacement),
    );
    this.amount.addEventListener('input', () => this.setAmount());
    this.on.addEventListener('change', () => actions.setEnabled(this.on.checked));
    this.element = element(
      'div',
      {
        class: 'bench',
        role: 'group',
        'aria-label': strings.bench,
        'data-role': 'position-bench',
        'data-focus-later': true,
      },
      element(
        'span',
        { class: 'bench-part' },
        element('span', { class: 'caption', 'aria-hidden': 'true' }, strings.mode),
        this.mode.element,
        this.amountField,
        this.replacement.element,
      ),
      this.onField,
      headline,
      this.note,
    );
  }

  update(input: PositionBenchInput): void {
    this.input = input;
    const { positions, can, change, enabled, others } = input;
    const mode = modeOf(change);
    const reasons = modes.map((each) => whyNot(each, positions, can));
    this.mode.update(
      modes.map((value, index) => ({
        value,
        label: strings.modes[value],
        hint: strings.hints[value],
        unavailable: reasons[index],
      })),
      mode,
    );
    this.replacement.element.hidden = mode !== 'replace';
    const whys = replacements.map((each) => whyNotReplace(each, positions, can));
    this.replacement.update(
      replacements.map((value, index) => ({
        value,
        label: strings.replacements[value],
        hint: strings.replacementHints[value],
        unavailable: whys[index],
      })),
      change?.to === 'table' ? 'random' : change?.to === 'sinusoidal' ? 'sinusoidal' : '',
    );
    const amount = amountOf(change);
    this.amountField.hidden = amount === undefined;
    if (mode === 'shift' || mode === 'shuffle' || mode === 'scale') {
      setText(this.amountName, strings.amounts[mode]);
      this.amount.step = mode === 'scale' ? '0.1' : '1';
      this.amount.min = mode === 'shuffle' ? '0' : '';
    }
    // What is being typed stays, even while it is no number.
    if (amount !== undefined && document.activeElement !== this.amount) {
      this.amount.value = formatFactor(amount).replace('−', '-');
    }
    // It keeps its room, so that the first change moves nothing.
    this.onField.classList.toggle('vacant', change === undefined);
    this.on.checked = enabled;
    const impossible = [
      ...modes.flatMap((each, index) => said(strings.modes[each], reasons[index])),
      ...(mode === 'replace'
        ? replacements.flatMap((each, index) => said(strings.replacements[each], whys[index]))
        : []),
    ];
    const notes = [
      ...(impossible.length > 0 ? [strings.impossible(impossible.join(' '))] : []),
      ...(others > 0 ? [strings.others(others)] : []),
    ];
    this.note.hidden = notes.length === 0;
    setText(this.note, notes.join(' '));
  }

  private take(mode: Mode): void {
    switch (mode) {
      case 'own':
        this.actions.set(undefined, false);
        break;
      case 'remove':
      case 'multiply':
        this.actions.set({ to: mode }, false);
        break;
      case 'shift':
      case 'shuffle':
      case 'scale':
        this.amount.value = String(firstAmounts[mode]);
        this.actions.set(changeOf(mode, firstAmounts[mode]), false);
        break;
      case 'replace': {
        const { positions, can } = this.input ?? {};
        const first = replacements.find((each) => positions && can && !whyNotReplace(each, positions, can));
        if (first) {
          this.replace(first);
        }
        break;
      }
      default:
        mode satisfies never;
    }
  }

  private replace(by: Replacement): void {
    if (by !== 'rotary') {
      this.actions.set(by === 'random' ? this.actions.random() : { to: 'sinusoidal' }, false);
    }
  }

  private setAmount(): void {
    const mode = modeOf(this.input?.change);
    const amount = this.amount.value.trim() === '' ? NaN : Number(this.amount.value);
    if (mode === 'shift' || mode === 'shuffle' || mode === 'scale') {
      const change = changeOf(mode, amount);
      if (change) {
        this.actions.set(change, true);
      }
    }
  }
}

function said(name: string, why: string | undefined): string[] {
  return why === undefined ? [] : [strings.because(name, why)];
}
