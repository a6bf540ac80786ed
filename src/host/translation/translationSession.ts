// The one translation at hand: what is translated, how far it has come, what the user chose. Knows no editor and no page.
import { compose } from '../../passage/compose';
import type { SplitPassage } from '../../passage/splitPassage';
import { isCancelled, UserError } from '../../shared/errors';
import { defaultHeads } from '../../shared/headChoice';
import type { ModelSummary } from '../../shared/modelSummary';
import type { CallOptions, PanelError } from '../../shared/protocol';
import type {
  BeamTree,
  Decoding,
  HeadChoice,
  TranslatedText,
  TranslateRequest,
  TranslationExplanation,
} from '../../shared/translation';
import type { TranslationProgress, TranslationSource, TranslationState } from '../../shared/translationPage';
import { languageIn } from '../languageIn';
import { mergeExplanations } from './mergeExplanations';
import { SentenceWork } from './sentenceWork';
import type { SessionParts, TranslationSubject, Translator } from './sessionParts';
import type { SentencePlace } from './passages';
import { passagesOf, placeOfSentence } from './passages';
import { nextWindow } from './windows';

/** Updates of a stream come at most this often, in milliseconds. */
const PAUSE = 40;

/** Alternatives to list at each step of an explanation. */
const ALTERNATIVES = 8;

const NO_PROGRESS = { tokens: 0, milliseconds: 0 };

export class TranslationSession {
  private subject: TranslationSubject | undefined;
  private passages: readonly SplitPassage[] = [];
  private works: readonly SentenceWork[] = [];
  private status: TranslationState['status'] = 'empty';
  private error: PanelError | undefined;
  private model: ModelSummary | undefined;
  private sourceLanguage: string | undefined;
  /** What the user chose. */
  private heads: HeadChoice | undefined;
  private counted = NO_PROGRESS;
  private running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;
  /** Calls about one sentence, which may go on beside the rest. */
  private readonly single = new Set<AbortController>();
  private toldAt = 0;

  constructor(private readonly parts: SessionParts) {}

