// Shipped models as graphs to train, and a way to run a graph: helpers of the tests in this folder.
import * as ort from 'onnxruntime-web';
import { readGraph } from '../../../src/engine/prepareGraph';
import { readModelFolder } from '../../../src/models/modelFolder';
import type { NamedTensors, Run, Tensor, TensorData } from '../../../src/shared/tensor';
import type { TrainingStacks } from '../../../src/training/trainingStack';
import { filesOf } from '../engine/testEngine';

export const TRANSLATOR = 'models/translate-en-de-fr-zh';
export const BERT = 'models/english-bert-mini';
export const GPT = 'models/english-gpt-mini';

export function stacksIn(folder: string): TrainingStacks {
  const { graphs } = readModelFolder(filesOf(folder));
  return 'model' in graphs
    ? { model: readGraph(graphs.model) }
    : { encoder: readGraph(graphs.encoder), decoder: readGraph(graphs.decoder) };
}

/** A session as a `Run`. */
export async function open(
  bytes: Uint8Array,
): Promise<{ readonly run: Run; readonly release: () => Promise<void> }> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const known = new Set(session.inputNames);
  const run: Run = async (feeds, fetches) => {
    const read = Object.entries(feeds).filter(([name]) => known.has(name));
    const inputs = read.map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(type as 'float32', data as Float32Array, [...dims]),
    ]);
    const results = await session.run(
      Object.fromEntries(inputs) as Record<string, ort.Tensor>,
      fetches ?? session.outputNames,
    );
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [
        name,
        { type: type as Tensor['type'], dims, data: data as TensorData },
      ]),
    );
  };
  return { run, release: () => session.release() };
}

/** Runs a graph once. */
export async function runOnce(bytes: Uint8Array, feeds: NamedTensors): Promise<NamedTensors> {
  const { run, release } = await open(bytes);
  try {
    return await run(feeds);
  } finally {
    await release();
  }
}

export function floats(data: Float32Array<ArrayBuffer>, dims: readonly number[]): Tensor {
  return { type: 'float32', dims, data };
}

export function largestDifference(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(Number(a[i]) - Number(b[i])));
  }
  return largest;
}
