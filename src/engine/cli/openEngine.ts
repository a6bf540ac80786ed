// An engine for the command line, with one model loaded: the same class as in the workers, in this thread.
import path from 'node:path';
import { nodePlatform } from '../../runtime/nodePlatform';
import type { BackendInfo } from '../../shared/protocol';
import { ExplorerEngine } from '../explorerEngine';
import type { DeviceOptions } from './arguments';
import { readModelFiles } from './readModelFiles';

/** The model of the command line. */
export const MODEL = 'model';

/** A command line keeps whatever it captured: it ends before that can grow. */
const TRACE_BYTES = Number.MAX_SAFE_INTEGER;

export interface OpenedEngine {
  readonly engine: ExplorerEngine;
  readonly backend: BackendInfo;
}

/** @param place A model folder or file; left out: the model that is shipped. */
export async function openEngine(place: string | undefined, options: DeviceOptions): Promise<OpenedEngine> {
  const { name, files } = readModelFiles(place ?? shippedModel());
  const engine = new ExplorerEngine(nodePlatform(path.join(__dirname, 'ort'), true));
  await engine.start({ ...options, traceBytes: TRACE_BYTES });
  const { backend } = await engine.loadModel({ id: MODEL, name, files });
  return { engine, backend };
}

/** This program is `dist/cli.js`. */
export function shippedModel(): string {
  return path.join(__dirname, '../models/translate-en-de-fr-zh');
}
