// The engine in its worker, as the host starts it, for measurements of the whole product.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import type { Engine, LoadedModel, ModelFiles } from '../src/shared/protocol';
import { connect, transfer } from '../src/shared/rpc';
import { nodeChannel } from '../src/shared/workerChannel';

const shipped = 'models/translate-en-de-fr-zh';

export interface StartedEngine {
  readonly engine: Engine;
  readonly stop: () => Promise<void>;
}

/** `dist/engine.js` in a worker, with a model loaded as `model`. */
export async function startEngine(
  files: ModelFiles,
  threads = 0,
): Promise<StartedEngine & { readonly weightBytes: number; readonly loaded: LoadedModel }> {
  const worker = new Worker(path.join(process.cwd(), 'dist/engine.js'));
  const connection = connect<Engine>(nodeChannel(worker));
  await connection.start({ backend: 'wasm', threads, traceBytes: 2 ** 30 });
  const request = { id: 'model', name: 'model', files };
  const buffers = Object.values(files).map(({ buffer }) => buffer);
  const loaded = await connection.loadModel(transfer(request, buffers));
  const stop = async () => {
    connection.dispose();
    await worker.terminate();
  };
  return { engine: connection, stop, weightBytes: loaded.summary.weightBytes, loaded };
}

/** The files of the shipped model. */
export function shippedFiles(): ModelFiles {
  const names = [
    'config.json',
    'generation_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'onnx/encoder_model.onnx',
    'onnx/decoder_model_merged.onnx',
  ];
  return Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(path.join(shipped, name)))] as const),
  );
}
