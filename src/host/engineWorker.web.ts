// Starts the engine as a Web Worker, where the extension host is itself a web worker (vscode.dev).
import * as vscode from 'vscode';
import { webChannel } from '../shared/workerChannel';
import type { WorkerStart } from '../shared/workerStart';
import type { EngineWorker, StartWorker } from './engineWorker';

/** The part of a Web Worker that the host needs: `src` has no DOM types. */
interface WebWorker {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'error' | 'messageerror',
    listener: (event: { readonly message?: string }) => void,
  ): void;
  removeEventListener(type: string, listener: (event: never) => void): void;
  terminate(): void;
}

declare const Worker: new (url: string, options: { readonly name: string }) => WebWorker;

/**
 * Both files are read through VS Code: the extension may come from a server, from disk or from a browser's storage, and
 * a worker can be started from none of these but a blob.
 */
export const startWorker: StartWorker = async (extension, name) => {
  const [program, wasm] = await Promise.all(
    ['engine.web.js', 'ort/ort-wasm-simd-threaded.asyncify.wasm'].map((file) =>
      vscode.workspace.fs.readFile(vscode.Uri.joinPath(extension, 'dist', file)),
    ),
  );
  const url = URL.createObjectURL(new Blob([new Uint8Array(program)], { type: 'text/javascript' }));
  const worker = new Worker(url, { name });
  const bytes = new Uint8Array(wasm).buffer;
  worker.postMessage({ workerStart: { wasm: bytes } } satisfies WorkerStart, [bytes]);
  return {
    channel: webChannel(worker),
    onDidDie: (listener) => onDidDie(worker, listener),
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  } satisfies EngineWorker;
};

/** A Web Worker does not say when it ends; an error that nothing caught is the only sign. */
function onDidDie(worker: WebWorker, listener: (reason: string) => void) {
  const onError = (event: { readonly message?: string }) => listener(event.message ?? 'unknown error');
  worker.addEventListener('error', onError);
  worker.addEventListener('messageerror', onError);
  return {
    dispose: () => {
      worker.removeEventListener('error', onError);
      worker.removeEventListener('messageerror', onError);
    },
  };
}
