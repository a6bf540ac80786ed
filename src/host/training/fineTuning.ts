// Fine-tuning as the user does it: shows what was understood of the data, trains, and makes what was learned the model in use.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import type { ModelSummary } from '../../shared/modelSummary';
import type { TrainingOptions, TrainingTask } from '../../shared/training';
import type { TrainingState } from '../../shared/trainingPage';
import type { EngineProcess } from '../engineProcess';
import { logError, panelError } from '../errorReport';
import type { Inspector } from '../inspector';
import type { Models } from '../models';
import { readSettings } from '../settings';
import { deleteAbandoned } from './abandoned';
import { timeLeft } from './sessionLook';
import { TrainingData } from './trainingData';
import { newName } from './trainingNames';
import { closedAt, ReachedStep } from './reachedStep';
import { showProgress } from './trainingProgress';
import { optionsFor, plannedRates } from './trainingOptions';
import { TrainingSession } from './trainingSession';
import type { ReadTraining } from './trainingText';
import { tunedId } from './tunedId';
import type { StoredData, TunedManifest } from './tunedManifest';
import { newManifest, savedIn, startOf, stepOf } from './tunedManifest';
import type { TunedModels } from './tunedModels';
import type { TunedStore } from './tunedStore';
import { workplaceIn } from './workplace';
import { tasksOf } from '../../shared/tasksOf';

/** Names the training of this window that has not come to its end. */
const UNFINISHED = 'training.unfinished';

