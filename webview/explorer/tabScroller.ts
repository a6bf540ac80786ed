// A row that scrolls sideways where it does not fit, with a button at each end that has more, and by the mouse wheel.
import { element } from '../dom';
import { tabStrings as strings } from '../strings/tabStrings';

/** How much of the visible row a button moves. */
const step = 0.7;

export class TabScroller {
  readonly element: HTMLElement;
  private readonly earlier = end('tabs-earlier', '‹', strings.earlier, () => this.move(-step));
  private readonly later = end('tabs-later', '›', strings.later, () => this.move(step));

  constructor(private readonly list: HTMLElement) {
    this.element = element('div', { class: 'tab-scroller' }, this.earlier, list, this.later);
    const show = () => this.show();
    list.addEventListener('scroll', show, { passive: true });
    list.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    new ResizeObserver(show).observe(list);
  }

  private show(): void {
    const { scrollLeft, scrollWidth, clientWidth } = this.list;
    // Sizes are rounded: less than two pixels are nothing to scroll to.
    this.earlier.classList.toggle('unused', scrollLeft < 2);
    this.later.classList.toggle('unused', scrollLeft + clientWidth > scrollWidth - 2);
    this.element.classList.toggle('overflows', scrollWidth > clientWidth + 1);
  }

  private move(share: number): void {
    this.list.scrollBy({ left: share * this.list.clientWidth, behavior: 'smooth' });
  }

  private wheel(event: WheelEvent): void {
    if (event.deltaX === 0 && this.list.scrollWidth > this.list.clientWidth) {
      this.list.scrollLeft += event.deltaY;
      event.preventDefault();
    }
  }
}

/** For the pointer only: the arrow keys reach every tab. */
function end(role: string, sign: string, title: string, pressed: () => void): HTMLElement {
  const button = element(
    'button',
    { class: 'tab-end unused', title, 'data-role': role, 'aria-hidden': 'true', tabindex: -1 },
    sign,
  );
  button.addEventListener('click', pressed);
  return button;
}
