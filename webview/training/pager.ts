// Which rows of a long list are on the page, and the buttons that turn it.
import { element, icon, setAttributes, setText } from '../dom';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { iconButton } from '../toolkit';

export class Pager {
  readonly element: HTMLElement;
  private readonly text = element('span', { class: 'caption' });
  private readonly earlier;
  private readonly later;
  private first = 0;

  /** `turned` is told when the user has turned the page. */
  constructor(
    readonly size: number,
    turned: () => void,
  ) {
    const turn = (pages: number) => () => {
      this.first += pages * this.size;
      turned();
    };
    this.earlier = iconButton('earlier', strings.earlier, icon('M10 3.5 5.5 8l4.5 4.5'), turn(-1));
    this.later = iconButton('later', strings.later, icon('M6 3.5 10.5 8 6 12.5'), turn(1));
    this.element = element('div', { class: 'pages' }, this.earlier, this.text, this.later);
  }

  /** Shows where the page lies, if there is more than one. `note` says what the rows are a part of. */
  update(rows: number, note = ''): { readonly from: number; readonly to: number } {
    this.first = Math.max(0, Math.min(this.first, this.size * Math.floor((rows - 1) / this.size)));
    const to = Math.min(rows, this.first + this.size);
    this.element.hidden = rows <= this.size && note === '';
    setAttributes(this.earlier, { disabled: this.first === 0 });
    setAttributes(this.later, { disabled: to >= rows });
    this.earlier.hidden = this.later.hidden = rows <= this.size;
    setText(this.text, strings.pageOf(this.first + 1, to, rows, note));
    return { from: this.first, to };
  }

  /** Whether the last page is shown. */
  isLast(rows: number): boolean {
    return this.first + this.size >= rows;
  }

  toLast(rows: number): void {
    this.first = this.size * Math.floor(Math.max(0, rows - 1) / this.size);
  }

  toFirst(): void {
    this.first = 0;
  }
}
