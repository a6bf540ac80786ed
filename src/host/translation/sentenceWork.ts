// One sentence on its way through the model: its texts, what came back, what was chosen and forced. Runs nothing itself.
import type { Aligned } from '../../passage/alignWords';
import type { ModelText } from '../../passage/modelTexts';
import { partedSentence, wholeSentence } from '../../passage/modelTexts';
import type { Piece } from '../../passage/splitPassage';
import type { TokenSequence } from '../../shared/tokens';
import type { SentenceTranslation } from '../../shared/translationPage';
import type { BeamTree, TranslatedText, TranslationHypothesis } from '../../shared/translation';
import type { Doubt } from './doubt';
import { doubtOf } from './doubt';
import { joinTrees } from './joinTrees';
import { SentenceForm } from './sentenceForm';

/** What can be wrong with a translation that is there. */
export interface SentenceNotes {
  readonly cutOff: string;
  readonly codeMissing: string;
  readonly marksMissing: string;
  readonly tooLong: string;
  readonly doubts: Readonly<Record<Doubt, string>>;
}

/** How the user wants a text of the sentence to begin. */
export interface Force {
  /** Which of the {@link SentenceWork.texts}. */
  readonly text: number;
  readonly begin: readonly number[];
  /** Tokens of the whole sentence up to the last one of `begin`. */
  readonly tokens: number;
}

interface Whole {
  readonly source: TokenSequence | undefined;
  /** Best first. */
  readonly hypotheses: readonly TranslationHypothesis[];
}

const NOTHING: Whole = { source: undefined, hypotheses: [] };

export class SentenceWork {
  status: SentenceTranslation['status'] = 'waiting';
  tree: BeamTree | undefined;
  private selected = 0;
  /** Tokens at the beginning that the user forced. */
  private forced = 0;
  private form: SentenceForm;
  private results: readonly TranslatedText[] = [];
  /** The results over the document's text. */
  private whole: Whole = NOTHING;
  /** What the model said by itself, while something is forced. */
  private own: readonly TranslatedText[] | undefined;
  /** What is to be forced, until the model has gone on from there. */
  private wanted: Force | undefined;
  private partial: string | undefined;
  private problem: string | undefined;

  constructor(
    readonly number: number,
    private readonly pieces: readonly Piece[],
    private readonly notes: SentenceNotes,
    /** A continuation goes on from the text as it stands. */
    private readonly continues: boolean,
  ) {
    const asItIs = { text: pieces.map(({ text }) => text).join(''), edits: [], codes: [], marks: [] };
    this.form = new SentenceForm(
      continues ? { texts: [asItIs], kept: ['', ''] } : (wholeSentence(pieces) ?? partedSentence(pieces)),
    );
  }

  /** What the model is asked to translate, in order. */
  get texts(): readonly ModelText[] {
    return this.form.texts;
  }

  /** What is asked now: the text whose beginning was forced, or all of them. */
  get asked(): readonly ModelText[] {
    return this.wanted ? [this.texts[this.wanted.text]] : this.texts;
  }

  /** Undefined unless something is to be forced. */
  get force(): Force | undefined {
    return this.wanted;
  }

  /** Whether {@link align} must be told of every hypothesis before the sentence is settled. */
  get hasMarks(): boolean {
    return this.form.hasMarks;
  }

  /** Takes what each token of a translation looked at: it tells where marks go. */
  align(aligned: Aligned): void {
    this.form.placeMarks(aligned);
  }

  /** What has been decoded so far, one for each text that was {@link asked}. */
  stream(targets: readonly string[]): void {
    const { wanted } = this;
    this.partial = this.form.partial(
      wanted
        ? this.chosenOf.map(({ target }, index) => (index === wanted.text ? targets[0] : target.text))
        : targets,
    );
  }

  /**
   * Takes what came back, one for each text that was {@link asked}. False when code or marks did not come back in any hypothesis: the
   * sentence then has other {@link texts}, which must be translated instead.
   */
  settle(results: readonly TranslatedText[]): boolean {
    const { wanted } = this;
    if (wanted) {
      this.own ??= this.results;
      const chosen = this.selected;
      const kept = this.results.map((each) => ({
        ...each,
        hypotheses: each.hypotheses.slice(chosen, chosen + 1),
      }));
      this.take(kept.map((each, index) => (index === wanted.text ? results[0] : each)));
      this.forced = wanted.tokens;
      this.wanted = undefined;
      this.tree = undefined;
      return true;
    }
    const usable = this.form.usable(results);
    if (usable.some(({ hypotheses }) => hypotheses.length === 0)) {
      this.form = new SentenceForm(partedSentence(this.pieces));
      return false;
    }
    this.take(usable);
    this.forced = 0;
    this.tree = joinTrees(usable);
    return true;
  }

  /** Takes the tree of a search that was made again. */
  keepTree(results: readonly TranslatedText[]): void {
    this.tree = joinTrees(results);
  }

  /** Puts another hypothesis into the text; false where there is none. */
  choose(hypothesis: number): boolean {
    const isThere = hypothesis >= 0 && hypothesis < this.whole.hypotheses.length;
    if (isThere) {
      this.selected = hypothesis;
      this.wanted = undefined;
      this.status = 'done';
    }
    return isThere;
  }

