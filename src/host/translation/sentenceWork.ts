// One sentence on its way through the model: its texts, what came back, what was chosen and forced. Runs nothing itself.
import { applyEdits, joinSequences, mapSequence } from '../../passage/mapSequence';
import type { Edit } from '../../passage/mapSequence';
import type { ModelSentence, ModelText } from '../../passage/modelTexts';
import { partedSentence, restore, restoreLoosely, wholeSentence } from '../../passage/modelTexts';
import type { Piece } from '../../passage/splitPassage';
import type { TokenSequence } from '../../shared/tokens';
import type { SentenceTranslation } from '../../shared/translationPage';
import type { BeamTree, TranslatedText, TranslationHypothesis } from '../../shared/translation';

/** What can be wrong with a translation that is there. */
export interface SentenceNotes {
  readonly cutOff: string;
  readonly codeMissing: string;
  readonly tooLong: string;
}

interface Whole {
  readonly source: TokenSequence | undefined;
  /** Best first. */
  readonly hypotheses: readonly TranslationHypothesis[];
}

const NOTHING: Whole = { source: undefined, hypotheses: [] };

export class SentenceWork {
  status: SentenceTranslation['status'] = 'waiting';
  chosen = 0;
  /** Tokens at the beginning that the user forced. */
  forced = 0;
  tree: BeamTree | undefined;
  private form: ModelSentence;
  private results: readonly TranslatedText[] = [];
  /** The results over the document's text. */
  private whole: Whole = NOTHING;
  /** What the model said by itself, while something is forced. */
  private own: readonly TranslatedText[] | undefined;
  private partial = '';
  private problem: string | undefined;

  constructor(
    readonly number: number,
    private readonly pieces: readonly Piece[],
    private readonly notes: SentenceNotes,
    /** A continuation goes on from the text as it stands. */
    continues: boolean,
  ) {
    const asItIs = { text: pieces.map(({ text }) => text).join(''), edits: [], codes: [] };
    this.form = continues
      ? { texts: [asItIs], kept: ['', ''] }
      : (wholeSentence(pieces) ?? partedSentence(pieces));
  }

  /** What the model is asked to translate, in order. */
  get texts(): readonly ModelText[] {
    return this.form.texts;
  }

  /** What has been decoded so far, one per text. */
  stream(targets: readonly string[]): void {
    this.partial = assembled(
      this.form,
      this.form.texts.map((text, index) => {
        const target = targets[index] ?? '';
        return applyEdits(target, restoreLoosely(target, text));
      }),
    );
  }

  /**
   * Takes what came back, one per text. False when code did not come back in any hypothesis: the sentence then has other
   * {@link texts}, which must be translated instead.
   */
  settle(results: readonly TranslatedText[]): boolean {
    const usable = results.map((result, index) => withCode(result, this.form.texts[index]));
    if (usable.some(({ hypotheses }) => hypotheses.length === 0)) {
      this.form = partedSentence(this.pieces);
      return false;
    }
    this.take(usable);
    this.chosen = 0;
    this.tree = joinTrees(usable);
    this.status = 'done';
    return true;
  }

  /** Takes what came back after a force of `forced` tokens in all; what was there before is kept for {@link unforce}. */
  settleForced(text: number, result: TranslatedText, forced: number): void {
    this.own ??= this.results;
    const kept = this.results.map((each) => alone(each, this.chosen));
    this.take(kept.map((each, index) => (index === text ? result : each)));
    this.chosen = 0;
    this.forced = forced;
    this.tree = undefined;
    this.status = 'done';
  }

  /** Takes the tree of a search that was made again. */
  keepTree(results: readonly TranslatedText[]): void {
    this.tree = joinTrees(results);
  }

  /** Its run has come to an end before it was done: what was decoded stays. */
  interrupt(status: 'waiting' | 'failed'): void {
    this.status = this.results.length > 0 ? 'done' : status;
  }

  /** To be translated, whatever happened to it before. */
  wait(): void {
    this.status = 'waiting';
    this.problem = undefined;
  }

  unforce(): void {
    this.take(this.own ?? this.results);
    this.own = undefined;
    this.chosen = 0;
    this.forced = 0;
    this.tree = undefined;
  }

  /** The model cannot read it. */
  fail(): void {
    this.status = 'failed';
    this.problem = this.notes.tooLong;
  }

