// The one translation at hand: what is translated, how far it has come, what the user chose. Knows no editor and no page.
import type { SplitPassage } from '../../passage/splitPassage';
import { isCancelled, throwIfCancelled, UserError } from '../../shared/errors';
import type { ModelSummary } from '../../shared/modelSummary';
import type { CallOptions, PanelError } from '../../shared/protocol';
import type { BeamTree, HeadChoice, TranslationExplanation } from '../../shared/translation';
import type { TranslationProgress, TranslationSource, TranslationState } from '../../shared/translationPage';
import { explainSentence, treeOfSentence } from './askAboutSentence';
import { decodeWindow } from './decodeWindow';
import type { WindowParts } from './decodeWindow';
import type { Ready } from './modelChoices';
import { ModelChoices } from './modelChoices';
import type { SentencePlace } from './passages';
import { SentenceList } from './sentenceList';
import type { SentenceWork } from './sentenceWork';
import type { SessionParts, TranslationSubject } from './sessionParts';
import { SingleCalls } from './singleCalls';
import { nextWindow } from './windows';

/** Updates of a stream come at most this often, in milliseconds. */
const PAUSE = 40;

const NO_PROGRESS = { tokens: 0, milliseconds: 0 };

export class TranslationSession {
  private readonly choices: ModelChoices;
  private subject: TranslationSubject | undefined;
  private sentences: SentenceList;
  /** Whether the sentences are to be made anew, for the model that is there then. */
  private anew = true;
  private status: TranslationState['status'] = 'empty';
  private error: PanelError | undefined;
  private counted = NO_PROGRESS;
  private running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;
  private readonly single = new SingleCalls();
  private toldAt = 0;

  constructor(private readonly parts: SessionParts) {
    this.choices = new ModelChoices(parts);
    this.sentences = this.listOf([]);
  }

  /** Everything the page draws from. */
  state(): TranslationState {
    return {
      ...this.choices.state(),
      status: this.single.isDecoding && this.status !== 'loading' ? 'running' : this.status,
      source: this.subject?.source,
      passages: this.sentences.passages,
      sentences: this.sentences.shown(),
      progress: this.progress,
      error: this.error,
    };
  }

  get isRunning(): boolean {
    return this.running !== undefined || this.single.isDecoding;
  }

  get isEmpty(): boolean {
    return this.subject === undefined;
  }

  get source(): TranslationSource | undefined {
    return this.subject?.source;
  }

  /** Whether it stands still before its first word: nobody has asked for it yet, or somebody stopped it at once. */
  get isUntouched(): boolean {
    return this.status === 'stopped' && !this.isRunning && !this.has('part');
  }

  /** Whether at least one sentence has been translated, or there is at least a part of one. */
  has(what: 'translation' | 'part'): boolean {
    const { works } = this.sentences;
    return works.some(({ translation, soFar }) => (what === 'part' ? soFar : translation) !== undefined);
  }

  get progress(): TranslationProgress {
    const { works, settled } = this.sentences;
    return { sentences: settled, of: works.length, ...this.counted };
  }

  /** Translates something else; settles when that has ended, well or not. */
  translate(subject: TranslationSubject): Promise<void> {
    this.take(subject, []);
    return this.restart();
  }

  /** Shows what could be translated, and waits until somebody asks for it. */
  offer(subject: TranslationSubject): void {
    this.take(subject, subject.split('encoder-decoder', undefined));
    this.status = 'stopped';
    this.parts.show();
  }

  /** Whether the document takes the translation turned out to be otherwise. */
  setWritable(writable: boolean): void {
    const { subject } = this;
    if (subject && subject.source.writable !== writable) {
      this.subject = { ...subject, source: { ...subject.source, writable } };
      this.parts.show();
    }
  }

  /** Shows why there is nothing to translate. */
  refuse(error: unknown): void {
    this.clear();
    this.error = this.parts.failed(error);
    this.parts.show();
  }

