// What is to be said below the text: how many words were forced and how to take it back, and what went less than well.
import type { TranslationState } from '../../src/shared/translationPage';
import { element, setText } from '../dom';
import { translationStrings as strings } from '../strings/translationStrings';
import type { TranslationStore } from './translationStore';

const MOST = 3;

export class TargetNotes {
  readonly element = element('div', { class: 'target-notes caption', 'data-role': 'target-notes' });
  private shown = '';

  constructor(private readonly store: TranslationStore) {}

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
      ...noted
        .slice(0, MOST)
        .map(({ sentence, note }) =>
          element('p', {}, many ? strings.noteOf(sentence + 1, note ?? '') : (note ?? '')),
        ),
    );
    const more = Math.max(0, forced.length - MOST) + Math.max(0, noted.length - MOST);
    if (more > 0) {
      const rest = element('p');
      setText(rest, strings.moreNotes(more));
      this.element.append(rest);
    }
  }
}
