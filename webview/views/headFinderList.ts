// The ranked heads as a list box: layer·head, a bar and the score; one stop for the Tab key, arrows move, Enter chooses.
import { element, setAttributes } from '../dom';
import { formatWeight } from '../format';
import { headFinderStrings as strings } from '../strings/headFinderStrings';

/** A head with its score, 0 to 1; layers and heads from 0. */
export interface ListedHead {
  readonly attention: string;
  readonly layer: number;
  readonly head: number;
  readonly score: number;
}

export class HeadRanking {
  readonly element = element('div', {
    class: 'finder-list',
    role: 'listbox',
    'data-area': 'head-ranking',
  });
  private heads: readonly ListedHead[] = [];
  private rows: readonly HTMLElement[] = [];
  private active = 0;

  constructor(private readonly choose: (head: ListedHead) => void) {
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  /** Lists these heads; what is listed already stays as it is, with the focus where it was. */
  show(heads: readonly ListedHead[], label: string): void {
    setAttributes(this.element, { 'aria-label': label });
    if (JSON.stringify(heads) === JSON.stringify(this.heads)) {
      return;
    }
    const focused = this.element.contains(document.activeElement);
    this.heads = heads;
    this.rows = heads.map((head, index) => this.row(head, index));
    this.element.replaceChildren(...this.rows);
    this.element.scrollTop = 0;
    this.activate(0, focused);
  }

  /** Marks the head that is looked at; undefined for none. */
  mark(attention: string, head: number | undefined): void {
    this.heads.forEach((each, index) => {
      const selected = each.attention === attention && each.head === head;
      setAttributes(this.rows[index], { 'aria-selected': String(selected) });
    });
  }

  private row(head: ListedHead, index: number): HTMLElement {
    const { layer, head: number, score, attention } = head;
    const bar = element('span', { class: 'bar-value' });
    // Rounding of the model's float32 weights may carry a sum a little beyond 1.
    bar.style.width = `${(100 * Math.min(1, Math.max(0, score))).toFixed(1)}%`;
    const row = element(
      'div',
      {
        class: 'finder-row',
        role: 'option',
        tabindex: -1,
        'data-head': `${attention}[${number}]`,
        'aria-label': strings.head(index + 1, layer + 1, number + 1, formatWeight(score)),
      },
      element('span', { class: 'finder-place' }, strings.place(layer + 1, number + 1)),
      element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
      element('span', { class: 'number' }, formatWeight(score)),
    );
    row.addEventListener('click', () => {
      this.activate(index, true);
      this.choose(head);
    });
    return row;
  }

  private activate(index: number, focus: boolean): void {
    this.active = Math.min(Math.max(0, index), Math.max(0, this.rows.length - 1));
    this.rows.forEach((row, at) => setAttributes(row, { tabindex: at === this.active ? 0 : -1 }));
    if (focus) {
      this.rows[this.active]?.focus();
    }
  }

  private key(event: KeyboardEvent): void {
    const { active } = this;
    const to = {
      ArrowUp: active - 1,
      ArrowDown: active + 1,
      Home: 0,
      End: this.rows.length - 1,
      PageUp: active - 8,
      PageDown: active + 8,
    }[event.key];
    if (to !== undefined) {
      this.activate(to, true);
    } else if (event.key === 'Enter' || event.key === ' ') {
      const head = this.heads[active];
      if (head) {
        this.choose(head);
      }
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
