// An engine in the test's own thread, with a model folder of the repository loaded.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { nodePlatform } from '../../../src/runtime/nodePlatform';
import type { ModelFiles } from '../../../src/shared/protocol';
import { readSafetensors } from '../../../src/shared/safetensors';
import type { NamedTensors } from '../../../src/shared/tensor';

export const root = path.join(import.meta.dirname, '../../..');
export const MODEL = 'model';

/** Runs that nobody asks for any more must not fill the process. */
const SHARED_TRACE_BYTES = 4e8;

export const shippedModel = 'models/translate-en-de-fr-zh';

/** All JSON and ONNX files of a folder of the repository. */
export function filesOf(folder: string): ModelFiles {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  const read = (inside: string) => {
    for (const name of readdirSync(path.join(root, folder, inside))) {
      const file = path.posix.join(inside, name);
      const place = path.join(root, folder, file);
      if (statSync(place).isDirectory()) {
        read(file);
      } else if (/\.(json|onnx)$/.test(name)) {
        files[file] = new Uint8Array(readFileSync(place));
      }
    }
  };
  read('');
  return files;
}

/** An engine on one WASM thread. */
export async function startEngine(traceBytes = 1e9): Promise<ExplorerEngine> {
  const engine = new ExplorerEngine(nodePlatform(undefined, false));
  await engine.start({ backend: 'wasm', threads: 1, traceBytes });
  return engine;
}

/** The same with a model loaded under {@link MODEL}. */
export async function engineWith(folder: string, traceBytes?: number): Promise<ExplorerEngine> {
  const engine = await startEngine(traceBytes);
  await engine.loadModel({ id: MODEL, name: path.basename(folder), files: filesOf(folder) });
  return engine;
}

const shared = new Map<string, Promise<ExplorerEngine>>();

/**
 * The engine with a model folder that all files of this process share, as opening the shipped models takes longer than
 * most tests. Whoever unloads models, crowds out other runs or measures memory takes {@link engineWith}; nobody disposes this one.
 */
export function sharedEngine(folder: string): Promise<ExplorerEngine> {
  const engine = shared.get(folder) ?? engineWith(folder, SHARED_TRACE_BYTES);
  shared.set(folder, engine);
  return engine;
}

/** What PyTorch computed for a family. */
export function golden(family: string): NamedTensors {
  const file = path.join(root, 'test/golden', family, 'golden.safetensors');
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: run test/golden/record.py`);
  }
  return readSafetensors(new Uint8Array(readFileSync(file)));
}
