// q·k of one cell, product by product: the largest ones, what the others add up to, the sum, and the cosine beside it.
import type { CellTerms } from '../../src/shared/insight';
import { cssOf, signedPixel } from '../draw/colour';
import { element, setText } from '../dom';
import { formatNumber } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import type { Theme } from '../theme';
import { exact, signedNumber } from './insideFormat';
import { lengthOf } from './insideNumbers';

/** How many products have a line of their own. */
export const shownTerms = 9;

export interface InsideTermsInput {
  readonly query: string;
  readonly key: string;
  /** Undefined while they are on their way. */
  readonly terms: CellTerms | undefined;
  /** The graph's own q·k. */
  readonly score: number | undefined;
  /** Why there are none. */
  readonly why: string | undefined;
  readonly theme: Theme;
}

/** A line: number cells and a bar. */
interface Line {
  readonly row: HTMLElement;
  readonly cells: readonly HTMLElement[];
  readonly bar: HTMLElement;
}

export class InsideTerms {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title tokens' });
  private readonly caption = element('span', { class: 'caption' });
  private readonly lines: readonly Line[];
  private readonly rest = line(element('td', { colspan: 3 }), element('td', { class: 'number' }));
  private readonly sum = element('td', { class: 'number', 'data-role': 'terms-sum' });
  private readonly cosine = element('td', { class: 'number', 'data-role': 'terms-cosine' });
  private readonly cosineHow = element('td', { class: 'caption', colspan: 5 });
  private readonly note = element('p', { class: 'caption inside-note' });
  private readonly table: HTMLElement;

  constructor() {
    this.lines = Array.from({ length: shownTerms }, () =>
      line(...Array.from({ length: 4 }, () => element('td', { class: 'number' }))),
    );
    const head = [strings.dim, strings.q, strings.k, strings.product].map((text) =>
      element('th', { scope: 'col', class: 'number' }, text),
    );
    this.rest.row.classList.add('rest');
    this.table = element(
      'table',
      { class: 'inside-table', 'data-role': 'inside-terms-table' },
      element('thead', {}, element('tr', {}, ...head, element('th', { 'aria-hidden': 'true' }))),
      element(
        'tbody',
        {},
        ...this.lines.map(({ row }) => row),
        this.rest.row,
        element('tr', { class: 'sum' }, element('td', { colspan: 3 }, strings.sum), this.sum, element('td')),
        element('tr', {}, element('td', { colspan: 3 }, strings.cosine), this.cosine, element('td')),
        element('tr', {}, this.cosineHow),
      ),
    );
    this.element = element(
      'section',
      { class: 'pane inside-pane', 'data-role': 'inside-terms' },
      element('div', { class: 'pane-header' }, this.title, this.caption),
      this.table,
      this.note,
    );
  }

  update({ query, key, terms, score, why, theme }: InsideTermsInput): void {
    setText(this.title, strings.terms(query, key));
    this.table.hidden = why !== undefined;
    this.table.classList.toggle('stale', !terms);
    setText(this.note, why ?? (terms ? otherSum(terms, score) : ''));
    this.note.hidden = this.note.textContent === '';
    setText(this.caption, terms ? strings.products(terms.terms.length) : '');
    if (!terms) {
      return;
    }
    const all = terms.terms;
    const most = Math.abs(all[0]?.product ?? 0);
    this.lines.forEach(({ row, cells, bar }, index) => {
      const term = all[index];
      row.hidden = term === undefined;
      if (term) {
        const texts = [
          String(term.dimension),
          formatNumber(term.query),
          formatNumber(term.key),
          signedNumber(term.product),
        ];
        cells.forEach((cell, column) => setText(cell, texts[column]));
        drawBar(bar, most > 0 ? term.product / most : 0, theme);
      }
    });
    const others = all.slice(shownTerms);
    const rest = others.reduce((sum, { product }) => sum + product, 0);
    this.rest.row.hidden = others.length === 0;
    setText(this.rest.cells[0], strings.moreProducts(others.length));
    setText(this.rest.cells[1], signedNumber(rest));
    drawBar(this.rest.bar, most > 0 ? rest / most : 0, theme);
    setText(this.sum, signedNumber(terms.sum));
    setText(this.cosine, formatNumber(terms.cosine));
    const [q, k] = (['query', 'key'] as const).map((of) =>
      formatNumber(lengthOf(Float32Array.from(all, (term) => term[of]))),
    );
    setText(this.cosineHow, strings.cosineHow(formatNumber(terms.sum), `‖${q}‖`, `‖${k}‖`));
  }
}

/** Some graphs turn or scale q and k between what they show and what they multiply. */
function otherSum({ sum }: CellTerms, score: number | undefined): string {
  return score === undefined || Math.abs(sum - score) <= 2e-3 * Math.max(1, Math.abs(score))
    ? ''
    : strings.otherSum(exact(sum), exact(score));
}

function line(...cells: readonly HTMLElement[]): Line {
  const bar = element('span', { class: 'term-bar' });
  const holder = element('td', {}, element('span', { class: 'term-bars', 'aria-hidden': 'true' }, bar));
  return { row: element('tr', {}, ...cells, holder), cells, bar };
}

/** `share` from −1 (left of the middle) to 1. */
function drawBar(bar: HTMLElement, share: number, theme: Theme): void {
  const length = Math.min(1, Math.abs(share)) * 50;
  bar.style.left = `${share < 0 ? 50 - length : 50}%`;
  bar.style.width = `${length}%`;
  bar.style.background = cssOf(signedPixel(theme.diverging, Math.sign(share) * 0.75, 1));
}
