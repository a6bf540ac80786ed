// All selected places on one side, as text: sentences among the parts that are kept as they are. Knows pointer and keys.
import { element, setAttributes } from '../dom';
import { chunksOf } from './chunks';
import type { LightScale } from './lightScale';
import type { SentenceContent, TextSide } from './sentenceContent';
import { SentenceSpan } from './sentenceSpan';
import type { WordRef } from './translationStore';
import type { Passage } from '../../src/shared/translationPage';
import { nextWord } from './wordKeys';

/** Sentences in one block of text, about. */
const CHUNK = 12;

/** Distance from which on sentences get their words before they come in sight. */
const MARGIN = '300px';

/** What a text reports. */
export interface TextListener {
  point(ref: WordRef | undefined): void;
  focus(ref: WordRef): void;
  blur(): void;
  /** A click, or Enter. */
  pin(ref: WordRef, byKeyboard: boolean): void;
  openInExplorer(ref: WordRef): void;
  /** Other sentences are in sight. */
  sighted(): void;
}

export class TextBox {
  readonly element: HTMLElement;
  private readonly spans = new Map<number, SentenceSpan>();
  private readonly observer: IntersectionObserver;
  private readonly visible = new Set<number>();
  private passages = '';
  private lit: SentenceSpan | undefined;
  private marked: HTMLElement | undefined;
  private hinted: HTMLElement | undefined;
  /** Gets the focus back, which is no wish to look at a word. */
  private quiet = false;
  /** The word that the keys are on. */
  private active: WordRef | undefined;

  constructor(
    private readonly side: TextSide,
    label: string,
    private readonly listener: TextListener,
  ) {
    this.element = element('div', {
      class: 'text-box',
      role: 'group',
      tabindex: 0,
      'aria-label': label,
      'data-role': `${side}-text`,
    });
    this.observer = new IntersectionObserver((entries) => this.sight(entries), {
      root: this.element,
      rootMargin: MARGIN,
    });
    this.element.addEventListener('pointerover', (event) => listener.point(this.refOf(event.target)));
    this.element.addEventListener('pointerleave', () => listener.point(undefined));
    this.element.addEventListener('click', (event) => {
      const ref = this.refOf(event.target);
      // Who drags over the text wants to select it.
      if (ref && getSelection()?.isCollapsed !== false) {
        this.active = ref;
        listener.pin(ref, false);
      }
    });
    this.element.addEventListener('keydown', (event) => this.press(event));
    this.element.addEventListener('focus', () => {
      if (!this.quiet && this.element.matches(':focus-visible')) {
        this.moveTo(this.active ?? this.firstWord());
      }
    });
    this.element.addEventListener('blur', () => {
      setAttributes(this.element, { 'aria-activedescendant': undefined });
      listener.blur();
    });
  }

  /** Sentences in sight, in the order of the text. */
  get inSight(): readonly number[] {
    return [...this.visible].sort((a, b) => a - b);
  }

  /** Shows these places; returns whether they are others than before. The sentences are filled by `fill`. */
  setPassages(passages: readonly Passage[]): boolean {
    const key = JSON.stringify(passages);
    if (key === this.passages) {
      return false;
    }
    this.passages = key;
    this.observer.disconnect();
    this.visible.clear();
    this.spans.clear();
    [this.lit, this.marked, this.active] = [undefined, undefined, undefined];
    const chunks = chunksOf(passages, CHUNK).map(({ parts, begins }) =>
      element(
        'div',
        { class: begins ? 'chunk place' : 'chunk' },
        ...parts.map((part) =>
          part.kind === 'kept'
            ? element('span', { class: 'kept' }, part.text)
            : this.span(part.sentence).element,
        ),
      ),
    );
    this.element.replaceChildren(...chunks);
    this.element.scrollTop = 0;
    this.spans.forEach((span) => this.observer.observe(span.element));
    return true;
  }

  fill(sentence: number, content: SentenceContent): void {
    this.spans.get(sentence)?.update(content);
  }

  /** Lights words of one sentence; undefined lights nothing. */
  light(sentence: number, weights: readonly number[] | undefined, scale: LightScale): void {
    const span = this.spans.get(sentence);
    if (this.lit !== span) {
      this.lit?.light(undefined, scale);
    }
    this.lit = span;
    span?.light(weights, scale);
  }

