// Loads a model: sorts its files, then reads, prepares and opens its graphs one by one, so that few copies exist at a time.
import type { Anatomy } from '../anatomy/anatomy';
import type { GraphFile } from '../models/modelFolder';
import { readModelFolder } from '../models/modelFolder';
import type { Runtime } from '../runtime/runtime';
import { throwIfCancelled, UserError } from '../shared/errors';
import type { BackendInfo, CallOptions, LoadModelRequest, ModelFiles } from '../shared/protocol';
import { createTokenizer } from '../tokenizer/createTokenizer';
import type { ChangedFile } from './changedFile';
import { languagesOf, sidesOf, summaryOf } from './modelSummary';
import type { Model } from './model';
import { ModelExperiments } from './experiment/modelExperiments';
import { ModelGradients } from './gradients/modelGradients';
import type { LabelSource } from './labels/labelSource';
import { labelSource } from './labels/labelSource';
import { openStack } from './openStack';
import { tunedClassifier, tunedGraphs } from './training/tunedFiles';
import { prepareGraph, readGraph } from './prepareGraph';
import type { Stack } from './stack';
import type { WeightSizes } from './weightSizes';
import { countWeights } from './weightSizes';

/**
 * Takes over the files of the request: their bytes are let go as soon as they are no longer needed.
 *
 * @throws UserError `modelMissing`, `modelCorrupt`, `modelUnsupported`, `modelTooLarge`, `tokenizerUnsupported`,
 * `noAttention`, `outOfMemory` or `cancelled`.
 */
export async function loadModel(
  runtime: Runtime,
  request: LoadModelRequest,
  { signal, onProgress }: CallOptions,
): Promise<Model> {
  const { graphs, config, tokenizer: tokenizerFiles } = readModelFolder(takeFiles(request.files));
  const tokenizer = tokenizerFiles && createTokenizer(tokenizerFiles);
  const plain: readonly GraphFile[] = 'model' in graphs ? [graphs.model] : [graphs.encoder, graphs.decoder];
  const files: ChangedFile[] = [...(request.tuned ? tunedGraphs(graphs, request.tuned) : plain)];
  const count = files.length;
  const kept = ModelExperiments.keep(files);
  const stacks: Stack[] = [];
  const weights: WeightSizes[] = [];
  let backend: BackendInfo = runtime.info;
  try {
    for (let file = files.shift(); file; file = files.shift()) {
      throwIfCancelled(signal);
      onProgress?.({ message: `Loading ${file.path}`, done: stacks.length, total: count });
      const graph = prepareGraph(readGraph(file), file);
      const chosen = stacks.length > 0 ? backend : undefined;
      const opened = await openStack(runtime, graph, chosen, request.backend);
      backend = opened.backend;
      stacks.push(opened.stack);
      weights.push(graph.weights);
    }
    const sides = sidesOf(stacks.map(({ anatomy }) => anatomy));
    const summary = summaryOf(request, config, tokenizer, sides, countWeights(weights));
    if (summary.attentions.length === 0) {
      const why = summary.notFound.find(({ what }) => what === 'attention')?.why ?? '';
      throw new UserError('noAttention', `This model has no attention that could be found: ${why}`, { why });
    }
    const stackOf = (anatomy: Anatomy | undefined) => stacks.find((stack) => stack.anatomy === anatomy);
    const [encoder, decoder] = [stackOf(sides.encoder), stackOf(sides.decoder)];
    const experiments = new ModelExperiments(runtime, backend.backend, kept);
    const languages = languagesOf(config, tokenizer, sides);
    const gradients = new ModelGradients(runtime);
    const classifier = request.tuned && tunedClassifier(request.tuned);
    const [only, second] = stacks;
    const labels = second ? undefined : labelSource(only, classifier, config.labels);
    return {
      summary: {
        ...summary,
        labels: labels?.labels,
        notes: labels ? [...summary.notes, labelsNote(labels)] : summary.notes,
      },
      backend,
      config,
      languages,
      tokenizer,
      encoder,
      decoder,
      files: kept,
      classifier,
      labels,
      experiments,
      gradients,
    };
  } catch (error) {
    await Promise.all(stacks.map(({ session }) => session.release()));
    throw error;
  }
}

/** Labels that are told. */
const SHOWN = 10;

function labelsNote({ by, labels }: LabelSource): string {
  const more = labels.length > SHOWN ? ` and ${labels.length - SHOWN} more` : '';
  const names = `${labels.slice(0, SHOWN).join(', ')}${more}`;
  return by === 'head'
    ? `Fine-tuned to tell texts apart: ${names}. Its other output is that of the model it was trained from.`
    : `Tells texts apart: ${names}.`;
}

/** Empties the request: whoever holds it must not keep the bytes alive. */
function takeFiles(files: ModelFiles): ModelFiles {
  const taken = { ...files };
  for (const path of Object.keys(files)) {
    Reflect.deleteProperty(files, path);
  }
  return taken;
}