  /** Has nothing to translate. */
  clear(): void {
    this.take(undefined, []);
    this.status = 'empty';
    this.parts.show();
  }

  /** Translates the same again: with another model, language or other settings. */
  async restart(): Promise<void> {
    if (this.subject) {
      this.take(this.subject, this.sentences.split);
      await this.begin();
    }
  }

  /** Goes on with what is missing. */
  async resume(): Promise<void> {
    if (this.subject && !this.isRunning && this.status !== 'done') {
      await this.begin();
    }
  }

  /** Ends what is running; what was decoded stays. */
  stop(): void {
    if (this.isRunning) {
      this.cancel();
      this.status = 'stopped';
      this.parts.show();
    }
  }

  /** Settles when nothing is running. */
  async idle(): Promise<void> {
    while (this.isRunning) {
      await this.running?.done;
      await this.single.idle();
    }
  }

  setSourceLanguage(language: string): Promise<void> {
    this.choices.setSourceLanguage(language);
    return this.restart();
  }

  setHeads(heads: HeadChoice): void {
    this.choices.setHeads(heads);
    this.parts.show();
  }

  /** Tells the page of settings that change nothing in the translation. */
  refresh(): void {
    this.parts.show();
  }

  choose(sentence: number, hypothesis: number): void {
    const work = this.sentences.work(sentence);
    this.single.cancel(work);
    if (work.choose(hypothesis)) {
      this.settleByHand();
    }
  }

  unforce(sentence: number): void {
    const work = this.sentences.work(sentence);
    this.single.cancel(work);
    work.unforce();
    this.settleByHand();
  }

  /**
   * Puts a token at a step of a sentence and decodes on from there, beside whatever is running. What goes wrong on the way becomes
   * the state's error.
   *
   * @throws UserError `badRequest` for a step that there is not.
   */
  async force(sentence: number, step: number, id: number): Promise<void> {
    const work = this.sentences.work(sentence);
    this.single.cancel(work);
    if (!work.want(step, id)) {
      throw new UserError('badRequest', `Sentence ${sentence} has no step ${step}.`);
    }
    await this.single.run(work, async ({ signal }) => {
      try {
        work.status = 'running';
        await Promise.resolve();
        this.parts.show();
        await decodeWindow([work], this.window(await this.choices.ready(signal), signal));
      } catch (error) {
        if (!isCancelled(error)) {
          work.interrupt('failed');
          this.status = 'failed';
          this.error = this.parts.failed(error);
        }
      }
    });
    this.settleByHand();
  }

  /** What made each token of a sentence. @throws UserError as `Engine.explainTranslation`, `badRequest` before it is done. */
  async explain(sentence: number, call: CallOptions = {}): Promise<TranslationExplanation> {
    const work = this.sentences.work(sentence);
    const ready = await this.choices.ready(call.signal ?? new AbortController().signal);
    return explainSentence(work, this.choices, ready, call);
  }

  /** The tree of a sentence's beam search; searched again where it was not kept. */
  tree(sentence: number): Promise<BeamTree> {
    const work = this.sentences.work(sentence);
    return this.single.run(undefined, async ({ signal }) =>
      treeOfSentence(work, this.choices, await this.choices.ready(signal), { signal }),
    );
  }

  /** A sentence as it was asked and answered, for those who show its run. */
  details(sentence: number): SentenceWork {
    return this.sentences.work(sentence);
  }

  /** The place that a sentence is in, and its offset there. */
  placeOf(sentence: number): SentencePlace | undefined {
    return this.sentences.placeOf(sentence);
  }

  /** The text of each place with its sentences translated; `unfinished` takes parts of sentences, too. */
  composed(unfinished = false): readonly string[] {
    return this.sentences.composed(unfinished);
  }

  /** What the model said of each place, one after the other: the continuation alone, where it continues. */
  get continuations(): readonly string[] | undefined {
    return this.sentences.continuations;
  }

