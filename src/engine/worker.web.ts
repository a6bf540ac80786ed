// The engine as a Web Worker: waits for the files that the host hands over, then serves it.
import { webPlatform } from '../runtime/webPlatform';
import type { Engine } from '../shared/protocol';
import { serve } from '../shared/rpc';
import type { WebPort } from '../shared/workerChannel';
import { webChannel } from '../shared/workerChannel';
import { isWorkerStart } from '../shared/workerStart';
import { ExplorerEngine } from './explorerEngine';

const channel = webChannel(globalThis as unknown as WebPort);
const waiting = channel.onMessage((message) => {
  if (isWorkerStart(message)) {
    waiting.dispose();
    serve<Engine>(channel, new ExplorerEngine(webPlatform(message.workerStart.wasm)));
  }
});
