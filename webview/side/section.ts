// A part of the view under a header that opens and closes it, as VS Code's own panes do.
import { element, icon, setText } from '../dom';

const chevron = 'M6 3.5 10.5 8 6 12.5';

export class Section {
  readonly element: HTMLElement;
  /** What is shown while the section is open. */
  readonly body: HTMLElement;
  private readonly header: HTMLElement;
  private readonly title: HTMLElement;
  private readonly caption = element('span', { class: 'caption' });

  /** `toggled` is told when the user opens or closes it. */
  constructor(
    readonly name: string,
    private opened: boolean,
    private readonly toggled: (open: boolean) => void,
  ) {
    this.title = element('h2', { class: 'pane-title' });
    this.header = element(
      'button',
      { class: 'section-header', 'aria-controls': `section-${name}`, type: 'button' },
      icon(chevron),
      this.title,
      this.caption,
    );
    this.header.addEventListener('click', () => this.toggle(!this.opened));
    this.header.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        event.preventDefault();
        this.toggle(event.key === 'ArrowRight');
      }
    });
    this.body = element('div', { class: 'section-body', id: `section-${name}` });
    this.element = element('section', { class: 'section', 'data-role': name }, this.header, this.body);
    this.show();
  }

  get open(): boolean {
    return this.opened;
  }

  /** Opens or closes it without telling anybody. */
  setOpen(open: boolean): void {
    if (open !== this.opened) {
      this.opened = open;
      this.show();
    }
  }

  /** Scrolls to its header and gives that the focus. */
  focus(): void {
    this.element.scrollIntoView({ block: 'start' });
    this.header.focus();
  }

  /** A `word` in the title keeps its case, the rest is drawn in capitals. */
  update({ title, word, caption, hint }: SectionTitle): void {
    if (this.title.textContent !== title) {
      const at = word === undefined ? -1 : title.indexOf(word);
      this.title.replaceChildren(
        ...(word === undefined || at < 0
          ? [title]
          : [title.slice(0, at), element('span', { class: 'tokens' }, word), title.slice(at + word.length)]),
      );
    }
    setText(this.caption, caption ?? '');
    this.caption.title = hint ?? caption ?? '';
  }

  private toggle(open: boolean): void {
    if (open !== this.opened) {
      this.setOpen(open);
      this.toggled(open);
    }
  }

  private show(): void {
    this.header.setAttribute('aria-expanded', String(this.opened));
    this.body.hidden = !this.opened;
  }
}

export interface SectionTitle {
  readonly title: string;
  readonly word?: string | undefined;
  readonly caption?: string | undefined;
  /** Said while the pointer rests on the caption. */
  readonly hint?: string | undefined;
}
