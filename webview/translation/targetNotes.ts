// What is to be said below the text: how many words were forced and how to take it back, and what went less than well.
import type { SentenceTranslation, TranslationState } from '../../src/shared/translationPage';
import { element, setText } from '../dom';
import { translationStrings as strings } from '../strings/translationStrings';
import type { TranslationStore } from './translationStore';

/** Sentences whose beginning was forced, each with its own line. */
const MOST = 3;
/** Sentences of which the same is said. */
const NUMBERS = 6;

export class TargetNotes {
  readonly element = element('div', { class: 'target-notes caption', 'data-role': 'target-notes' });
  private shown = '';

  /** `reveal` brings a sentence into sight. */
  constructor(
    private readonly store: TranslationStore,
    private readonly reveal: (sentence: number) => void,
  ) {}

  update({ sentences }: TranslationState): void {
    const noted = sentences.filter(({ note }) => note !== undefined);
    const forced = sentences.filter((sentence) => sentence.forced > 0);
    const key = JSON.stringify([
      noted.map(({ sentence, note }) => [sentence, note]),
      forced.map((each) => [each.sentence, each.forced]),
    ]);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    const groups = grouped(noted);
    const many = sentences.length > 1;
    this.element.replaceChildren(
      ...forced.slice(0, MOST).map(({ sentence }) => {
        const undo = element(
          'button',
          { class: 'link', type: 'button', 'data-control': 'unforce' },
          strings.unforce,
        );
        undo.addEventListener('click', () => this.store.tell((host) => host.unforce({ sentence })));
        return element('p', {}, many ? strings.forcedIn(sentence + 1) : strings.forcedHere, ' ', undo);
      }),
      ...groups.map(([note, about]) => element('p', {}, ...(many ? this.about(about) : []), note)),
    );
    const more = Math.max(0, forced.length - MOST);
    if (more > 0) {
      const rest = element('p');
      setText(rest, strings.moreNotes(more));
      this.element.append(rest);
    }
  }

  /** The numbers of some sentences, from 1; a click on one shows the sentence. */
  private about(sentences: readonly number[]): (Node | string)[] {
    const links = sentences.slice(0, NUMBERS).flatMap((sentence, index) => {
      const number = String(sentence + 1);
      const link = element(
        'button',
        { class: 'link', type: 'button', title: strings.showSentence, 'data-control': 'show-sentence' },
        number,
      );
      link.addEventListener('click', () => this.reveal(sentence));
      return index === 0 ? [link] : [', ', link];
    });
    const more = Math.max(0, sentences.length - NUMBERS);
    return [strings.noteOf(sentences.length), ...links, strings.noteOfMore(more)];
  }
}

/** Each note with the sentences that it is about. */
function grouped(sentences: readonly SentenceTranslation[]): (readonly [string, readonly number[]])[] {
  const about = new Map<string, number[]>();
  for (const { sentence, note = '' } of sentences) {
    const known = about.get(note);
    if (known) {
      known.push(sentence);
    } else {
      about.set(note, [sentence]);
    }
  }
  return [...about];
}