export interface FineTuningParts {
  readonly inspector: Inspector;
  readonly models: Models;
  readonly jobs: EngineProcess;
  readonly store: TunedStore;
  readonly tuned: TunedModels;
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

export class FineTuning implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<'curve' | 'state'>();
  readonly onDidChange = this.changed.event;
  private readonly learned = new vscode.EventEmitter<TunedManifest>();
  /** Fires when new weights are stored and in use. */
  readonly onDidLearn = this.learned.event;
  private readonly subscriptions: vscode.Disposable;
  private readonly data: TrainingData;
  private chosen: Partial<TrainingOptions> = {};
  /** What became of the training that was cancelled. */
  private outcome: string | undefined;
  private readonly reached: ReachedStep;
  private session: TrainingSession | undefined;
  /** Folder of the weights that were put to use last. */
  private used: string | undefined;
  /** Trainings that have been asked for and not begun. */
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FineTuningParts) {
    const { jobs, tuned, inspector, models, log } = parts;
    const tell = () => this.changed.fire('state');
    this.reached = new ReachedStep(parts.memory, (error) => logError(log, 'Remembering a step', error));
    this.data = new TrainingData({
      inspector,
      models,
      log,
      split: () => this.options(),
      beforeReading: () => this.setAside(),
      changed: tell,
    });
    this.subscriptions = vscode.Disposable.from(
      this.data,
      this.changed,
      this.learned,
      jobs.onDidStop(() => this.session?.engineGone()),
      tuned.onDidChange(tell),
      tuned.onDidAlter(({ id, now }) => this.alter(id, now)),
      inspector.onDidChange(tell),
    );
  }

  /** Whether steps are made, or are about to be. */
  get active(): boolean {
    const status = this.session?.look.status;
    return this.waiting > 0 || status === 'starting' || status === 'running';
  }

  state(): TrainingState {
    const { tuned } = this.parts;
    const { session, data } = this;
    const look = session?.look;
    const summary = this.summary();
    const options = this.options();
    const status = this.waiting > 0 ? 'starting' : (look?.status ?? data.status);
    const { error } = this;
    return {
      status: status === 'ended' || status === 'cancelled' ? 'ready' : status,
      model: session ? startOf(session.manifest).name : this.parts.models.current().name,
      source: data.read?.source,
      firstLine: (this.places.at(0)?.line ?? 0) + 1,
      preview: data.read?.preview,
      tasks: summary ? tasksOf(summary.family) : [],
      languages: summary?.languages ?? [],
      options,
      trainable: look?.trainable ?? 0,
      step: look?.step ?? 0,
      points: look?.points ?? [],
      planned: data.read ? plannedRates(options, summary?.width ?? 0) : [],
      tokensPerSecond: look?.tokensPerSecond ?? 0,
      left: look && timeLeft(look, options.steps),
      saved: session && savedIn(session.manifest),
      effect: session?.manifest.effect,
      measuring: look?.measuring ?? false,
      result: session && stepOf(session.manifest) > 0 ? tuned.described(session.manifest) : undefined,
      tuned: tuned.list(),
      undoable: tuned.undoable,
      note: look ? (look.preparing ?? look.note) : (this.outcome ?? data.doubt),
      error: error === undefined ? undefined : panelError(error),
    };
  }

  /** Why reading or training failed; undefined where it did not. */
  get error(): unknown {
    return this.session ? this.session.look.error : this.data.error;
  }

  /** Places of the data that are shown. */
  get places(): StoredData['places'] {
    return this.data.read?.places ?? [];
  }

  /** Reads data, unless a training is going on; see {@link TrainingData.readFrom}. */
  async read(found: ReadTraining): Promise<void> {
    this.mustRest();
    await this.data.readFrom(found);
  }

  /** Reads the same text in another way. */
  async setData(change: { readonly task?: TrainingTask; readonly language?: string }): Promise<void> {
    this.mustRest();
    await this.data.again(change);
  }

  async setOptions(change: Partial<TrainingOptions> | undefined): Promise<void> {
    this.mustRest();
    const before = this.options();
    this.setAside();
    // Another method has another rate.
    const rate = change?.method !== undefined && change.method !== before.method ? { rate: undefined } : {};
    this.chosen = change ? { ...this.chosen, ...rate, ...change } : {};
    const { heldOut, seed } = this.options();
    if (heldOut !== before.heldOut || seed !== before.seed) {
      await this.data.again();
    }
    this.changed.fire('state');
  }

  /** Trains the model in use, fine-tuned weights and all. Settles when the training rests. */
  async start(): Promise<void> {
    this.mustRest();
    const { store, tuned } = this.parts;
    const { models } = this.parts;
    if (this.data.outdated) {
      await this.data.again();
    }
    const { read } = this.data;
    if (!read || read.preview.train === 0) {
      throw new UserError(
        'emptyText',
        vscode.l10n.t('There is nothing to learn from. Select lines with a source, a tab and its target.'),
      );
    }
    this.waiting++;
    let session: TrainingSession;
    try {
      const current = models.current();
      const base = models.baseOf(current);
      const from = base.id === current.id ? undefined : current;
      const name = newName(current.name, read.source.documents[0] ?? '', tuned.names);
      const chosen = { name, base, ...(from && { from }), options: this.options() };
      const { data, source, places, preview } = read;
      const stored = { data, source, places, preview };
      const manifest = await newManifest(chosen, stored);
      await store.create(manifest, stored);
      this.setAside();
      session = this.sessionOf(manifest);
    } finally {
      this.waiting--;
    }
    await this.run(session);
  }

  pause(): Promise<void> {
    return this.session?.pause() ?? Promise.resolve();
  }

  async resume(): Promise<void> {
    if (this.session && !this.active) {
      await this.run(this.session);
    }
  }

  async stop(): Promise<void> {
    const { session } = this;
    if (session && !this.active) {
      await this.run(session, () => session.stop());
    } else {
      await session?.stop();
    }
  }

  /** Gives up the training: what was saved before stays in the list, and the model in use is left as it is. Never rejects. */
  async cancel(): Promise<void> {
    const { session } = this;
    try {
      await session?.cancel();
      if (session) {
        await this.settled(session);
      }
    } catch (error) {
      logError(this.parts.log, 'Cancelling a training', error);
    }
  }

  /** Goes on with a training that was interrupted or stopped. */
  async continueFrom(id: string): Promise<void> {
    const rests = this.session?.manifest.id === id && ['paused', 'failed'].includes(this.session.look.status);
    if (!rests) {
      this.mustRest();
      await this.session?.dispose();
      await this.show(await this.parts.store.manifest(id));
    }
    await this.resume();
  }

  /** Shows a training that is stored, with its curve and what it has changed. Nothing is trained, and the model in use stays. */
  async showStored(id: string): Promise<void> {
    if (this.session?.manifest.id === id) {
      return;
    }
    this.mustRest();
    const manifest = await this.parts.store.manifest(id);
    const data = await this.parts.store.data(id);
    await this.session?.dispose();
    this.adopt(manifest, data).rest();
  }

  /** Takes up changed settings, or another model; reads the data again for that where the view shows them. */
  async settingsChanged(visible: boolean): Promise<void> {
    if (!this.session && this.data.outdated && visible) {
      await this.setData({});
    }
    this.changed.fire('state');
  }

  /** Shows the training that this window did not bring to its end, so that it can go on. */
  async restore(): Promise<void> {
    const { store, tuned, memory, log } = this.parts;
    await deleteAbandoned(store, memory.get(UNFINISHED), log);
    const stored = await tuned.refresh();
    const unfinished = stored.find(({ id }) => id === memory.get(UNFINISHED));
    if (unfinished && !this.session && !this.data.read) {
      const reached = this.reached.of(unfinished.id);
      const session = await this.show(unfinished);
      if (unfinished.finished) {
        // It was closed while it measured what has changed: there is nothing to go on with.
        await memory.update(UNFINISHED, undefined);
      } else {
        session.say(closedAt(reached, session.saved?.step ?? 0));
      }
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.parts.store.dispose();
  }

  /** What is no longer stored is no longer shown. */
  private alter(id: string, now: TunedManifest | undefined): void {
    const { session } = this;
    if (session?.manifest.id === id && !this.active) {
      if (now) {
        session.refresh(now);
      } else {
        this.setAside();
      }
    }
  }

  private async show(manifest: TunedManifest): Promise<TrainingSession> {
    return this.adopt(manifest, await this.parts.store.data(manifest.id));
  }

  private adopt(manifest: TunedManifest, data: StoredData): TrainingSession {
    this.data.take(data, startOf(manifest).id);
    this.used = manifest.weights?.folder;
    this.outcome = undefined;
    const session = this.sessionOf(manifest);
    this.session = session;
    this.changed.fire('state');
    return session;
  }

  private sessionOf(manifest: TunedManifest): TrainingSession {
    const { store, jobs, models, log } = this.parts;
    const session: TrainingSession = new TrainingSession(manifest, {
      ...workplaceIn(jobs, models),
      store,
      changed: (what) => {
        if (this.session === session) {
          this.reached.tell(manifest.id, session.look.step);
          this.changed.fire(what);
          this.put(session).catch((error: unknown) => logError(log, 'Using what was learned', error));
        }
      },
      log: (what, error) => logError(log, what, error),
    });
    return session;
  }

  /** One after the other: the window may still show the progress of a run that has failed when it is gone on with. */
  private run(session: TrainingSession, work = () => session.run()): Promise<void> {
    this.session = session;
    this.data.forgetError();
    this.waiting++;
    let begun = false;
    const begin = (): void => {
      this.waiting -= begun ? 0 : 1;
      begun = true;
    };
    const result = this.last
      .then(() =>
        this.runNow(session, () => {
          begin();
          return work();
        }),
      )
      .finally(begin);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async runNow(session: TrainingSession, work: () => Promise<void>): Promise<void> {
    const { memory, tuned } = this.parts;
    const { id, name, options } = session.manifest;
    tuned.training = id;
    try {
      await memory.update(UNFINISHED, id);
      await showProgress(this, { name, steps: options.steps, cancel: () => this.cancel() }, work);
    } finally {
      tuned.training = undefined;
      await this.settled(session);
    }
  }

  /** What has come to its end is neither shown as going on nor found by the next window. */
  private async settled(session: TrainingSession): Promise<void> {
    const { memory, tuned } = this.parts;
    const { status, note } = session.look;
    const isOver = status === 'ended' || status === 'cancelled';
    if ((isOver || status === 'done') && memory.get(UNFINISHED) === session.manifest.id) {
      await memory.update(UNFINISHED, undefined);
    }
    if (isOver && this.session === session) {
      this.session = undefined;
      this.outcome = note;
    }
    await tuned.refresh();
    this.changed.fire('state');
  }

  /** Puts new weights to use, once they are stored. */
  private async put({ look, manifest }: TrainingSession): Promise<void> {
    const { models, inspector, tuned } = this.parts;
    const folder = manifest.weights?.folder;
    if (look.status !== 'done' || folder === undefined || folder === this.used) {
      return;
    }
    this.used = folder;
    await tuned.refresh();
    const id = tunedId(manifest.id);
    if (models.current().id === id) {
      inspector.stop(); // what is loaded are earlier weights of the same name
    } else {
      await tuned.use(id);
    }
    this.learned.fire(manifest);
  }

  /** What is new is not that training's any more; it stays in the list. */
  private setAside(): void {
    void this.session?.dispose();
    this.session = undefined;
    this.outcome = undefined;
  }

  private options(): TrainingOptions {
    return (
      this.session?.manifest.options ??
      optionsFor(readSettings().training, this.chosen, this.data.read?.preview.train ?? 0)
    );
  }

  private summary(): ModelSummary | undefined {
    return this.parts.inspector.loaded?.summary;
  }

  /** @throws UserError `badRequest` while steps are made. */
  private mustRest(): void {
    if (this.active) {
      const message = vscode.l10n.t('A training is going on. Pause or stop it first.');
      throw new UserError('badRequest', message);
    }
  }
}
