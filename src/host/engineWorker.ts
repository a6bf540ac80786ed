// What a started engine worker looks like to the host, whichever platform it runs on; engineWorker.node and .web start one.
import type * as vscode from 'vscode';
import type { Channel } from '../shared/channel';
import type { Disposable } from '../shared/disposable';

export interface EngineWorker {
  readonly channel: Channel;
  /** Calls `listener` once when the worker ended by itself: with its last words, never after {@link terminate}. */
  onDidDie(listener: (reason: string) => void): Disposable;
  /** Ends the worker at once, whatever it is doing. */
  terminate(): void;
}

/** Starts a worker on the engine's program; `print` receives what it writes to its console. */
export type StartWorker = (
  extension: vscode.Uri,
  name: string,
  print: (line: string) => void,
) => Promise<EngineWorker>;
