// One training from its first step, or from a checkpoint, to its weights: saves on the way, and can be paused, gone on with, stopped and cancelled.
import * as vscode from 'vscode';
import { isCancelled, UserError } from '../../shared/errors';
import type { Progress, Trainings } from '../../shared/protocol';
import type { TrainingRun, TrainingText } from '../../shared/training';
import { lastGoodStep } from '../../training/divergence';
import { nextSave } from './checkpointPlan';
import type { SessionLook } from './sessionLook';
import { bestBefore, followed, lookOf } from './sessionLook';
import {
  cancelled,
  damagedCheckpoint,
  measuringCancelled,
  nothingGood,
  unsavedCheckpoint,
  unsavedWeights,
  wentBack,
} from './sessionNotes';
import type { Checkpoint, TunedManifest } from './tunedManifest';
import { startOf, stepOf } from './tunedManifest';
import { isTakenOver } from './trainingLock';
import type { ReadCheckpoint, TunedStore } from './tunedStore';

/** An engine with the model that is to be trained in it. */
export interface Workplace {
  readonly engine: Trainings;
  /** The name of the model in that engine. */
  readonly model: string;
}

export interface SessionParts {
  readonly store: TunedStore;
  /** Loads the model that a training starts from into the engine for long work. */
  readonly open: (
    base: TunedManifest['base'],
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ) => Promise<Workplace>;
  /** Gives back what {@link open} has loaded. */
  readonly close: (workplace: Workplace) => Promise<void>;
  /** Something that is shown has changed: further points of the curve, or anything else. */
  readonly changed: (what: 'curve' | 'state') => void;
  readonly log: (what: string, error: unknown) => void;
}

/** How many examples are compared before and after. */
const EFFECT_EXAMPLES = 40;

export class TrainingSession {
  private shown: SessionLook;
  private wish: 'run' | 'pause' | 'stop' | 'cancel' = 'run';
  private abort = new AbortController();
  /** The engine that has the training. */
  private live: Workplace | undefined;
  private working: Promise<void> | undefined;
  /** Lets other windows go on with this training. */
  private release: (() => Promise<void>) | undefined;
  /** What was found broken in what is stored. */
  private damage: string | undefined;

  constructor(
    private stored: TunedManifest,
    private readonly parts: SessionParts,
  ) {
    this.shown = lookOf(stored);
  }

  get look(): SessionLook {
    return this.shown;
  }

  /** As it is stored by now. */
  get manifest(): TunedManifest {
    return this.stored;
  }

  /** The newest checkpoint; undefined before the first. */
  get saved(): Checkpoint | undefined {
    return this.stored.checkpoints.at(-1);
  }

  /** Begins, or goes on from where it rests or from the last checkpoint. Settles when the training rests again; never rejects. */
  run(): Promise<void> {
    return this.begin('run');
  }

  /** Rests after the step at hand; the engine keeps the training, and its state is saved. */
  async pause(): Promise<void> {
    this.interrupt('pause');
    await this.working;
  }

  /** Ends after the step at hand, with the weights of then. */
  async stop(): Promise<void> {
    this.interrupt('stop');
    // Of a training that rests, the weights are still to be fetched from the engine.
    await (this.working ?? this.begin('stop'));
  }

  /** Gives the training up: saves nothing more and makes no weights. What was saved before stays. */
  async cancel(): Promise<void> {
    this.interrupt('cancel');
    await this.working;
    const { status } = this.shown;
    if (status === 'paused' || status === 'failed') {
      await this.discard();
    }
  }

  /** Shows a sentence until the training goes on. */
  say(note: string): void {
    this.show({ note });
  }

  /** Shows a training that was stopped as one that has ended; it can still be continued from the list. */
  rest(): void {
    const { weights } = this.stored;
    if (!this.working && !this.live && weights?.step === stepOf(this.stored)) {
      this.show({ status: 'done' });
    }
  }

  /** The engine with the training in it is gone, while nothing was asked of it. */
  engineGone(): void {
    if (!this.working) {
      this.live = undefined;
    }
  }

  /** Takes over what was changed in the store. */
  refresh(manifest: TunedManifest): void {
    this.stored = manifest;
    this.parts.changed('state');
  }

  /** Gives the engine back; what is stored stays. */
  async dispose(): Promise<void> {
    await this.pause();
    await this.leave();
  }