  /** The model that the translation was made with. */
  get madeWith(): ModelSummary | undefined {
    return this.choices.model;
  }

  dispose(): void {
    this.cancel();
  }

  private take(subject: TranslationSubject | undefined, split: readonly SplitPassage[]): void {
    this.cancel();
    this.subject = subject;
    this.sentences = this.listOf(split);
    this.anew = true;
    this.counted = NO_PROGRESS;
    this.error = undefined;
  }

  private listOf(split: readonly SplitPassage[]): SentenceList {
    return new SentenceList(split, this.parts.notes, this.choices.continues);
  }

  private begin(): Promise<void> {
    const abort = new AbortController();
    const done = this.run(abort).finally(() => {
      if (this.running?.abort === abort) {
        this.running = undefined;
        this.parts.show();
      }
    });
    this.running = { abort, done };
    return done;
  }

  /** Never rejects: what goes wrong becomes the state's error. */
  private async run({ signal }: AbortController): Promise<void> {
    // The caller is told of the run before anything in it can fail.
    await Promise.resolve();
    try {
      this.error = undefined;
      this.status = 'loading';
      this.parts.show();
      const ready = await this.choices.ready(signal);
      throwIfCancelled(signal);
      this.prepare(ready.model);
      this.status = 'running';
      this.parts.show();
      // Loading the model says nothing of how fast it decodes.
      const began = performance.now() - this.counted.milliseconds;
      const window = this.window(ready, signal, began);
      const { works, settled } = this.sentences;
      for (let done = settled > 0 ? 1 : 0, next = nextWindow(works, done); next.length > 0;) {
        await decodeWindow(next, window);
        throwIfCancelled(signal);
        next = nextWindow(works, ++done);
      }
      this.status = 'done';
    } catch (error) {
      if (!signal.aborted) {
        const failed = !isCancelled(error);
        this.status = failed ? 'failed' : 'stopped';
        this.error = failed ? this.parts.failed(error) : undefined;
        this.sentences.interrupt(failed ? 'failed' : 'waiting', (work) => this.single.isDecodingOf(work));
      }
    }
  }

  /** Everything that is not done waits; sentences are made where that is not done yet. @throws UserError as `SessionParts.check` */
  private prepare(model: ModelSummary): void {
    if (this.anew && this.subject) {
      const locale = this.choices.sourceLanguageOf(model);
      this.sentences = this.listOf(this.subject.split(model.family, locale));
      this.anew = false;
      this.parts.check(model, this.subject, this.sentences.works.length);
    }
    this.sentences.works.filter(({ status }) => status !== 'done').forEach((work) => work.wait());
  }

  /** @param began When the time that counts began, as `performance.now()`; a sentence beside the others does not count. */
  private window(ready: Ready, signal: AbortSignal, began?: number): WindowParts {
    return {
      ready,
      choices: this.choices,
      signal,
      tell: (works, soon) => {
        if (!signal.aborted && (soon === undefined || performance.now() - this.toldAt >= PAUSE)) {
          this.toldAt = performance.now();
          this.parts.update({ sentences: works.map((work) => work.shown()), progress: this.progress });
        }
      },
      count: (tokens) => {
        if (began !== undefined) {
          this.counted = {
            tokens: this.counted.tokens + tokens,
            milliseconds: performance.now() - began,
          };
        }
      },
    };
  }

  private cancel(): void {
    this.running?.abort.abort();
    this.running = undefined;
    this.single.cancel();
    this.sentences.interrupt('waiting');
  }

  /** A sentence was settled apart from the others: with the last one all is done. */
  private settleByHand(): void {
    const { works } = this.sentences;
    if (!this.isRunning && works.length > 0 && works.every(({ status }) => status === 'done')) {
      this.status = 'done';
      this.error = undefined;
    }
    this.parts.show();
  }
}
