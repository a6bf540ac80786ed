// The engine as a worker of Node: serves the host at the other end of the parent port.
import path from 'node:path';
import process from 'node:process';
import { parentPort } from 'node:worker_threads';
import { nodePlatform } from '../runtime/nodePlatform';
import type { Engine } from '../shared/protocol';
import { serve } from '../shared/rpc';
import { nodeChannel } from '../shared/workerChannel';
import { ExplorerEngine } from './explorerEngine';

/** Long enough for the answer that says so to leave first. */
const LAST_WORDS = 100;
const CRASHED = 70;

if (!parentPort) {
  throw new Error('This program is a worker: start it with new Worker(...).');
}
const platform = {
  ...nodePlatform(path.join(__dirname, 'ort'), true),
  // In a worker, this ends the worker only.
  onCrash: () => void setTimeout(() => process.exit(CRASHED), LAST_WORDS),
};
serve<Engine>(nodeChannel(parentPort), new ExplorerEngine(platform));
