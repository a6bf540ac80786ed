// Which label a trained classifier gives texts: for what has changed before and after a training.
import type { Runtime } from '../../runtime/runtime';
import { throwIfCancelled } from '../../shared/errors';
import type { NamedTensors } from '../../shared/tensor';
import { batchFeeds } from '../../training/batchFeeds';
import { grouped } from '../../training/batches';
import type { TokenExample } from '../../training/data/readExamples';
import { makeBatch } from '../../training/makeBatch';
import { trainingModel } from '../../training/trainingModel';
import type { Training } from './training';
import { methodOf, trainerOptions } from './trainingPlan';

/** The likeliest label of each example, without dropout, with each of several sets of weights. */
export async function predictLabels(
  runtime: Runtime,
  training: Training,
  examples: readonly TokenExample[],
  weights: readonly ReadonlyMap<string, Float32Array<ArrayBuffer>>[],
  signal: AbortSignal | undefined,
): Promise<string[][]> {
  const { request, read, stacks, graph, model } = training;
  const { options } = request;
  const { labels } = read.data;
  const classes = Math.max(2, labels.length);
  const dropout = { rate: 0, attention: false };
  const still = trainingModel(stacks, { method: methodOf(options), dropout, classes });
  const session = await runtime.createSession(still.model.bytes, { backend: 'wasm' });
  try {
    const known = new Set(session.inputs.map(({ name }) => name));
    const lengths = examples.map(({ input }) => input.length);
    const { batches } = trainerOptions(options, model.summary.width);
    const groups = grouped([...examples.keys()], lengths, batches);
    const predicted = weights.map(() => Array<string>(examples.length).fill(''));
    for (const group of groups) {
      const batch = makeBatch(
        group.map((i) => examples[i]),
        read.pad,
      );
      const tokens = Object.entries(batchFeeds(batch, { smoothing: 0, divisor: 1 })).filter(([name]) =>
        known.has(name),
      );
      for (const [set, values] of weights.entries()) {
        const feeds: NamedTensors = {
          ...Object.fromEntries(tokens),
          ...Object.fromEntries(
            graph.parameters.flatMap(({ name, dims }) => {
              const data = values.get(name);
              return data ? [[name, { type: 'float32' as const, dims, data }]] : [];
            }),
          ),
        };
        const results = await session.run(feeds, [still.logits], signal);
        throwIfCancelled(signal);
        const logits = Array.from(results[still.logits].data, Number);
        group.forEach((example, row) => {
          const own = logits.slice(row * classes, (row + 1) * classes);
          predicted[set][example] = labels[own.indexOf(Math.max(...own))] ?? '';
        });
      }
    }
    return predicted;
  } finally {
    await session.release();
  }
}
