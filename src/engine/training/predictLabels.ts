// Which label a trained classifier gives texts: for what has changed before and after a training.
import type { Runtime } from '../../runtime/runtime';
import type { TokenExample } from '../../training/data/readExamples';
import type { Weights } from './likeliest';
import { likeliest } from './likeliest';
import type { Training } from './training';

/** The likeliest label of each example, without dropout, with each of several sets of weights. @throws as `likeliest` */
export async function predictLabels(
  runtime: Runtime,
  training: Training,
  examples: readonly TokenExample[],
  weights: readonly Weights[],
  signal: AbortSignal | undefined,
): Promise<string[][]> {
  const { labels } = training.read.data;
  const sets = await likeliest(runtime, training, examples, weights, signal);
  return sets.map((set) => set.map(([label]) => labels[label] ?? ''));
}