  /** Everything the page draws from. */
  state(): TranslationState {
    const { model, subject } = this;
    const settings = this.parts.settings();
    const attentions = model?.attentions.filter(({ kind }) => kind === this.attentionKind(model)) ?? [];
    return {
      mode: model?.family === 'decoder-only' ? 'continue' : 'translate',
      status: this.status,
      model: model?.name ?? '',
      source: subject?.source,
      passages: passagesOf(this.passages),
      sentences: this.works.map((work) => work.shown()),
      progress: this.progress,
      languages: model?.languages ?? [],
      sourceLanguages: model?.sourceLanguages ?? [],
      language: model && (languageIn(model.languages, settings.language) ?? model.languages[0]?.code),
      sourceLanguage: model && this.sourceLanguageOf(model),
      follow: settings.follow,
      decoding: settings.decoding,
      heads: this.headsOf(model),
      layers: attentions.length,
      headsPerLayer: attentions[0]?.heads ?? 0,
      confidence: settings.confidence,
      error: this.error,
    };
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  get isEmpty(): boolean {
    return this.subject === undefined;
  }

  get source(): TranslationSource | undefined {
    return this.subject?.source;
  }

  /** Whether at least one sentence has been translated. */
  get hasTranslation(): boolean {
    return this.works.some(({ translation }) => translation !== undefined);
  }

  get progress(): TranslationProgress {
    const settled = this.works.filter(({ status }) => status === 'done' || status === 'failed').length;
    return { sentences: settled, of: this.works.length, ...this.counted };
  }

  /** Translates something else; settles when that has ended, well or not. */
  translate(subject: TranslationSubject): Promise<void> {
    this.subject = subject;
    this.passages = [];
    return this.restart();
  }

  /** Shows why there is nothing to translate. */
  refuse(error: unknown): void {
    this.cancel();
    this.subject = undefined;
    this.passages = [];
    this.works = [];
    this.status = 'empty';
    this.error = this.parts.failed(error);
    this.parts.show();
  }

  /** Translates the same again: with another model, language or other settings. */
  async restart(): Promise<void> {
    if (this.subject) {
      this.cancel();
      this.works = [];
      this.counted = NO_PROGRESS;
      await this.begin();
    }
  }

  /** Goes on with what is missing. */
  async resume(): Promise<void> {
    if (this.subject && !this.running && this.status !== 'done') {
      await this.begin();
    }
  }

  /** Ends what is running; what was decoded stays. */
  stop(): void {
    this.cancel();
    if (this.status === 'running' || this.status === 'loading') {
      this.status = 'stopped';
      this.parts.show();
    }
  }

  /** Settles when nothing is running. */
  async idle(): Promise<void> {
    while (this.running) {
      await this.running.done;
    }
  }

  setSourceLanguage(language: string): Promise<void> {
    this.sourceLanguage = language;
    return this.restart();
  }

  setHeads(heads: HeadChoice): void {
    this.heads = heads;
    this.parts.show();
  }

  /** Tells the page of settings that change nothing in the translation. */
  refresh(): void {
    this.parts.show();
  }

  choose(sentence: number, hypothesis: number): void {
    const work = this.work(sentence);
    if (hypothesis >= 0 && hypothesis < work.shown().hypotheses.length) {
      work.chosen = hypothesis;
      this.tell([work]);
    }
  }

  unforce(sentence: number): void {
    const work = this.work(sentence);
    work.unforce();
    this.tell([work]);
  }

  /** Puts a token at a step of a sentence and decodes on from there. @throws UserError as `Engine.translate` */
  async force(sentence: number, step: number, id: number): Promise<void> {
    const work = this.work(sentence);
    const place = work.placeOf(step);
    if (!place) {
      throw new UserError('badRequest', `Sentence ${sentence} has no step ${step}.`);
    }
    const begin = [...work.chosenOf[place.text].ids.slice(0, place.step), id];
    work.status = 'running';
    this.tell([work]);
    try {
      const [result] = await this.ask(work, [work.texts[place.text].text], { begin }, (targets) =>
        work.stream(
          work.texts.map((_, index) =>
            index === place.text ? targets[0] : work.chosenOf[index].target.text,
          ),
        ),
      );
      work.settleForced(place.text, result, step + 1);
    } finally {
      work.status = 'done';
      this.tell([work]);
    }
  }

  /** What made each token of a sentence. @throws UserError as `Engine.explainTranslation`, `badRequest` before it is done. */
  async explain(sentence: number, call: CallOptions = {}): Promise<TranslationExplanation> {
    const work = this.work(sentence);
    const { engine, model } = await this.ready(call.signal ?? new AbortController().signal);
    const parts: TranslationExplanation[] = [];
    for (const [index, { ids }] of work.chosenOf.entries()) {
      parts.push(
        await engine.explainTranslation(
          {
            model: model.id,
            text: work.texts[index].text,
            ids,
            ...this.languagesFor(model),
            heads: this.headsOf(model),
            alternatives: ALTERNATIVES,
          },
          call,
        ),
      );
    }
    return mergeExplanations(
      parts,
      work.wholeSource(parts.map(({ source }) => source)),
      work.wholeTarget(parts.map(({ target }) => target)),
    );
  }

  /** The tree of a sentence's beam search; searched again where it was not kept. */
  async tree(sentence: number): Promise<BeamTree> {
    const work = this.work(sentence);
    if (!work.tree) {
      const results: TranslatedText[] = [];
      for (const [index, { text }] of work.texts.entries()) {
        const forcedHere = work.forced > 0 ? work.placeOf(work.forced - 1) : undefined;
        const begin =
          forcedHere?.text === index ? work.chosenOf[index].ids.slice(0, forcedHere.step + 1) : undefined;
        results.push(...(await this.ask(work, [text], { tree: true, begin })));
      }
      work.keepTree(results);
    }
    return work.tree ?? { nodes: [] };
  }

  /** A sentence as it was asked and answered, for those who show its run. */
  details(sentence: number): SentenceWork {
    return this.work(sentence);
  }

  /** The place that a sentence is in, and its offset there. */
  placeOf(sentence: number): SentencePlace | undefined {
    return placeOfSentence(this.passages, sentence);
  }

  /** The text of each place with its sentences translated; a continuation goes on after its text. */
  composed(): readonly string[] {
    const continues = this.model?.family === 'decoder-only';
    let sentence = 0;
    return this.passages.map((passage) => {
      const first = sentence;
      const texts = passage.parts.flatMap((part) => (part.kind === 'sentence' ? [part.text] : []));
      sentence += texts.length;
      return compose(passage, (index) => {
        const { translation } = this.works[first + index] ?? {};
        return continues && translation !== undefined ? texts[index] + translation : translation;
      });
    });
  }

  /** What the model said of each place, one after the other: the continuation alone, where it continues. */
  get continuations(): readonly string[] | undefined {
    return this.model?.family === 'decoder-only'
      ? this.works.map(({ translation }) => translation ?? '')
      : undefined;
  }

  /** The model that the translation was made with. */
  get madeWith(): ModelSummary | undefined {
    return this.model;
  }

  dispose(): void {
    this.cancel();
  }

  private work(sentence: number): SentenceWork {
    const work = this.works.at(sentence);
    if (!work) {
      throw new UserError('badRequest', `There is no sentence ${sentence}.`);
    }
    return work;
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
  private async run(abort: AbortController): Promise<void> {
    const stale = () => this.running?.abort !== abort;
    const began = performance.now() - this.counted.milliseconds;
    // The caller is told of the run before anything in it can fail.
    await Promise.resolve();
    try {
      this.error = undefined;
      this.status = 'loading';
      this.parts.show();
      const { engine, model } = await this.ready(abort.signal);
      if (stale()) {
        return;
      }
      if (this.works.length === 0 && this.subject) {
        this.passages = this.subject.split(model.family, this.sourceLanguageOf(model));
        this.works = this.worksOf(model);
        this.parts.check(model, this.subject, this.works.length);
      }
      this.works.filter(({ status }) => status !== 'done').forEach((work) => work.wait());
      this.status = 'running';
      this.parts.show();
      for (let done = this.progress.sentences > 0 ? 1 : 0; ; done++) {
        const window = nextWindow(this.works, done);
        if (window.length === 0) {
          break;
        }
        const count = () => (this.counted = { ...this.counted, milliseconds: performance.now() - began });
        await this.runWindow(engine, model, window, abort, count);
        if (stale()) {
          return;
        }
      }
      this.status = 'done';
    } catch (error) {
      if (!stale() && !isCancelled(error)) {
        this.status = 'failed';
        this.error = this.parts.failed(error);
      } else if (!stale()) {
        this.status = 'stopped';
      }
      if (!stale()) {
        this.works
          .filter(({ status }) => status === 'running')
          .forEach((work) => work.interrupt(this.status === 'failed' ? 'failed' : 'waiting'));
      }
    }
  }

  private async runWindow(
    engine: Translator,
    model: ModelSummary,
    window: readonly SentenceWork[],
    abort: AbortController,
    count: () => void,
  ): Promise<void> {
    let left = [...window];
    left.forEach((work) => (work.status = 'running'));
    this.tell(left);
    while (left.length > 0) {
      const texts = left.flatMap((work) => work.texts.map(({ text }, index) => ({ work, text, index })));
      const of = <T>(work: SentenceWork, all: readonly T[]) =>
        all.filter((_, index) => texts[index].work === work);
      let results: readonly TranslatedText[];
      try {
        results = await engine.translate(
          this.request(
            model,
            texts.map(({ text }) => text),
          ),
          {
            signal: abort.signal,
            onProgress: ({ partial }) => {
              if (partial && this.running?.abort === abort) {
                left.forEach((work) => work.stream(of(work, partial.texts)));
                count();
                this.tellSoon(left);
              }
            },
          },
        );
      } catch (error) {
        const tooLong = tooLongAt(error, texts.length);
        if (tooLong === undefined) {
          throw error;
        }
        // The others can be translated without the one that nobody can read.
        const { work } = texts[tooLong];
        work.fail();
        this.tell([work]);
        left = left.filter((other) => other !== work);
        continue;
      }
      if (this.running?.abort !== abort) {
        return;
      }
      const tokens = results.reduce(
        (sum, { hypotheses }) => sum + (hypotheses[0]?.logProbabilities.length ?? 0),
        0,
      );
      this.counted = { ...this.counted, tokens: this.counted.tokens + tokens };
      count();
      const again = left.filter((work) => !work.settle(of(work, results)));
      this.tell(left);
      left = again;
    }
  }

  /** Asks the engine about texts of one sentence, beside whatever is running. */
  private async ask(
    work: SentenceWork,
    texts: readonly string[],
    more: Pick<TranslateRequest, 'begin' | 'tree'>,
    stream?: (targets: readonly string[]) => void,
  ): Promise<readonly TranslatedText[]> {
    const abort = new AbortController();
    this.single.add(abort);
    try {
      const { engine, model } = await this.ready(abort.signal);
      return await engine.translate(
        { ...this.request(model, texts), ...more },
        {
          signal: abort.signal,
          onProgress: ({ partial }) => {
            if (partial && stream && !abort.signal.aborted) {
              stream(partial.texts);
              this.tellSoon([work]);
            }
          },
        },
      );
    } finally {
      this.single.delete(abort);
    }
  }

  private async ready(signal: AbortSignal): Promise<{ engine: Translator; model: ModelSummary }> {
    const ready = await this.parts.ready(signal, () => undefined);
    if (this.model?.id !== ready.model.id) {
      this.model = ready.model;
      this.heads = undefined;
    }
    return ready;
  }

  private request(model: ModelSummary, texts: readonly string[]): TranslateRequest {
    return { model: model.id, texts, ...this.languagesFor(model), decoding: this.decoding };
  }

  private get decoding(): Decoding {
    return this.parts.settings().decoding;
  }

  private languagesFor(model: ModelSummary): Pick<TranslateRequest, 'language' | 'sourceLanguage'> {
    return {
      language: languageIn(model.languages, this.parts.settings().language),
      sourceLanguage: this.sourceLanguageOf(model),
    };
  }

  private sourceLanguageOf({ sourceLanguages }: ModelSummary): string | undefined {
    return (
      languageIn(sourceLanguages, this.sourceLanguage) ??
      languageIn(sourceLanguages, 'en') ??
      sourceLanguages[0]?.code
    );
  }

  private worksOf(model: ModelSummary): SentenceWork[] {
    const continues = model.family === 'decoder-only';
    const sentences = this.passages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.kind === 'sentence' ? [part] : [])),
    );
    return sentences.map(
      ({ pieces }, number) => new SentenceWork(number, pieces, this.parts.notes, continues),
    );
  }

  /** Another model may have fewer of them. */
  private headsOf(model: ModelSummary | undefined): HeadChoice {
    return this.heads ?? (model ? defaultHeads(model) : { layer: 'all', head: 'mean' });
  }

  private attentionKind(model: ModelSummary): string {
    return model.family === 'encoder-decoder' ? 'cross' : 'decoderSelf';
  }

  private cancel(): void {
    this.running?.abort.abort();
    this.running = undefined;
    this.single.forEach((abort) => abort.abort());
    this.works.filter(({ status }) => status === 'running').forEach((work) => work.interrupt('waiting'));
  }

  private tellSoon(works: readonly SentenceWork[]): void {
    if (performance.now() - this.toldAt >= PAUSE) {
      this.tell(works);
    }
  }

  private tell(works: readonly SentenceWork[]): void {
    this.toldAt = performance.now();
    this.parts.update({ sentences: works.map((work) => work.shown()), progress: this.progress });
  }
}

/** Which text of the request nobody can read; undefined for other failures. */
function tooLongAt(error: unknown, texts: number): number | undefined {
  const index =
    error instanceof UserError && error.code === 'textTooLong'
      ? Number(error.details.text ?? (texts === 1 ? 0 : NaN))
      : NaN;
  return Number.isInteger(index) && index >= 0 && index < texts ? index : undefined;
}
