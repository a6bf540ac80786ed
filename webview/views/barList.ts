// A list of tokens with their weights as bars; its rows are made once and only filled, so that nothing moves while pointing.
import { element, setAttributes, setText } from '../dom';
import { formatWeight } from '../format';
import { attentionStrings as strings } from '../strings';
import type { Ranking } from './rowFacts';

/** What a list shows. */
export interface BarListInput {
  readonly title: string;
  readonly caption: string;
  readonly ranking: Ranking | undefined;
  readonly labels: readonly { readonly label: string }[];
  /** The row that is the other half of the pair. */
  readonly marked: number | undefined;
  /** A second weight for every token, drawn as a tick, and whose it is. */
  readonly ticks?: { readonly weights: ArrayLike<number>; readonly of: string } | undefined;
}

interface BarRow {
  readonly element: HTMLElement;
  readonly label: HTMLElement;
  readonly bar: HTMLElement;
  readonly tick: HTMLElement;
  readonly value: HTMLElement;
  index: number | undefined;
}

export class BarList {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title tokens' });
  private readonly caption = element('span', { class: 'caption' });
  private readonly rows: readonly BarRow[];
  private readonly more = element('span');
  private readonly tickNote = element('span', { class: 'caption' });
  private readonly moreValue = element('span', { class: 'number' });
  private readonly rest: HTMLElement;

  /** `hover` gets the index of the token under the pointer, `pick` of the one that is clicked. */
  constructor(
    role: string,
    count: number,
    private readonly hover: (index: number | undefined) => void,
    private readonly pick: (index: number) => void,
  ) {
    this.rows = Array.from({ length: count }, () => this.row());
    this.rest = element('div', { class: 'bar-row rest' }, this.more, this.tickNote, this.moreValue);
    this.element = element(
      'section',
      { class: 'pane bars', 'data-role': role },
      element('div', { class: 'pane-header' }, this.title, this.caption),
      element('div', { role: 'list' }, ...this.rows.map((row) => row.element)),
      this.rest,
    );
  }

  update({ title, caption, ranking, labels, marked, ticks }: BarListInput): void {
    setText(this.title, title);
    setText(this.caption, caption);
    this.caption.title = caption;
    this.rows.forEach((row, position) => {
      const share = ranking?.top[position];
      row.index = share?.index;
      row.element.classList.toggle('unused', !share);
      row.element.classList.toggle('marked', share !== undefined && share.index === marked);
      const label = share ? labels[share.index].label : '';
      setText(row.label, label);
      setText(row.value, share ? formatWeight(share.weight) : '');
      setAttributes(row.element, { title: label || undefined, 'data-weight': share?.weight });
      row.bar.style.width = share ? `${(100 * share.weight).toFixed(1)}%` : '0';
      const tick = share && ticks?.weights[share.index];
      row.tick.hidden = tick === undefined;
      row.tick.style.left = `${(100 * (tick ?? 0)).toFixed(1)}%`;
    });
    this.rest.classList.toggle('unused', !ranking?.others);
    setText(this.more, ranking?.others ? strings.more(ranking.others) : '');
    setText(this.moreValue, ranking?.others ? formatWeight(ranking.othersSum) : '');
    setText(this.tickNote, ticks ? strings.tick(ticks.of) : '');
  }

  private row(): BarRow {
    const label = element('span', { class: 'token' });
    const bar = element('span', { class: 'bar-value' });
    const tick = element('span', { class: 'bar-tick', hidden: true });
    const value = element('span', { class: 'number' });
    const row: BarRow = {
      element: element(
        'div',
        { class: 'bar-row', role: 'listitem' },
        label,
        element('span', { class: 'bar', 'aria-hidden': 'true' }, bar, tick),
        value,
      ),
      label,
      bar,
      tick,
      value,
      index: undefined,
    };
    row.element.addEventListener('pointerenter', () => this.hover(row.index));
    row.element.addEventListener('pointerleave', () => this.hover(undefined));
    row.element.addEventListener('click', () => {
      if (row.index !== undefined) {
        this.pick(row.index);
      }
    });
    return row;
  }
}
