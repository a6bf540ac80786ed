// One engine in its own worker: started when first needed, started again after a crash, ended at once when asked. Knows no model.
import * as vscode from 'vscode';
import type { Disposable } from '../shared/disposable';
import { CancelledError, UserError } from '../shared/errors';
import type { BackendInfo, Engine, EngineOptions } from '../shared/protocol';
import type { Connection } from '../shared/rpc';
import { connect } from '../shared/rpc';
import type { EngineWorker, StartWorker } from './engineWorker';

/** A running engine that has chosen its backend. */
export interface RunningEngine {
  readonly engine: Engine;
  readonly backend: BackendInfo;
}

/** One start, whether it has come to an end or not. */
interface Attempt {
  readonly id: symbol;
  readonly result: Promise<RunningEngine>;
}

interface Life {
  readonly worker: EngineWorker;
  readonly connection: Connection<Engine>;
  readonly watch: Disposable;
}

export class EngineProcess implements vscode.Disposable {
  private readonly stopped = new vscode.EventEmitter<UserError | undefined>();
  /** Fires when the worker ended: with the error of a crash, or undefined when it was asked to end. */
  readonly onDidStop = this.stopped.event;
  private attempt: Attempt | undefined;
  private life: Life | undefined;

  constructor(
    readonly name: 'inspection' | 'jobs',
    private readonly extension: vscode.Uri,
    private readonly start: StartWorker,
    private readonly options: () => EngineOptions,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  get running(): boolean {
    return this.attempt !== undefined;
  }

  /** The running engine; starts it where there is none. A failed start is tried again by the next call. */
  ready(): Promise<RunningEngine> {
    if (!this.attempt) {
      const id = Symbol(this.name);
      const result = this.launch(() => this.attempt?.id === id);
      this.attempt = { id, result };
      result.catch(() => this.attempt?.id === id && this.end(undefined));
    }
    return this.attempt.result;
  }

  /** Ends the worker at once; what is pending is rejected as cancelled. The next {@link ready} starts a new one. */
  stop(): void {
    this.end(new UserError('cancelled', 'The engine was stopped.'));
  }

  /** Ends the worker as a crash would, so that what a crash brings about can be tried. */
  crash(): void {
    this.die('ended on request');
  }

  dispose(): void {
    this.stop();
    this.stopped.dispose();
  }

  private async launch(isWanted: () => boolean): Promise<RunningEngine> {
    const began = performance.now();
    const worker = await this.start(this.extension, `transformer-explorer ${this.name}`, (line) =>
      this.log.debug(`[${this.name}] ${line}`),
    );
    if (!isWanted()) {
      worker.terminate(); // asked to stop while it was starting
      throw new CancelledError();
    }
    const connection = connect<Engine>(worker.channel);
    const watch = worker.onDidDie((reason) => this.die(reason));
    this.life = { worker, connection, watch };
    const backend = await connection.start(this.options());
    this.log.info(
      `Engine '${this.name}' runs on ${backend.label}: ${backend.reason} (${Math.round(performance.now() - began)} ms)`,
    );
    return { engine: connection, backend };
  }

  private die(reason: string): void {
    this.log.error(`Engine '${this.name}' ended unexpectedly: ${reason}`);
    this.end(
      new UserError(
        'engineCrashed',
        vscode.l10n.t('The engine stopped unexpectedly. It starts again with the next run.'),
      ),
    );
  }

  private end(reason: UserError | undefined): void {
    const life = this.life;
    const was = this.attempt;
    this.life = undefined;
    this.attempt = undefined;
    if (life) {
      life.watch.dispose();
      life.worker.terminate();
      life.connection.dispose(reason);
    }
    if (was) {
      this.stopped.fire(reason?.code === 'engineCrashed' ? reason : undefined);
    }
  }
}
