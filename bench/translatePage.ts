// Runs in the page of bench/translate.ts: the engine's own worker and one with transformers.js, side by side, each with one thread.
import type { Engine, ModelFiles } from '../src/shared/protocol';
import { connect, transfer } from '../src/shared/rpc';
import type { Decoding } from '../src/shared/translation';
import { webChannel } from '../src/shared/workerChannel';
import type { WorkerStart } from '../src/shared/workerStart';
import type { Client } from './transformersWorker';

/** One translation and its clock, in milliseconds. */
export interface Timed {
  readonly ms: number;
  /** Until the first word could be shown; of our own only. */
  readonly firstWord: number;
  /** Of the best hypothesis of each text, without start and end. */
  readonly ids: readonly (readonly number[])[];
}

/** What the measurement calls. */
export interface TranslatePage {
  readonly loadOurs: (files: readonly string[]) => Promise<void>;
  readonly loadTheirs: () => Promise<void>;
  readonly ours: (texts: readonly string[], decoding: Decoding) => Promise<Timed>;
  /** @param tag The language tag that the model wants before the text. */
  readonly theirs: (text: string, tag: string) => Promise<Timed>;
}

const MODEL = 'model';

async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(path);
  if (!response.ok) {
    throw new Error(`${path}: ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** As the host starts it where it is itself a web worker: from a blob. */
async function startEngine() {
  const program = await bytesOf('/dist/engine.web.js');
  const { buffer: wasm } = await bytesOf('/dist/ort/ort-wasm-simd-threaded.asyncify.wasm');
  const worker = new Worker(URL.createObjectURL(new Blob([program], { type: 'text/javascript' })));
  worker.postMessage({ workerStart: { wasm } } satisfies WorkerStart, [wasm]);
  const engine = connect<Engine>(webChannel(worker));
  await engine.start({ backend: 'wasm', threads: 1, traceBytes: 2 ** 28 });
  return engine;
}

const engine = startEngine();
const client = connect<Client>(webChannel(new Worker('/transformersWorker.js')));

const page: TranslatePage = {
  loadOurs: async (names) => {
    const files: ModelFiles = Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, await bytesOf(`/models/translate-en-de-fr-zh/${name}`)] as const),
      ),
    );
    const buffers = Object.values(files).map(({ buffer }) => buffer);
    await (await engine).loadModel(transfer({ id: MODEL, name: MODEL, files }, buffers));
  },
  loadTheirs: () => client.load({ threads: 1 }),
  ours: async (texts, decoding) => {
    const connection = await engine;
    const start = performance.now();
    let firstWord = NaN;
    const found = await connection.translate(
      { model: MODEL, texts, language: 'de', decoding },
      {
        onProgress: ({ partial }) => {
          if (Number.isNaN(firstWord) && partial?.texts.some((text) => text !== '') === true) {
            firstWord = performance.now() - start;
          }
        },
      },
    );
    const ids = found.map(({ hypotheses: [best] }) => best.ids);
    return { ms: performance.now() - start, firstWord, ids };
  },
  theirs: async (text, tag) => {
    const start = performance.now();
    const ids = await client.translate({ text: `${tag} ${text}` });
    return { ms: performance.now() - start, firstWord: NaN, ids: [ids] };
  },
};

Object.assign(window, { translatePage: page });
