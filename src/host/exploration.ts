// The one exploration at hand: which texts, run with which decoder input, looked at how. Knows neither panel nor hover.
import * as vscode from 'vscode';
import { isCancelled, UserError } from '../shared/errors';
import type {
  CallOptions,
  DecoderChoice,
  Engine,
  PanelError,
  PanelState,
  Progress,
  ViewState,
} from '../shared/protocol';
import type { TraceSummary } from '../shared/trace';
import type { DocumentRanges, PlacedText } from './documentRanges';
import { logError, panelError } from './errorReport';
import { beyondReach, firstPart, MAX_CHARACTERS } from './firstPart';
import type { Inspector } from './inspector';
import type { Models } from './models';
import { readSettings } from './settings';
import type { SavedExploration, Subject } from './subject';
import { labelOf, placesOf, requestFor } from './subject';
import { FIRST_VIEW, fitToModel, fitToTrace } from './viewState';

export class Exploration implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<'view' | 'run'>();
  /** Fires when the run, its error, or what is looked at has changed. */
  readonly onDidChange = this.changed.event;
  private readonly worked = new vscode.EventEmitter<Progress | undefined>();
  /** Fires with the progress of a run, and with undefined when it has ended. */
  readonly onDidProgress = this.worked.event;

  private subject: Subject | undefined;
  private places: DocumentRanges | undefined;
  private trace: TraceSummary | undefined;
  /** The engine that has the trace. */
  private home: Engine | undefined;
  /** Runs that were made from the shown one by changing the model. */
  private readonly derived = new Set<string>();
  private failure: { readonly error: unknown; readonly shown: PanelError } | undefined;
  private look: ViewState = FIRST_VIEW;
  private latest: Progress | undefined;
  private running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly inspector: Inspector,
    private readonly models: Models,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  get view(): ViewState {
    return this.look;
  }

  /** The run that is shown; undefined before the first, and after it was given up. */
  get shown(): { readonly trace: TraceSummary; readonly ranges: DocumentRanges } | undefined {
    return this.trace && this.places && { trace: this.trace, ranges: this.places };
  }

  /** Whether the engine still has the run that is shown: a restarted one has lost it, and may give its name to another. */
  get live(): boolean {
    return this.home !== undefined && this.home === this.inspector.engine;
  }

  /** How far the run at hand has come; undefined when none is going on. */
  get progress(): Progress | undefined {
    return this.latest;
  }

  /** Everything a panel draws from. */
  state(): PanelState {
    const model = this.inspector.loaded;
    return {
      models: this.models.choices(),
      chosen: this.models.current().id,
      model: model?.summary,
      backend: model?.backend,
      trace: this.trace,
      decoder: this.subject?.decoder ?? this.defaultDecoder(),
      view: this.look,
      source: this.subject ? labelOf(this.subject.uri) : '',
      error: this.failure?.shown,
    };
  }

  /** Runs the model on new texts; settles when the run has ended, well or not. */
  explore(texts: Omit<Subject, 'decoder'> & { readonly decoder?: DecoderChoice }): Promise<void> {
    const kept = this.subject?.decoder.from === 'translation' ? this.subject.decoder : this.defaultDecoder();
    return this.begin({ ...texts, decoder: texts.decoder ?? kept });
  }

  /** Runs the same texts again: after a failure, a switch of model, or a changed setting. */
  async rerun(): Promise<void> {
    if (this.subject) {
      await this.begin(this.subject);
    }
  }

  /** Runs the same texts with another input for the decoder. */
  async setDecoder(decoder: DecoderChoice, selected?: PlacedText): Promise<void> {
    if (this.subject) {
      const decoderText = decoder.from === 'selection' ? (selected ?? this.subject.decoderText) : undefined;
      await this.begin({ ...this.subject, decoder, decoderText, decoderIds: undefined });
    }
  }

  /** Translates again, into the language that the setting now names. */
  async setTargetLanguage(): Promise<void> {
    if (this.subject?.decoder.from === 'translation') {
      await this.begin({ ...this.subject, decoder: this.defaultDecoder() });
    }
  }

  /** Cuts the texts where the model's limit is, and runs those parts. */
  async exploreFirstPart(): Promise<void> {
    // Each cut is made by what the engine reports, so a very long text may need a second one.
    for (let attempt = 0; attempt < 4; attempt++) {
      const error = this.failure?.error;
      if (!this.subject || !(error instanceof UserError) || error.code !== 'textTooLong') {
        return;
      }
      await this.begin(firstPart(this.subject, error.details));
    }
  }

  setView(view: ViewState): void {
    this.look = view;
    this.changed.fire('view');
  }

  /** Stops the run at hand; what was shown before it stays. */
  cancel(): void {
    this.running?.abort.abort();
  }

  /** Gives the run up and frees what the engine holds of it. The subject is kept, so that it can be run again. */
  release(): void {
    this.cancel();
    this.dropTrace();
    this.changed.fire('run');
  }

  /**
   * Asks the engine for a slice of the shown run. A run that the engine no longer has (it was restarted, or other runs
   * took its memory) is run again, with what was pinned in it, and the question counts as cancelled: the panel asks anew for
   * the new run. So does a question about a run that is no longer shown, which the panel had not heard of yet.
   *
   * @param trace The run that is asked about; undefined for questions about the model alone.
   */
  async slice<T>(trace: string | undefined, ask: (engine: Engine) => Promise<T>): Promise<T> {
    const { engine } = await this.inspector.ready();
    if (trace !== undefined && trace !== this.trace?.id && !this.derived.has(trace)) {
      throw new UserError('cancelled', vscode.l10n.t('Another run is shown by now.'));
    }
    try {
      if (this.trace && !this.live) {
        throw new UserError('traceGone', vscode.l10n.t('The engine was restarted.'));
      }
      return await ask(engine);
    } catch (error) {
      if (error instanceof UserError && error.code === 'traceGone') {
        if (!this.running && this.subject) {
          this.log.info('The run is no longer in the engine; running it again.');
          // The same texts have the same tokens: the pin stays where it was.
          void this.begin(this.subject, this.look.pinned);
        }
        throw new UserError('cancelled', error.message);
      }
      throw error;
    }
  }

  /** Lets the panel ask about a run that was made from the shown one, by changing the model, for as long as that is shown. */
  derive(from: string, trace: string): void {
    if (from === this.trace?.id || this.derived.has(from)) {
      this.derived.add(trace);
    }
  }

  /** What a reloaded window needs; undefined when nothing has been explored. */
  save(): SavedExploration | undefined {
    if (!this.subject) {
      return undefined;
    }
    const { uri, texts, decoderText, decoder } = this.subject;
    const side = this.trace && this.trace.encoder.length === 0 ? 'decoder' : 'encoder';
    const moved = this.places?.places(side);
    const current = moved?.length === texts.length ? moved : texts;
    return { uri: uri.toString(), texts: current, decoderText, decoder, view: this.look };
  }

  /** Takes up a saved exploration and runs it. */
  restore(saved: SavedExploration): Promise<void> {
    this.look = { ...FIRST_VIEW, ...saved.view };
    const { texts, decoderText, decoder } = saved;
    return this.begin({ uri: vscode.Uri.parse(saved.uri), texts, decoderText, decoder }, saved.view.pinned);
  }

  /** Settles when no run is going on. */
  async idle(): Promise<void> {
    while (this.running) {
      await this.running.done;
    }
  }

  dispose(): void {
    this.cancel();
    this.places?.dispose();
    this.changed.dispose();
    this.worked.dispose();
  }

  private begin(subject: Subject, pinned?: ViewState['pinned']): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    const done = this.run(subject, abort, pinned).finally(() => {
      if (this.running?.abort === abort) {
        this.running = undefined;
        this.report(undefined);
        this.changed.fire('run');
      }
    });
    this.running = { abort, done };
    return done;
  }

  /** Never rejects: what goes wrong becomes the state's error. */
  private async run(subject: Subject, abort: AbortController, pinned: ViewState['pinned']): Promise<void> {
    const stale = () => this.running?.abort !== abort;
    const call: CallOptions = {
      signal: abort.signal,
      onProgress: (progress) => !stale() && this.report(progress),
    };
    const began = performance.now();
    // The caller is told of the run before anything in it can fail.
    await Promise.resolve();
    try {
      this.subject = subject;
      this.report({ message: vscode.l10n.t('Running the model'), done: 0, total: 0 });
      checkReach(subject);
      const { engine, model } = await this.inspector.ready(abort.signal, call.onProgress);
      const trace = await engine.explore(
        requestFor(subject, model.summary.id, model.summary.languages),
        call,
      );
      if (stale()) {
        void this.free(engine, trace);
        return;
      }
      this.dropTrace();
      this.trace = trace;
      this.home = engine;
      this.places = placesOf(subject, model.summary.family);
      this.failure = undefined;
      this.look = { ...fitToTrace(fitToModel(this.look, model.summary), trace), pinned };
      const { tokenize, decode, run } = trace.timing;
      this.log.info(
        `Explored ${trace.encoder.length || trace.decoder.length} text(s) in ${Math.round(performance.now() - began)} ms ` +
          `(tokenising ${tokenize.toFixed(1)}, translating ${decode.toFixed(1)}, run ${run.toFixed(1)})`,
      );
    } catch (error) {
      logError(this.log, 'Exploring', error);
      if (!stale() && !(isCancelled(error) && this.trace)) {
        this.dropTrace();
        this.failure = { error, shown: panelError(error) };
      }
    }
  }

  private report(progress: Progress | undefined): void {
    this.latest = progress;
    this.worked.fire(progress);
  }

  private dropTrace(): void {
    const { trace, home, live } = this;
    const derived = [...this.derived];
    this.trace = undefined;
    this.home = undefined;
    this.derived.clear();
    this.places?.dispose();
    this.places = undefined;
    if (trace && home && live) {
      for (const id of [trace.id, ...derived]) {
        void this.free(home, { id });
      }
    }
  }

  private async free(engine: Engine, trace: Pick<TraceSummary, 'id'>): Promise<void> {
    try {
      await engine.releaseTrace({ trace: trace.id });
    } catch (error) {
      logError(this.log, 'Releasing a run', error);
    }
  }

  private defaultDecoder(): DecoderChoice {
    return { from: 'translation', language: readSettings().targetLanguage, text: '' };
  }
}

/** @throws UserError `textTooLong` with details `characters`, `cutAt` and `text`. */
function checkReach({ texts }: Subject): void {
  const index = beyondReach(texts);
  if (index >= 0) {
    const characters = texts[index].text.length;
    const message = vscode.l10n.t(
      'The selection has {0} characters, far more than the model reads at once. Select less, or explore its first part.',
      characters.toLocaleString(vscode.env.language),
    );
    throw new UserError('textTooLong', message, { characters, cutAt: MAX_CHARACTERS, text: index });
  }
}
