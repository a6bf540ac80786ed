// The likeliest tokens of a distribution as bars, with a tick where each stood before temperature, top-k and top-p.
import type { Distribution } from '../../../src/shared/insight';
import { element, setAttributes, setText } from '../../dom';
import { formatToken, formatWeight } from '../../format';
import { outputStrings as strings } from '../../strings/outputStrings';

interface Row {
  readonly element: HTMLElement;
  readonly label: HTMLElement;
  readonly bar: HTMLElement;
  readonly tick: HTMLElement;
  readonly value: HTMLElement;
}

export class CandidateList {
  readonly element: HTMLElement;
  private readonly rows: readonly Row[];
  private readonly note = element('p', { class: 'caption tick-note' }, strings.tick);

  constructor(count: number) {
    this.rows = Array.from({ length: count }, row);
    this.element = element(
      'div',
      { class: 'candidates' },
      element('div', { role: 'list', 'data-role': 'candidates' }, ...this.rows.map((each) => each.element)),
      this.note,
    );
  }

  /** `marked` is the id of the token that really stands there; `changed` says that settings act. */
  update({ candidates }: Distribution, marked: number | undefined, changed: boolean): void {
    this.rows.forEach(({ element: line, label, bar, tick, value }, index) => {
      const candidate = candidates.at(index);
      line.hidden = !candidate;
      if (!candidate) {
        return;
      }
      const { id, piece, probability, plain } = candidate;
      const gone = probability === 0;
      line.classList.toggle('marked', id === marked);
      line.classList.toggle('removed', gone);
      setText(label, formatToken(piece));
      setText(value, gone ? strings.removed : formatWeight(probability));
      setAttributes(line, {
        title: `${formatToken(piece)} (${id})`,
        'data-id': id,
        'data-probability': probability,
      });
      bar.style.width = percent(probability);
      tick.hidden = !changed;
      tick.style.left = percent(plain);
    });
    this.note.hidden = !changed;
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

function row(): Row {
  const label = element('span', { class: 'token' });
  const bar = element('span', { class: 'bar-value' });
  const tick = element('span', { class: 'bar-tick', hidden: true });
  const value = element('span', { class: 'number' });
  const track = element('span', { class: 'bar', 'aria-hidden': 'true' }, bar, tick);
  return {
    element: element('div', { class: 'bar-row still', role: 'listitem' }, label, track, value),
    label,
    bar,
    tick,
    value,
  };
}