  private begin(wish: 'run' | 'stop'): Promise<void> {
    const { status } = this.shown;
    if (!this.working && !['done', 'ended', 'cancelled'].includes(status)) {
      this.wish = wish;
      this.abort = new AbortController();
      this.show({ status: this.live ? 'running' : 'starting', error: undefined, note: undefined });
      this.working = this.work().finally(() => {
        this.working = undefined;
        this.parts.changed('state');
      });
    }
    return this.working ?? Promise.resolve();
  }

  private isGivenUp(): boolean {
    return this.wish === 'cancel';
  }

  private interrupt(wish: 'pause' | 'stop' | 'cancel'): void {
    if (this.working && !this.isGivenUp()) {
      this.wish = wish;
      this.abort.abort();
    }
  }

  private async work(): Promise<void> {
    try {
      if (this.wish === 'stop' && this.shown.step === 0) {
        await this.giveUp();
      } else {
        this.live ??= await this.prepare();
        await this.learn(this.live);
      }
    } catch (error) {
      await this.leave();
      await this.fail(error);
    }
  }

  /** Loads the model, where it is not there yet, and the newest checkpoint that can be used, of those up to a step. */
  private async prepare(at?: Workplace, upTo = Infinity): Promise<Workplace> {
    const { parts, stored } = this;
    const { signal } = this.abort;
    const tell = ({ message }: Progress) => this.show({ preparing: message });
    this.show({ status: 'starting' });
    const onWait = () =>
      this.show({ preparing: vscode.l10n.t('Looking whether another window is at work on this training') });
    this.release ??= await parts.store.hold(stored.id, { signal, onWait });
    // Another window may have changed it since this one has read it.
    this.stored = await parts.store.manifest(stored.id);
    const { data } = await parts.store.data(stored.id);
    let saved = await parts.store.checkpoint(stored.id, upTo);
    const live = at ?? (await parts.open(startOf(this.stored), signal, tell));
    this.live = live;
    for (;;) {
      try {
        await this.load(live, data, saved);
        break;
      } catch (error) {
        if (!saved || !(error instanceof UserError) || error.code !== 'modelCorrupt') {
          throw error;
        }
        parts.log(`The checkpoint of step ${saved.step}`, error);
        saved = await parts.store.checkpoint(stored.id, saved.step - 1);
      }
    }
    const wanted = this.stored.checkpoints.findLast(({ step }) => step <= upTo)?.step ?? 0;
    const { step } = this.shown;
    this.damage = step < wanted ? damagedCheckpoint(wanted, step) : undefined;
    this.show({ note: this.damage });
    return live;
  }

  private async load(
    { engine, model }: Workplace,
    data: TrainingText,
    saved: ReadCheckpoint | undefined,
  ): Promise<void> {
    const { id, options } = this.stored;
    const { signal } = this.abort;
    const onProgress = ({ message }: Progress) => this.show({ preparing: message });
    const request = { id, model, data, options, ...(saved && { checkpoint: saved.bytes }) };
    const { step, points, trainable } = await engine.beginTraining(request, { signal, onProgress });
    this.show({ step, points, trainable, preparing: undefined });
  }

  private async learn(live: Workplace): Promise<void> {
    const { steps, saveEvery } = this.stored.options;
    this.show({ status: 'running' });
    while (this.wish === 'run' && this.shown.step < steps) {
      const { stopped } = await this.train(live, nextSave(this.shown.step, saveEvery, steps));
      if (this.isGivenUp()) {
        break;
      }
      if (stopped !== undefined) {
        return this.goBack(live, stopped);
      }
      await this.save(live);
    }
    if (this.isGivenUp()) {
      await this.discard();
    } else if (this.shown.step < steps && this.wish === 'pause') {
      this.show({ status: 'paused' });
    } else if (this.shown.step === 0) {
      await this.giveUp();
    } else {
      await this.finish(live, this.shown.step >= steps);
    }
  }

  private async train({ engine }: Workplace, until: number): Promise<TrainingRun> {
    const training = this.stored.id;
    const { signal } = this.abort;
    const onProgress = ({ training: update }: Progress) => {
      if (update) {
        this.shown = followed(this.shown, update);
        this.parts.changed('curve');
      }
    };
    let run: TrainingRun;
    try {
      run = await engine.train({ training, until }, { signal, onProgress });
    } catch (error) {
      if (!isCancelled(error) || this.wish === 'run') {
        throw error;
      }
      // The engine still ends the step at hand; this asks which one that was.
      run = await engine.train({ training, until: 0 });
    }
    this.shown = { ...this.shown, step: run.step, points: run.points };
    this.parts.changed('curve');
    return run;
  }

