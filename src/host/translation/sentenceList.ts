// What is translated as sentences in their passages: how they fell out of the selected places, and how they become texts again.
import { compose } from '../../passage/compose';
import type { SplitPassage } from '../../passage/splitPassage';
import { UserError } from '../../shared/errors';
import type { Passage, SentenceTranslation } from '../../shared/translationPage';
import type { SentencePlace } from './passages';
import { passagesOf, placeOfSentence } from './passages';
import type { SentenceNotes } from './sentenceWork';
import { SentenceWork } from './sentenceWork';

export class SentenceList {
  /** As the page shows them. */
  readonly passages: readonly Passage[];
  readonly works: readonly SentenceWork[];

  constructor(
    readonly split: readonly SplitPassage[],
    notes: SentenceNotes,
    /** Whether the model goes on with the texts. */
    readonly continues: boolean,
  ) {
    this.passages = passagesOf(split);
    this.works = split
      .flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'sentence' ? [part.pieces] : [])))
      .map((pieces, number) => new SentenceWork(number, pieces, notes, continues));
  }

  /** @throws UserError `badRequest` */
  work(sentence: number): SentenceWork {
    const work = this.works.at(sentence);
    if (!work) {
      throw new UserError('badRequest', `There is no sentence ${sentence}.`);
    }
    return work;
  }

  shown(): readonly SentenceTranslation[] {
    return this.works.map((work) => work.shown());
  }

  /** How many sentences need nothing more. */
  get settled(): number {
    return this.works.filter(({ status }) => status === 'done' || status === 'failed').length;
  }

  /** The place that a sentence is in, and its offset there. */
  placeOf(sentence: number): SentencePlace | undefined {
    return placeOfSentence(this.split, sentence);
  }

  /** What is running comes to an end before it is done, but for those that somebody else runs. */
  interrupt(status: 'waiting' | 'failed', others: (work: SentenceWork) => boolean = () => false): void {
    this.works
      .filter((work) => work.status === 'running' && !others(work))
      .forEach((work) => work.interrupt(status));
  }

  /**
   * The text of each place with its sentences translated; a continuation goes on after its text.
   * @param unfinished Whether sentences count of which there is only a part, as long as no other one is finished.
   */
  composed(unfinished: boolean): readonly string[] {
    const parts = unfinished && this.works.every(({ translation }) => translation === undefined);
    let sentence = 0;
    return this.split.map((passage) => {
      const first = sentence;
      const texts = passage.parts.flatMap((part) => (part.kind === 'sentence' ? [part.text] : []));
      sentence += texts.length;
      return compose(passage, (index) => {
        const work = this.works.at(first + index);
        const text = parts ? work?.soFar : work?.translation;
        return this.continues && text !== undefined ? texts[index] + text : text;
      });
    });
  }

  /** What the model said of each place, one after the other: the continuation alone, where it continues. */
  get continuations(): readonly string[] | undefined {
    return this.continues ? this.works.map(({ soFar }) => soFar ?? '') : undefined;
  }
}
