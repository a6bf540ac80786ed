// Tokens that could stand at one step, as a list of bars; its rows are made once and only filled, so that nothing moves.
import type { Alternative } from '../../src/shared/translation';
import { element, setAttributes, setText } from '../dom';
import { formatWeight } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import { pieceLabel } from './pieceLabel';

/** Rows, besides the token that was chosen and the sum of all others. */
export const ALTERNATIVES = 5;

interface Row {
  readonly element: HTMLElement;
  readonly label: HTMLElement;
  readonly bar: HTMLElement;
  readonly value: HTMLElement;
  id: number | undefined;
}

export class AlternativeList {
  readonly element: HTMLElement;
  private readonly rows: readonly Row[];
  private readonly others = element('span', { class: 'number' });
  private readonly rest: HTMLElement;
  private readonly problem = element('p', { class: 'caption card-problem', role: 'status' });
  private active = 0;

  constructor(private readonly take: (id: number) => void) {
    this.rows = Array.from({ length: ALTERNATIVES }, (_, index) => this.row(index));
    this.rest = element(
      'div',
      { class: 'alternative rest', role: 'presentation' },
      element('span', { class: 'token' }, strings.others),
      this.others,
    );
    const list = element(
      'div',
      { role: 'listbox', tabindex: 0, 'aria-label': strings.force, class: 'alternative-rows' },
      ...this.rows.map((row) => row.element),
    );
    list.addEventListener('keydown', (event) => this.press(event));
    list.addEventListener('focus', () => this.activate(0));
    list.addEventListener('blur', () => this.rows.forEach((row) => row.element.classList.remove('active')));
    this.element = element('div', { class: 'alternatives' }, list, this.rest, this.problem);
  }

  /** `others` is the probability of what is not listed; undefined hides everything but the problem. */
  update(alternatives: readonly Alternative[], others: number | undefined, problem: string): void {
    this.rows.forEach((row, index) => {
      const alternative = alternatives[index];
      row.id = alternative?.id;
      row.element.classList.toggle('unused', !alternative);
      const { text: label, title } = alternative
        ? pieceLabel(alternative.label, alternative.end)
        : { text: '', title: '' };
      const probability = alternative ? formatWeight(alternative.probability) : '';
      setText(row.label, label);
      setText(row.value, probability);
      row.bar.style.width = `${(100 * (alternative?.probability ?? 0)).toFixed(1)}%`;
      setAttributes(row.element, {
        title: title || undefined,
        'data-token': alternative?.id,
        'aria-label': strings.spokenAlternative(label, probability),
        'aria-hidden': alternative ? undefined : 'true',
      });
    });
    this.rest.classList.toggle('unused', others === undefined);
    setText(this.others, others === undefined ? '' : formatWeight(others));
    setText(this.problem, problem);
    this.problem.hidden = problem === '';
  }

  private row(index: number): Row {
    const label = element('span', { class: 'token' });
    const bar = element('span', { class: 'bar-value' });
    const value = element('span', { class: 'number' });
    const row: Row = {
      element: element(
        'div',
        { class: 'alternative unused', role: 'option', id: `alternative-${index}`, 'aria-selected': 'false' },
        label,
        element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
        value,
      ),
      label,
      bar,
      value,
      id: undefined,
    };
    row.element.addEventListener('click', () => this.choose(row));
    return row;
  }

  private press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      this.activate(this.active + step);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.choose(this.rows[this.active]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private choose({ id }: Row): void {
    if (id !== undefined) {
      this.take(id);
    }
  }

  private activate(index: number): void {
    const used = this.rows.filter(({ id }) => id !== undefined).length;
    this.active = Math.max(0, Math.min(index, used - 1));
    this.rows.forEach((row, at) => {
      row.element.classList.toggle('active', at === this.active);
      setAttributes(row.element, { 'aria-selected': String(at === this.active) });
    });
    this.rows[0].element.parentElement?.setAttribute('aria-activedescendant', `alternative-${this.active}`);
  }
}
