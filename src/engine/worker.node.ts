// The engine as a worker of Node: serves the host at the other end of the parent port.
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { nodePlatform } from '../runtime/nodePlatform';
import type { Engine } from '../shared/protocol';
import { serve } from '../shared/rpc';
import { nodeChannel } from '../shared/workerChannel';
import { ExplorerEngine } from './explorerEngine';

if (!parentPort) {
  throw new Error('This program is a worker: start it with new Worker(...).');
}
serve<Engine>(nodeChannel(parentPort), new ExplorerEngine(nodePlatform(path.join(__dirname, 'ort'), true)));
