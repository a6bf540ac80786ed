// Source and translation as two texts that light each other up: what is known of each sentence is drawn in both.
import type { TranslationExplanation } from '../../src/shared/translation';
import type { SentenceTranslation, TranslationState } from '../../src/shared/translationPage';
import { formatWeight } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import { sourceWeights, strongWords, targetWeights } from './alignment';
import { chosenOf, wordProbabilities } from './confidence';
import type { Explanations } from './explanations';
import { explanationKey } from './explanations';
import type { LightScale } from './lightScale';
import type { Mark } from './sentenceContent';
import { sourceContent, targetContent } from './sentenceContent';
import type { TextListener } from './textBox';
import { TextBox } from './textBox';
import type { TranslationStore, WordRef } from './translationStore';

export class TextPair {
  readonly source: TextBox;
  readonly target: TextBox;
  private texts = new Map<number, string>();
  private readonly marks = new Map<number, readonly Mark[]>();
  /** What each sentence was drawn from. */
  private readonly drawn = new Map<number, readonly unknown[]>();
  private highlighted = '';

  constructor(
    private readonly store: TranslationStore,
    private readonly explanations: Explanations,
    listener: TextListener,
  ) {
    this.source = new TextBox('source', strings.sourceLabel, listener);
    this.target = new TextBox('target', strings.targetLabel, listener);
  }

  /** Returns whether the text is another one than before. */
  setState(state: TranslationState): boolean {
    this.texts = new Map(
      state.passages.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === 'sentence' ? [[part.sentence, part.text] as const] : [])),
      ),
    );
    const others = [this.source, this.target].map((box) => box.setPassages(state.passages));
    const other = others.includes(true);
    if (other) {
      this.marks.clear();
      this.drawn.clear();
    }
    this.fill([...this.texts.keys()]);
    return other;
  }

  /** Draws these sentences as they are now. */
  fill(sentences: readonly number[]): void {
    const { state } = this.store;
    if (!state) {
      return;
    }
    for (const index of sentences) {
      const sentence = this.store.sentence(index);
      const explanation = this.explanationOf(sentence, state);
      if (!this.isNew(index, sentence, explanation, state.confidence)) {
        continue;
      }
      const source = sourceContent(this.texts.get(index) ?? '', sentence, explanation);
      const target = targetContent(sentence, explanation, state.confidence);
      this.source.fill(index, source);
      this.target.fill(index, target);
      this.marks.set(
        index,
        [...source.words, ...target.words].flatMap((word) => word.marks),
      );
    }
  }

  /** Whether a sentence is to be drawn otherwise than before; the same state may come again and again with all of them. */
  private isNew(
    index: number,
    sentence: SentenceTranslation | undefined,
    explanation: TranslationExplanation | undefined,
    confidence: number,
  ): boolean {
    const { status, text, chosen, forced, doubtful, hypotheses = [], source } = sentence ?? {};
    const scores = hypotheses.map(({ score }) => score).join(' ');
    const next = [status, text, chosen, forced, doubtful, scores, source?.text, explanation, confidence];
    const before = this.drawn.get(index);
    this.drawn.set(index, next);
    return !before || next.some((value, at) => value !== before[at]);
  }

  /** All marks that occur. */
  presentMarks(): ReadonlySet<Mark> {
    return new Set([...this.marks.values()].flat());
  }

  /** Lights what a word looks at, or is looked at by; undefined lights nothing. */
  light(ref: WordRef | undefined, scale: LightScale): void {
    const { state } = this.store;
    const sentence = ref && this.store.sentence(ref.sentence);
    const explanation = state && this.explanationOf(sentence, state);
    const known = ref && explanation?.[ref.side].words[ref.word] ? explanation : undefined;
    const from = known && ref?.side === 'target' ? sourceWeights(known, ref.word).weights : undefined;
    const to = known && ref?.side === 'source' ? targetWeights(known, ref.word).weights : undefined;
    const at = ref?.sentence ?? -1;
    this.source.light(at, from, scale);
    this.target.light(at, to, scale);
    const spoken = ref ? this.describe(ref, known) : '';
    this.source.mark(ref, spoken);
    this.target.mark(ref, spoken);
    if (ref) {
      (ref.side === 'target' ? this.source : this.target).reveal(ref.sentence);
    }
    const words = ref?.side === 'source' ? [ref.word] : known && from ? strongWords(known.source, from) : [];
    this.highlight(ref?.sentence ?? 0, words);
  }

  /** Marks words of the source in the editor, once per change. */
  highlight(sentence: number, words: readonly number[]): void {
    const key = words.length > 0 ? `${sentence}: ${words.join(' ')}` : '';
    if (key !== this.highlighted) {
      this.highlighted = key;
      this.store.tell((host) => host.hover({ sentence, words }));
    }
  }

  /** Asks for the marks of what is in sight. */
  suggest(): void {
    const { state } = this.store;
    if (state?.status !== 'done' && state?.status !== 'stopped') {
      this.explanations.suggest([]);
      return;
    }
    const seen = new Set([...this.target.inSight, ...this.source.inSight]);
    this.explanations.suggest(
      [...seen].flatMap((index) => {
        const key = explanationKey(this.store.sentence(index), state);
        return key === undefined ? [] : [[index, key] as const];
      }),
    );
  }

  explanationOf(
    sentence: SentenceTranslation | undefined,
    state: TranslationState,
  ): TranslationExplanation | undefined {
    return this.explanations.peek(explanationKey(sentence, state));
  }

  /** What is remarkable about a word of the target. */
  remarks({ sentence: index, word }: WordRef): string {
    const { state } = this.store;
    const sentence = this.store.sentence(index);
    const content = state && targetContent(sentence, this.explanationOf(sentence, state), state.confidence);
    return content?.words.find((each) => each.word === word)?.title ?? '';
  }

  private describe(
    { side, sentence: index, word }: WordRef,
    known: TranslationExplanation | undefined,
  ): string {
    const sentence = this.store.sentence(index);
    const hypothesis = sentence && chosenOf(sentence);
    const label = (side === 'target' ? hypothesis?.target : sentence?.source)?.words[word]?.label ?? '';
    const probability = side === 'target' && hypothesis ? wordProbabilities(hypothesis)[word] : undefined;
    const { weights } = known
      ? (side === 'target' ? sourceWeights : targetWeights)(known, word)
      : { weights: [] };
    const other = known?.[side === 'target' ? 'source' : 'target'];
    const words = other
      ? strongWords(other, weights).map((each) => `${other.words[each].label} ${formatWeight(weights[each])}`)
      : [];
    return strings.spokenWord(
      label,
      probability === undefined ? undefined : formatWeight(probability),
      (side === 'target' ? strings.spokenFrom : strings.spokenTo)(words.join(', ')),
    );
  }
}
