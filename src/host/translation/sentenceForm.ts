// A sentence as the model is asked about it, and the way back: texts, tokens and hypotheses over the document's text, marks and code in place.
import type { Aligned } from '../../passage/alignWords';
import { applyEdits, joinSequences, mapSequence } from '../../passage/mapSequence';
import type { ModelSentence, ModelText } from '../../passage/modelTexts';
import { mergeEdits, restore, restoreLoosely, restoreMarks } from '../../passage/modelTexts';
import type { PlacedMarks } from '../../passage/placeMarks';
import type { TokenSequence } from '../../shared/tokens';
import type { TranslatedText, TranslationHypothesis } from '../../shared/translation';

export class SentenceForm {
  /** Where marks go in a translation, by its text. */
  private readonly marks = new Map<string, PlacedMarks>();

  constructor(private readonly model: ModelSentence) {}

  /** What the model is asked to translate, in order. */
  get texts(): readonly ModelText[] {
    return this.model.texts;
  }

  /** Whether {@link placeMarks} must be told of every translation. */
  get hasMarks(): boolean {
    return this.texts.some(({ marks }) => marks.length > 0);
  }

  /** Finds the places of the marks in a translation. */
  placeMarks(aligned: Aligned): void {
    this.marks.set(aligned.target.text, restoreMarks(this.texts[0], aligned));
  }

  /** What came back without the hypotheses in which code or marks are lost. */
  usable(results: readonly TranslatedText[]): readonly TranslatedText[] {
    return results.map((result, index) => ({
      ...result,
      hypotheses: result.hypotheses.filter(({ target }) => this.isWhole(target.text, this.texts[index])),
    }));
  }

  /** Whether code and marks are all in a translation of a single text. */
  isWhole(target: string, text = this.texts[0]): boolean {
    return (
      restore(target, text) !== undefined &&
      (text.marks.length === 0 || this.marks.get(target)?.complete === true)
    );
  }

  /** The sentence as far as it has been decoded; marks come with its end. */
  partial(targets: readonly string[]): string {
    return this.assembled(
      this.texts.map((text, index) => {
        const target = targets[index] ?? '';
        return applyEdits(target, restoreLoosely(target, text));
      }),
    );
  }

  /** The tokens of all texts over the document's sentence. */
  source(sources: readonly TokenSequence[]): TokenSequence {
    return this.joined(
      sources.map((source, index) => {
        const { text, edits } = this.texts[index];
        return mapSequence(source, source.text === text ? edits : []);
      }),
    );
  }

  /** The tokens of all translations over the sentence as it would stand in the document. */
  target(targets: readonly TokenSequence[]): TokenSequence {
    return this.joined(
      targets.map((target, index) => {
        const code = restoreLoosely(target.text, this.texts[index]);
        return mapSequence(target, mergeEdits(code, this.marks.get(target.text)?.edits ?? []));
      }),
    );
  }

  /** One hypothesis of each text as one of the sentence. */
  hypothesis(parts: readonly TranslationHypothesis[]): TranslationHypothesis {
    const sum = (value: (part: TranslationHypothesis) => number) =>
      parts.reduce((so, part) => so + value(part), 0);
    return {
      target: this.target(parts.map(({ target }) => target)),
      ids: parts.flatMap(({ ids }) => ids),
      logProbabilities: parts.flatMap(({ logProbabilities }) => logProbabilities),
      logProbability: sum(({ logProbability }) => logProbability),
      score: sum(({ score }) => score) / parts.length,
      ended: parts.every(({ ended }) => ended),
    };
  }

  private joined(sequences: readonly TokenSequence[]): TokenSequence {
    const texts = sequences.map(({ text }) => text);
    const starts = texts.map((_, index) => this.assembled(texts.slice(0, index)).length);
    return joinSequences(this.assembled(texts), sequences, starts);
  }

  private assembled(texts: readonly string[]): string {
    const { kept } = this.model;
    return texts.reduce((so, text, index) => so + text + kept[index + 1], kept[0]);
  }
}