  /** Frames the word that is looked at. */
  mark(ref: WordRef | undefined, description: string): void {
    const word = ref?.side === this.side ? this.wordOf(ref) : undefined;
    if (this.marked && this.marked !== word) {
      this.marked.classList.remove('looked');
      setAttributes(this.marked, { id: undefined, role: undefined, 'aria-label': undefined });
    }
    this.marked = word;
    if (word) {
      word.classList.add('looked');
      setAttributes(word, {
        id: `${this.side}-word`,
        role: this.side === 'target' ? 'button' : 'mark',
        'aria-label': description,
      });
    }
  }

  /** Frames a word that something else on the page is about. */
  hint(ref: WordRef | undefined): void {
    this.hinted?.classList.remove('hinted');
    this.hinted = ref && this.wordOf(ref);
    this.hinted?.classList.add('hinted');
  }

  /** Scrolls a sentence into sight, within the text only. */
  reveal(sentence: number): void {
    const span = this.spans.get(sentence)?.element;
    if (span && !this.visible.has(sentence)) {
      this.scrollTo(span);
    }
  }

  /** Takes the keyboard back from a card; nothing opens by it. */
  refocus(): void {
    this.quiet = true;
    this.element.focus({ preventScroll: true });
    this.quiet = false;
  }

  /** Where a word is on the screen: one rectangle per line. */
  rectsOf(ref: WordRef): readonly DOMRect[] {
    return [...(this.wordOf(ref)?.getClientRects() ?? [])];
  }

  private span(sentence: number): SentenceSpan {
    const span = new SentenceSpan(sentence, this.side === 'source', () => {
      if (this.lit === span) {
        this.lit = undefined;
      }
    });
    this.spans.set(sentence, span);
    return span;
  }

  private wordOf({ sentence, word }: WordRef): HTMLElement | undefined {
    return this.spans.get(sentence)?.wordElement(word);
  }

  private refOf(target: EventTarget | null): WordRef | undefined {
    const word = target instanceof HTMLElement ? target.closest<HTMLElement>('[data-word]') : null;
    const sentence = word?.closest<HTMLElement>('[data-sentence]');
    return word && sentence
      ? {
          side: this.side,
          sentence: Number(sentence.dataset['sentence']),
          word: Number(word.dataset['word']),
        }
      : undefined;
  }

  private sight(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const sentence = Number((target as HTMLElement).dataset['sentence']);
      this.spans.get(sentence)?.setNear(isIntersecting);
      if (isIntersecting) {
        this.visible.add(sentence);
      } else {
        this.visible.delete(sentence);
      }
    }
    this.listener.sighted();
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const from = this.active ?? this.firstWord();
    if (!from) {
      return;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      this.listener.pin(from, true);
    } else if (event.key.toLowerCase() === 'o') {
      this.listener.openInExplorer(from);
    } else {
      const next = nextWord(event.key, from, this.spans);
      if (!next) {
        return;
      }
      this.moveTo({ side: this.side, ...next });
    }
    event.preventDefault();
  }

  private firstWord(): WordRef | undefined {
    for (const sentence of [...this.inSight, ...this.spans.keys()]) {
      const word = this.spans.get(sentence)?.wordIndexes[0];
      if (word !== undefined) {
        return { side: this.side, sentence, word };
      }
    }
    return undefined;
  }

  private moveTo(ref: WordRef | undefined): void {
    if (!ref) {
      return;
    }
    this.active = ref;
    this.spans.get(ref.sentence)?.setNear(true);
    const word = this.wordOf(ref);
    if (word) {
      this.scrollTo(word);
    }
    this.listener.focus(ref);
    setAttributes(this.element, { 'aria-activedescendant': word && `${this.side}-word` });
  }

  /** Brings something of the text into the part that is seen; leaves the page where it is. */
  private scrollTo(part: HTMLElement): void {
    const box = this.element.getBoundingClientRect();
    const { top, bottom, height } = part.getBoundingClientRect();
    if (top < box.top || height > box.height) {
      this.element.scrollTop += top - box.top - 4;
    } else if (bottom > box.bottom) {
      this.element.scrollTop += bottom - box.bottom + 4;
    }
  }
}
