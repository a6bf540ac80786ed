// Starts the engine as a worker_threads Worker, where the extension host is Node (desktop and remote).
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { nodeChannel } from '../shared/workerChannel';
import type { StartWorker } from './engineWorker';

export const startWorker: StartWorker = async (extension, name, print) => {
  const program = vscode.Uri.joinPath(extension, 'dist', 'engine.js').fsPath;
  const worker = new Worker(program, { name, stdout: true, stderr: true });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => print(text.trimEnd()));
  }
  let ended = false;
  return {
    channel: nodeChannel(worker),
    onDidDie: (listener) => {
      const die = (reason: string) => {
        if (!ended) {
          ended = true;
          listener(reason);
        }
      };
      const onError = (error: Error) => die(error.stack ?? error.message);
      const onExit = (code: number) => die(`exit code ${code}`);
      worker.on('error', onError);
      worker.on('exit', onExit);
      return {
        dispose: () => {
          worker.off('exit', onExit);
          // An 'error' event without a listener would throw in the extension host.
          ended = true;
        },
      };
    },
    terminate: () => {
      ended = true;
      void worker.terminate();
    },
  };
};