  /** A disk that is full does not end the training: the checkpoint before stands, and the next may fit. Files that were deleted do. */
  private async save({ engine }: Workplace): Promise<void> {
    const { id } = this.stored;
    const { step, points } = this.shown;
    if (step === 0 || step === this.saved?.step) {
      return;
    }
    const bytes = await engine.saveTraining({ training: id });
    try {
      this.stored = await this.parts.store.saveCheckpoint(id, bytes, { step, points });
      this.show({ note: this.damage });
    } catch (error) {
      const isGone = error instanceof UserError && error.code === 'modelMissing';
      if (isGone || isTakenOver(error)) {
        throw error;
      }
      this.parts.log('Saving a checkpoint', error);
      this.show({ note: unsavedCheckpoint(step, error, this.saved?.step) });
    }
  }

  /** The loss is not to be trusted any more: the last checkpoint that is known to be good is what was learned. */
  private async goBack(live: Workplace, why: string): Promise<void> {
    const { id } = this.stored;
    const { step: at, points } = this.shown;
    await live.engine.endTraining({ training: id });
    const good = await this.parts.store.checkpoint(id, lastGoodStep(points));
    if (!good) {
      this.stored = await this.parts.store.forget(id, 0);
      throw nothingGood(at, why);
    }
    const again = await this.prepare(live, good.step);
    await this.finish(again, true, wentBack(at, why, this.shown.step));
  }

  private async finish({ engine }: Workplace, finished: boolean, note?: string): Promise<void> {
    const { store, log } = this.parts;
    const { id } = this.stored;
    const { step, points } = this.shown;
    const files = await engine.trainedWeights({ training: id, form: 'change' });
    if (this.isGivenUp()) {
      return this.discard();
    }
    try {
      this.stored = await store.saveWeights(id, files, { step, points, finished });
    } catch (error) {
      throw unsavedWeights(step, error, this.saved?.step ?? 0);
    }
    if (this.isGivenUp()) {
      return this.discard();
    }
    this.show({ status: 'done', measuring: true, note: note ?? this.shown.note ?? bestBefore(points) });
    // What ended the training shall not end this; a further Stop does.
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      const effect = await engine.trainingEffect({ training: id, examples: EFFECT_EXAMPLES }, { signal });
      this.stored = await store.update(id, { effect });
    } catch (error) {
      // The weights are stored: what they change can be seen in use.
      log('Measuring what training has changed', error);
    }
    await this.leave();
    this.show({
      measuring: false,
      ...(this.isGivenUp() && {
        note: measuringCancelled(step),
      }),
    });
  }

  /** Nothing was learned: nothing is kept. */
  private async giveUp(): Promise<void> {
    await this.leave();
    await this.parts.store.delete(this.stored.id);
    this.show({ status: 'ended' });
  }

  /** Of what is not saved, nothing is kept; what was saved can be gone on with. */
  private async discard(): Promise<void> {
    const at = this.shown.step;
    await this.leave();
    if (stepOf(this.stored) === 0) {
      await this.parts.store
        .delete(this.stored.id)
        .catch((error: unknown) => this.parts.log('Deleting a training', error));
    }
    this.show({ ...lookOf(this.stored), status: 'cancelled', note: cancelled(at, this.stored) });
  }

  private async fail(error: unknown): Promise<void> {
    if (this.isGivenUp()) {
      if (!isCancelled(error)) {
        this.parts.log('Training', error);
      }
      return this.discard();
    }
    const { step, points } = this.shown;
    this.shown = lookOf(this.stored);
    if (!isCancelled(error)) {
      this.parts.log('Training', error);
      // With nothing to go back to, the curve shows how it came to this.
      this.show({ status: 'failed', error, ...(stepOf(this.stored) === 0 && { step, points }) });
    } else if (this.wish === 'stop' && this.shown.step === 0) {
      await this.giveUp().catch((problem: unknown) => this.parts.log('Deleting a training', problem));
    } else if (this.wish === 'run') {
      this.show({ note: vscode.l10n.t('The engine was stopped. Resume goes on from the last checkpoint.') });
    } else {
      this.show({ status: 'paused' });
    }
  }

  private show(changes: Partial<SessionLook>): void {
    this.shown = { ...this.shown, ...changes };
    this.parts.changed('state');
  }

  private async leave(): Promise<void> {
    const { live, release } = this;
    this.live = undefined;
    this.release = undefined;
    await release?.();
    if (live) {
      try {
        await live.engine.endTraining({ training: this.stored.id });
        await this.parts.close(live);
      } catch (error) {
        // An engine that is gone needs no end.
        this.parts.log('Ending a training', error);
      }
    }
  }
}
