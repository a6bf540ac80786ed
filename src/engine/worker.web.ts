// The engine as a Web Worker: waits for the files that the host hands over, then serves it.
import { webPlatform } from '../runtime/webPlatform';
import type { Engine } from '../shared/protocol';
import { serve } from '../shared/rpc';
import type { WebPort } from '../shared/workerChannel';
import { webChannel } from '../shared/workerChannel';
import { isWorkerStart } from '../shared/workerStart';
import { ExplorerEngine } from './explorerEngine';

/** Long enough for the answer that says so to leave first. */
const LAST_WORDS = 100;

/** An error that nobody catches is how a Web Worker tells its host that it is done for. */
const onCrash = () =>
  void setTimeout(() => {
    throw new Error('The inference library crashed.');
  }, LAST_WORDS);

const channel = webChannel(globalThis as unknown as WebPort);
const waiting = channel.onMessage((message) => {
  if (isWorkerStart(message)) {
    waiting.dispose();
    serve<Engine>(channel, new ExplorerEngine({ ...webPlatform(message.workerStart.wasm), onCrash }));
  }
});
