// The model of a training with what it has learned so far, for as long as somebody uses it.
import type { Runtime } from '../../runtime/runtime';
import type { Model } from '../model';
import { openStack } from '../openStack';
import { prepareGraph, readGraph } from '../prepareGraph';
import type { Stack } from '../stack';
import { trainedGraphs } from './tunedFiles';
import type { Training } from './training';

/** Its sessions are released when `use` has settled. @throws UserError as `Runtime.createSession`; whatever `use` throws. */
export async function withWeights<T>(
  runtime: Runtime,
  training: Training,
  use: (model: Model) => Promise<T>,
): Promise<T> {
  const { model } = training;
  const opened: Stack[] = [];
  try {
    for (const file of trainedGraphs(training)) {
      const graph = prepareGraph(readGraph(file), file);
      opened.push((await openStack(runtime, graph, model.backend, undefined)).stack);
    }
    const [first, second] = opened;
    const sides = second
      ? { encoder: first, decoder: second }
      : model.encoder
        ? { encoder: first, decoder: undefined }
        : { encoder: undefined, decoder: first };
    return await use({ ...model, ...sides });
  } finally {
    await Promise.all(opened.map(({ session }) => session.release()));
  }
}
