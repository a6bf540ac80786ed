// One sentence in a text: plain text while it is out of sight, its words when it is near, with their marks and light.
import { element, setAttributes } from '../dom';
import { translationStrings as strings } from '../strings/translationStrings';
import type { LightScale } from './lightScale';
import type { SentenceContent } from './sentenceContent';

export class SentenceSpan {
  readonly element: HTMLElement;
  private readonly words = new Map<number, HTMLElement>();
  private content: SentenceContent | undefined;
  private shown = '';
  private near = false;
  private lit: readonly HTMLElement[] = [];

  constructor(
    readonly sentence: number,
    /** Whether words say what is remarkable about them where the pointer rests; those with a card say it there. */
    private readonly titled: boolean,
    private readonly changed: () => void,
  ) {
    this.element = element('span', { class: 'sentence', 'data-sentence': sentence });
  }

  update(content: SentenceContent): void {
    const key = JSON.stringify(content);
    if (key !== this.shown) {
      this.shown = key;
      this.content = content;
      this.draw();
    }
  }

  /** Only what is near has words of its own: thousands of them would make everything slow. */
  setNear(near: boolean): void {
    if (near !== this.near) {
      this.near = near;
      this.draw();
    }
  }

  /** Indexes of the words that can be pointed at, in the order of the text. */
  get wordIndexes(): readonly number[] {
    return this.content?.words.map(({ word }) => word) ?? [];
  }

  wordElement(word: number): HTMLElement | undefined {
    return this.words.get(word);
  }

  /** Lights words by their weights; no weights, no light. */
  light(weights: readonly number[] | undefined, scale: LightScale): void {
    for (const word of this.lit) {
      word.style.backgroundColor = '';
      word.style.boxShadow = '';
      word.removeAttribute('data-weight');
    }
    this.lit = [];
    if (weights) {
      this.lit = [...this.words].flatMap(([index, word]) => {
        const colours = scale.colours(weights[index]);
        if (!colours) {
          return [];
        }
        word.style.backgroundColor = colours.background;
        word.style.boxShadow = `inset 0 -2px ${colours.line}`;
        word.setAttribute('data-weight', String(weights[index]));
        return [word];
      });
    }
  }

  private draw(): void {
    const { content } = this;
    this.words.clear();
    this.lit = [];
    if (!content) {
      return;
    }
    this.element.classList.toggle('waiting', content.waiting);
    this.element.classList.toggle('failed', content.failed);
    this.element.classList.toggle('unfinished', content.unfinished);
    setAttributes(this.element, { title: content.unfinished ? strings.unfinishedHow : undefined });
    if (!this.near || content.words.length === 0) {
      this.element.textContent = content.text;
    } else {
      this.element.replaceChildren(...this.wordsOf(content));
    }
    this.changed();
  }

  private wordsOf({ text, words }: SentenceContent): Node[] {
    const nodes: Node[] = [];
    let at = 0;
    for (const { word, start, end, marks, title } of words) {
      if (start < at) {
        continue;
      }
      if (start > at) {
        nodes.push(document.createTextNode(text.slice(at, start)));
      }
      const span = element('span', { 'data-word': word }, text.slice(start, end));
      span.className = ['word', ...marks].join(' ');
      setAttributes(span, { title: (this.titled && title) || undefined });
      this.words.set(word, span);
      nodes.push(span);
      at = end;
    }
    if (at < text.length) {
      nodes.push(document.createTextNode(text.slice(at)));
    }
    return nodes;
  }
}
