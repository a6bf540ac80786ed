// The hypotheses of one sentence, best first, with what differs from the one in the text in bold; a click puts one there.
import type { SentenceTranslation } from '../../src/shared/translationPage';
import { element, setAttributes, setText } from '../dom';
import { formatNumber } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import type { TranslationStore } from './translationStore';
import { wordDiff } from './wordDiff';

export class OtherTranslations {
  readonly element: HTMLElement;
  private readonly list = element('div', {
    class: 'others',
    role: 'listbox',
    tabindex: 0,
    'aria-label': strings.othersLabel,
    'data-role': 'others-list',
  });
  private readonly note = element('p', { class: 'caption section-note' });
  private shown = '';
  private sentence: SentenceTranslation | undefined;
  private active = 0;

  constructor(private readonly store: TranslationStore) {
    this.element = element('div', {}, this.list, this.note);
    this.list.addEventListener('keydown', (event) => this.press(event));
    this.list.addEventListener('focus', () => this.activate(this.sentence?.chosen ?? 0));
    this.list.addEventListener('blur', () => this.activate(undefined));
  }

  update(sentence: SentenceTranslation | undefined): void {
    this.sentence = sentence;
    const hypotheses = sentence?.hypotheses ?? [];
    const key = JSON.stringify([
      sentence?.sentence,
      sentence?.chosen,
      hypotheses.map(({ target, score }) => [target.text, score]),
    ]);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    const chosen = hypotheses[sentence?.chosen ?? 0]?.target.text ?? '';
    this.list.replaceChildren(
      ...hypotheses.map(({ target, score, logProbability, ended }, index) => {
        const own = index === sentence?.chosen;
        const row = element(
          'div',
          {
            class: 'other',
            role: 'option',
            id: `other-${index}`,
            'aria-selected': String(own),
            'data-hypothesis': index,
            title: strings.otherTitle(index + 1, formatNumber(score), formatNumber(logProbability)),
          },
          element('span', { class: 'number other-rank' }, String(index + 1)),
          element(
            'span',
            { class: 'other-text' },
            ...wordDiff(target.text, chosen).map(({ text, differs }) =>
              differs ? element('b', {}, text) : text,
            ),
            ...(ended ? [] : [element('span', { class: 'caption' }, ` ${strings.unended}`)]),
          ),
          element('span', { class: 'number caption' }, formatNumber(score)),
        );
        row.addEventListener('click', () => this.choose(index));
        return row;
      }),
    );
    this.list.hidden = hypotheses.length === 0;
    const waiting = hypotheses.length === 0 && sentence !== undefined;
    setText(this.note, waiting ? strings.othersWaiting : hypotheses.length === 1 ? strings.othersNone : '');
    this.note.hidden = this.note.textContent === '';
  }

  private choose(hypothesis: number): void {
    const { sentence } = this;
    if (sentence && hypothesis !== sentence.chosen) {
      this.store.tell((host) => host.choose({ sentence: sentence.sentence, hypothesis }));
    }
  }

  private press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      this.activate(this.active + step);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.choose(this.active);
    } else {
      return;
    }
    event.preventDefault();
  }

  private activate(index: number | undefined): void {
    const rows = [...this.list.children];
    this.active = Math.max(0, Math.min(index ?? 0, rows.length - 1));
    rows.forEach((row, at) => row.classList.toggle('active', index !== undefined && at === this.active));
    setAttributes(this.list, {
      'aria-activedescendant': index === undefined ? undefined : `other-${this.active}`,
    });
  }
}
