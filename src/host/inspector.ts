// The inspection engine with the current model in it: loads on first use, again after a crash, a switch or a changed setting.
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../shared/errors';
import type { BackendInfo, Engine, LoadedModel, Progress } from '../shared/protocol';
import { transfer } from '../shared/rpc';
import type { EngineProcess } from './engineProcess';
import type { Models } from './models';
import { buffersOf } from './models';

/** An engine that can be asked about its model. */
export interface Ready {
  readonly engine: Engine;
  readonly model: LoadedModel;
}

interface Loading {
  readonly modelId: string;
  readonly result: Promise<Ready>;
  readonly abort: AbortController;
  readonly listeners: Set<(progress: Progress) => void>;
}

export class Inspector implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when a model was loaded, failed to load or went away. */
  readonly onDidChange = this.changed.event;
  private readonly subscription: vscode.Disposable;
  private loading: Loading | undefined;
  private current: Ready | undefined;
  private failed: UserError | undefined;
  private readonly told = new Set<string>();

  constructor(
    private readonly process: EngineProcess,
    private readonly models: Models,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscription = process.onDidStop(() => this.forget());
  }

  /** The model that is loaded, with its backend; undefined while there is none. */
  get loaded(): LoadedModel | undefined {
    return this.current?.model;
  }

  /** The engine that has the model; another one after a restart. */
  get engine(): Engine | undefined {
    return this.current?.engine;
  }

  get backend(): BackendInfo | undefined {
    return this.current?.model.backend;
  }

  get isLoading(): boolean {
    return this.loading !== undefined && this.current === undefined;
  }

  /** Why the last attempt to load failed; undefined once a model is loaded. */
  get problem(): UserError | undefined {
    return this.failed;
  }

  /**
   * The engine with the current model, loading it first where needed. Callers share one load; a caller that gives up
   * does not stop it for the others.
   * @throws UserError of the engine or of {@link Models.read}.
   */
  async ready(signal?: AbortSignal, onProgress?: (progress: Progress) => void): Promise<Ready> {
    const id = this.models.current().id;
    if (this.loading?.modelId !== id) {
      this.loading?.abort.abort();
      this.loading = this.begin(id);
    }
    const { result, listeners } = this.loading;
    if (onProgress) {
      listeners.add(onProgress);
    }
    try {
      return await abandonable(result, signal);
    } finally {
      if (onProgress) {
        listeners.delete(onProgress);
      }
    }
  }

  /** Ends the engine; the next use starts it again with the settings and the model of then. */
  stop(): void {
    this.process.stop();
    this.forget();
  }

  dispose(): void {
    this.loading?.abort.abort();
    this.subscription.dispose();
    this.changed.dispose();
  }

  private begin(modelId: string): Loading {
    const abort = new AbortController();
    const listeners = new Set<(progress: Progress) => void>();
    const result = this.load(abort.signal, (progress) => listeners.forEach((listener) => listener(progress)));
    const loading: Loading = { modelId, result, abort, listeners };
    result.then(
      (ready) => this.settle(loading, ready, undefined),
      (error: unknown) => this.settle(loading, undefined, error),
    );
    this.failed = undefined;
    queueMicrotask(() => this.changed.fire());
    return loading;
  }

  private async load(signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<Ready> {
    const began = performance.now();
    const previous = this.current?.model.summary.id;
    this.current = undefined;
    onProgress({ message: vscode.l10n.t('Starting the engine'), done: 0, total: 0 });
    const [{ engine, backend }, request] = await Promise.all([
      this.process.ready(),
      this.models.read(onProgress, signal),
    ]);
    if (previous !== undefined && previous !== request.id) {
      await engine.unloadModel({ model: previous }, { signal });
    }
    onProgress({ message: vscode.l10n.t('Loading {0}', request.name), done: 0, total: 0 });
    const buffers = buffersOf(request);
    // Only where both devices work is there anything to compare, and to remember.
    const known = backend.backend === 'webgpu' ? this.models.knownBackend(request.id) : undefined;
    const model = await engine.loadModel(transfer({ ...request, backend: known }, buffers), {
      signal,
      onProgress,
    });
    this.log.info(
      `Loaded ${model.summary.name} (${model.summary.family}) on ${model.backend.label}: ` +
        `${model.backend.reason} (${Math.round(performance.now() - began)} ms)`,
    );
    this.tellFallback(model.backend);
    await this.models.memory.rememberFacts(model.summary);
    if (backend.backend === 'webgpu') {
      await this.models.rememberBackend(request.id, model.backend.backend);
    }
    return { engine, model };
  }

  private settle(loading: Loading, ready: Ready | undefined, error: unknown): void {
    if (this.loading !== loading) {
      return; // another model has been asked for since
    }
    this.current = ready;
    if (!ready) {
      this.loading = undefined;
      this.failed = error instanceof UserError && error.code !== 'cancelled' ? error : undefined;
    }
    this.changed.fire();
  }

  private forget(): void {
    this.loading?.abort.abort();
    this.loading = undefined;
    this.current = undefined;
    this.changed.fire();
  }

  /** A backend that had to be replaced is worth one message, not one per start. */
  private tellFallback({ fallback }: BackendInfo): void {
    if (fallback !== undefined && !this.told.has(fallback)) {
      this.told.add(fallback);
      this.log.warn(fallback);
      const showLog = vscode.l10n.t('Show Log');
      void vscode.window.showWarningMessage(fallback, showLog).then((pressed) => {
        if (pressed === showLog) {
          this.log.show();
        }
      });
    }
  }
}

/** Settles like `promise`, or rejects as cancelled as soon as the signal is aborted. */
function abandonable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) {
    return promise;
  }
  return new Promise<T>((resolve, reject) => {
    const abandon = () => reject(new CancelledError());
    if (signal.aborted) {
      abandon();
    }
    signal.addEventListener('abort', abandon, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
