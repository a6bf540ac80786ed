// The second side of a comparison: runs it in the engine that has the first, with a second model where one was chosen, and frees both again.
import * as vscode from 'vscode';
import type { OtherRequest, OtherRun, OtherSide } from '../shared/contrast';
import { throwIfCancelled, UserError } from '../shared/errors';
import type { CallOptions, Engine } from '../shared/protocol';
import { transfer } from '../shared/rpc';
import { logError } from './errorReport';
import type { Exploration } from './exploration';
import type { Inspector } from './inspector';
import type { Models } from './models';
import { buffersOf } from './models';

/** Set before the ids of models that are loaded for the second side: the same one may be the first side's as well. */
const PREFIX = 'beside:';

export class OtherRuns {
  /** The model that was loaded for the second side, and the engine that has it. */
  private model: { readonly engine: Engine; readonly id: string } | undefined;
  private current: { readonly engine: Engine; readonly run: OtherRun } | undefined;
  /** One after the other: a second model must not be loaded while the one before is given back. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly inspector: Inspector,
    private readonly models: Models,
    private readonly exploration: Exploration,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The second side, while there is one. */
  get run(): OtherRun | undefined {
    return this.current?.run;
  }

  /** Runs it in place of the one before. @throws UserError of the engine or of {@link Models.read}; `cancelled` */
  begin(request: OtherRequest, call: CallOptions = {}): Promise<OtherRun> {
    return this.after(async () => {
      throwIfCancelled(call.signal);
      await this.releaseRun();
      return this.exploration.slice(request.trace, async (engine) => {
        const { trace, batch, side } = request;
        const model = await this.modelOf(engine, side, call);
        const run = await engine.beside({ trace, batch, ...changeOf(side), ...(model && { model }) }, call);
        this.exploration.derive(trace, run.trace.id);
        this.current = { engine, run };
        return run;
      });
    });
  }

  /** Frees the run, and the model that was loaded for it. */
  release(): Promise<void> {
    return this.after(async () => {
      await this.releaseRun();
      await this.releaseModel();
    });
  }

  private after<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** The id of the second model in the engine, loaded where it is not yet; undefined where the first one runs again. */
  private async modelOf(
    engine: Engine,
    side: OtherSide,
    { signal = new AbortController().signal, onProgress = () => undefined }: CallOptions,
  ): Promise<string | undefined> {
    const wanted = side.by === 'model' && side.model !== this.models.current().id ? side.model : undefined;
    const id = wanted === undefined ? undefined : `${PREFIX}${wanted}`;
    if (this.model?.id === id && this.model?.engine === engine) {
      return id;
    }
    await this.releaseModel();
    if (wanted === undefined || id === undefined) {
      return undefined;
    }
    const choice = this.models.choices().find((each) => each.id === wanted);
    if (!choice) {
      const message = vscode.l10n.t('This model is no longer in the list. Choose another one.');
      throw new UserError('modelMissing', message, { model: wanted });
    }
    const read = await this.models.read(onProgress, signal, choice);
    onProgress({ message: vscode.l10n.t('Loading {0}', read.name), done: 0, total: 0 });
    const backend = this.models.knownBackend(wanted);
    await engine.loadModel(transfer({ ...read, id, ...(backend && { backend }) }, buffersOf(read)), {
      signal,
      onProgress,
    });
    this.model = { engine, id };
    return id;
  }

  private async releaseRun(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    if (current && current.engine === this.inspector.engine) {
      await this.quietly(current.engine.releaseTrace({ trace: current.run.trace.id }));
    }
  }

  private async releaseModel(): Promise<void> {
    const { model } = this;
    this.model = undefined;
    if (model && model.engine === this.inspector.engine) {
      await this.quietly(model.engine.unloadModel({ model: model.id }));
    }
  }

  /** What cannot be freed is no reason not to go on: the engine that had it is gone, or will be. */
  private async quietly(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      logError(this.log, 'Releasing the second side of a comparison', error);
    }
  }
}

/** What is asked for instead of what the first side has. */
function changeOf(side: OtherSide) {
  switch (side.by) {
    case 'text':
      return { text: side.text };
    case 'interventions':
      return { interventions: side.interventions };
    case 'language':
      return { language: side.language };
    case 'beams':
      return { beams: side.beams };
    case 'model':
      return {};
    default:
      return side satisfies never;
  }
}