  /** To begin otherwise at a step of the sentence; what was there before is kept for {@link unforce}. False for steps that there are not. */
  want(step: number, id: number): boolean {
    const place = this.placeOf(step);
    if (place) {
      const begin = [...this.chosenOf[place.text].ids.slice(0, place.step), id];
      this.wanted = { text: place.text, begin, tokens: step + 1 };
      this.partial = undefined;
      this.wait();
    }
    return place !== undefined;
  }

  /** Its run has come to an end before it was done: what was decoded stays. */
  interrupt(status: 'waiting' | 'failed'): void {
    this.status = this.results.length > 0 && !this.wanted ? 'done' : status;
  }

  /** To be translated, whatever happened to it before. */
  wait(): void {
    this.status = 'waiting';
    this.problem = undefined;
  }

  /** What the model said by itself; nothing where it has said nothing yet. */
  unforce(): void {
    if (this.results.length > 0) {
      this.wanted = undefined;
      this.take(this.own ?? this.results);
      this.own = undefined;
      this.forced = 0;
      this.tree = undefined;
    }
  }

  /** The model cannot read it. */
  fail(): void {
    this.status = 'failed';
    this.problem = this.notes.tooLong;
  }

  /** The chosen hypothesis of each text; empty until it is done. */
  get chosenOf(): readonly TranslationHypothesis[] {
    return this.results.map(({ hypotheses }) => hypotheses[this.results.length === 1 ? this.selected : 0]);
  }

  /** What each text began with for the chosen hypothesis, as far as it was forced. */
  get beginnings(): readonly (readonly number[] | undefined)[] {
    const last = this.forced > 0 ? this.placeOf(this.forced - 1) : undefined;
    return this.chosenOf.map(({ ids }, text) =>
      last?.text === text ? ids.slice(0, last.step + 1) : undefined,
    );
  }

  /** Which text the step of the whole sentence lies in, and which step of that text it is. */
  placeOf(step: number): { readonly text: number; readonly step: number } | undefined {
    let before = 0;
    for (const [text, { logProbabilities }] of this.chosenOf.entries()) {
      if (step >= before && step < before + logProbabilities.length) {
        return { text, step: step - before };
      }
      before += logProbabilities.length;
    }
    return undefined;
  }

  /** The translation as it would stand in the document, in one line; undefined where there is none to speak of. */
  get translation(): string | undefined {
    return this.status === 'failed' || this.wanted || this.doubt === 'empty'
      ? undefined
      : this.whole.hypotheses[this.selected]?.target.text;
  }

  /** As {@link translation}, or what there is of one. */
  get soFar(): string | undefined {
    return this.translation ?? (this.partial === '' ? undefined : this.partial);
  }

  shown(): SentenceTranslation {
    const { hypotheses, source } = this.whole;
    const hypothesis = hypotheses.at(this.selected);
    const text = this.status === 'done' ? hypothesis?.target.text : undefined;
    return {
      sentence: this.number,
      status: this.status,
      text: text ?? this.partial ?? (this.wanted && hypothesis?.target.text) ?? '',
      source,
      hypotheses,
      chosen: this.selected,
      forced: this.wanted?.tokens ?? this.forced,
      doubtful: this.status === 'done' && this.doubt !== undefined,
      note: this.problem ?? this.noteOn(hypothesis),
    };
  }

  /** Takes the tokens of all texts over to the whole sentence. */
  wholeSource(sources: readonly TokenSequence[]): TokenSequence {
    return this.form.source(sources);
  }

  wholeTarget(targets: readonly TokenSequence[]): TokenSequence {
    return this.form.target(targets);
  }

  private take(results: readonly TranslatedText[]): void {
    this.results = results;
    this.selected = 0;
    this.status = 'done';
    const choices =
      results.length === 1
        ? results[0].hypotheses.map((hypothesis) => [hypothesis])
        : [results.map(({ hypotheses }) => hypotheses[0])];
    this.whole = {
      source: this.form.source(results.map(({ source }) => source)),
      hypotheses: choices.map((parts) => this.form.hypothesis(parts)),
    };
  }

  private noteOn(hypothesis: TranslationHypothesis | undefined): string | undefined {
    if (!hypothesis || this.status !== 'done') {
      return undefined;
    }
    const { text } = hypothesis.target;
    const missing = (of: readonly string[]) => of.some((each) => !text.includes(each));
    if (missing(this.texts.flatMap(({ codes }) => codes.map(({ code }) => code)))) {
      return this.notes.codeMissing;
    }
    const [chosen] = this.chosenOf;
    if (this.hasMarks && !this.form.isWhole(chosen.target.text)) {
      return this.notes.marksMissing;
    }
    const { doubt } = this;
    return !hypothesis.ended ? this.notes.cutOff : doubt && this.notes.doubts[doubt];
  }

  /** Nobody can tell of a continuation whether it is made up: all of it is. */
  private get doubt(): Doubt | undefined {
    const { chosenOf } = this;
    return this.continues
      ? undefined
      : doubtOf(
          this.results.map(({ source }, index) => ({ source, hypothesis: chosenOf[index] })),
          this.forced,
        );
  }
}