  /** The chosen hypothesis of each text; empty until it is done. */
  get chosenOf(): readonly TranslationHypothesis[] {
    return this.results.map(({ hypotheses }) => hypotheses[this.results.length === 1 ? this.chosen : 0]);
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
    const { hypotheses } = this.whole;
    return this.status === 'failed' ? undefined : hypotheses[this.chosen]?.target.text;
  }

  /** Whether there is something to show, all of it or only a part. */
  shown(): SentenceTranslation {
    const { hypotheses, source } = this.whole;
    const hypothesis = hypotheses.at(this.chosen);
    return {
      sentence: this.number,
      status: this.status,
      text: this.status === 'done' && hypothesis ? hypothesis.target.text : this.partial,
      source,
      hypotheses,
      chosen: this.chosen,
      forced: this.forced,
      note: this.problem ?? this.noteOn(hypothesis),
    };
  }

  /** Takes a text's tokens over to the whole sentence. */
  wholeSource(sources: readonly TokenSequence[]): TokenSequence {
    return joined(
      this.form,
      sources.map((source, index) => mapSequence(source, fitting(source.text, this.form.texts[index]))),
    );
  }

  wholeTarget(targets: readonly TokenSequence[]): TokenSequence {
    return joined(
      this.form,
      targets.map((target, index) =>
        mapSequence(target, restoreLoosely(target.text, this.form.texts[index])),
      ),
    );
  }

  private take(results: readonly TranslatedText[]): void {
    this.results = results;
    if (results.length === 0) {
      this.whole = NOTHING;
      return;
    }
    const choices =
      results.length === 1
        ? results[0].hypotheses.map((hypothesis) => [hypothesis])
        : [results.map(({ hypotheses }) => hypotheses[0])];
    this.whole = {
      source: this.wholeSource(results.map(({ source }) => source)),
      hypotheses: choices.map((parts) => this.joinHypotheses(parts)),
    };
  }

  private joinHypotheses(parts: readonly TranslationHypothesis[]): TranslationHypothesis {
    const sum = (value: (part: TranslationHypothesis) => number) =>
      parts.reduce((so, part) => so + value(part), 0);
    return {
      target: this.wholeTarget(parts.map(({ target }) => target)),
      ids: parts.flatMap(({ ids }) => ids),
      logProbabilities: parts.flatMap(({ logProbabilities }) => logProbabilities),
      logProbability: sum(({ logProbability }) => logProbability),
      score: sum(({ score }) => score) / parts.length,
      ended: parts.every(({ ended }) => ended),
    };
  }

  private noteOn(hypothesis: TranslationHypothesis | undefined): string | undefined {
    if (!hypothesis || this.status !== 'done') {
      return undefined;
    }
    const lost = this.form.texts.some(({ codes }) =>
      codes.some(({ code }) => !hypothesis.target.text.includes(code)),
    );
    return lost ? this.notes.codeMissing : hypothesis.ended ? undefined : this.notes.cutOff;
  }
}

/** Without the hypotheses that lost code. */
function withCode(result: TranslatedText, text: ModelText): TranslatedText {
  return {
    ...result,
    hypotheses: result.hypotheses.filter(({ target }) => restore(target.text, text) !== undefined),
  };
}

function alone(result: TranslatedText, chosen: number): TranslatedText {
  return { ...result, hypotheses: result.hypotheses.slice(chosen, chosen + 1) };
}

/** The edits of a text, if that is what the tokens are of. */
function fitting(text: string, { text: expected, edits }: ModelText): readonly Edit[] {
  return text === expected ? edits : [];
}

function assembled({ kept }: ModelSentence, texts: readonly string[]): string {
  return texts.reduce((so, text, index) => so + text + kept[index + 1], kept[0]);
}

function joined(form: ModelSentence, sequences: readonly TokenSequence[]): TokenSequence {
  const texts = sequences.map(({ text }) => text);
  const starts = texts.map((_, index) => assembled(form, texts.slice(0, index)).length);
  return joinSequences(assembled(form, texts), sequences, starts);
}

/** Several searches beside each other. */
function joinTrees(results: readonly TranslatedText[]): BeamTree | undefined {
  const nodes: BeamTree['nodes'][number][] = [];
  for (const { tree } of results) {
    if (!tree) {
      return undefined;
    }
    const first = nodes.length;
    nodes.push(
      ...tree.nodes.map((node) => ({ ...node, parent: node.parent < 0 ? -1 : node.parent + first })),
    );
  }
  return { nodes };
}
