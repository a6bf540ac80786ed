// The lists about one sentence, or one word of it: other translations, where the word comes from, the tree of the search.
import type { HeadChoice, TranslationExplanation } from '../../src/shared/translation';
import type { Section } from '../side/section';
import { translationStrings as strings } from '../strings/translationStrings';
import { BeamTreeSection } from './beamTreeSection';
import { ComesFrom } from './comesFrom';
import { headsCaption } from './comesFromFacts';
import type { Explained } from './explanations';
import type { LightScale } from './lightScale';
import { OtherTranslations } from './otherTranslations';
import type { TranslationStore, WordRef } from './translationStore';

/** What the lists ask of the view that they are a part of. */
export interface SentenceListParts {
  readonly store: TranslationStore;
  /** What is known of the sentence; undefined while nothing is. */
  readonly explanation: () => TranslationExplanation | undefined;
  /** Asks for what is not known. */
  readonly want: (ref: WordRef) => Explained | undefined;
  /** Points out a word of a list in the texts. */
  readonly hint: (side: WordRef['side'], word: number | undefined) => void;
  readonly pin: (ref: WordRef) => void;
}

/** The sections that the lists stand in. */
export interface ListSections {
  readonly others: Section;
  readonly comesFrom: Section;
  readonly beam: Section;
}

/** The word that is looked at for longer than a moment. */
export function restedWord({ look: { pinned, rested } }: TranslationStore): WordRef | undefined {
  return pinned ?? rested;
}

export class SentenceLists {
  readonly others: OtherTranslations;
  readonly comesFrom: ComesFrom;
  readonly beam: BeamTreeSection;
  private sections: ListSections | undefined;

  constructor(private readonly parts: SentenceListParts) {
    const { store, hint, pin } = parts;
    const { host } = store;
    this.others = new OtherTranslations(store);
    this.comesFrom = new ComesFrom({
      hover: hint,
      pick: (side, word) => {
        const sentence = restedWord(store)?.sentence;
        if (sentence !== undefined) {
          pin({ side, sentence, word });
        }
      },
      setHeads: (heads: HeadChoice) => store.tell(() => host.setHeads(heads)),
    });
    this.beam = new BeamTreeSection(host.tree, () => this.redraw());
  }

  setScale(scale: LightScale): void {
    this.comesFrom.setScale(scale);
  }

  /** Draws them into their sections. */
  draw(sections: ListSections): void {
    this.sections = sections;
    const { store, explanation: explain, want } = this.parts;
    const { state } = store;
    if (!state) {
      return;
    }
    const sentence = store.activeSentence;
    const where = sentence && strings.othersCaption(sentence.sentence + 1, state.sentences.length);
    this.others.update(sentence);
    sections.others.update({ title: strings.sections[state.mode].others, caption: where });
    const ref = restedWord(store);
    const explanation = ref && explain();
    const word = ref && explanation?.[ref.side].words[ref.word]?.label;
    const explained = ref && !explanation ? want(ref) : undefined;
    this.comesFrom.update(state, ref, explanation, explained?.status === 'failed' ? explained.message : '');
    sections.comesFrom.update({
      title:
        word === undefined
          ? strings.comesFrom
          : (ref?.side === 'source' ? strings.wordGoesTo : strings.wordComesFrom)(word),
      word,
      caption: headsCaption(state),
      hint: ref?.side === 'source' ? strings.goesToHow : strings.comesFromHow,
    });
    const nodes = this.beam.update(state, sentence, sections.beam.open);
    sections.beam.update({
      title: strings.beamTree,
      caption: [...(nodes === undefined ? [] : [strings.treeCaption(nodes)]), ...(where ? [where] : [])].join(
        ', ',
      ),
    });
  }

  private redraw(): void {
    if (this.sections) {
      this.draw(this.sections);
    }
  }
}
