// Fine-tuned weights on their way in and out: put on the files of a model that is loaded, taken from a training, written into a folder.
import type { ModelGraphs } from '../../models/modelFolder';
import { parseJson } from '../../models/modelConfig';
import { readModelFolder } from '../../models/modelFolder';
import { GraphFacts } from '../../anatomy/graphFacts';
import { readModel } from '../../onnx/readModel';
import type { ModelFiles } from '../../shared/protocol';
import type { TrainedForm, TunedWeights } from '../../shared/training';
import { ADAPTER_CONFIG, ADAPTER_MODEL, readAdapter, writeAdapter } from '../../training/adapterFiles';
import { CHANGE_FILE, decodeChange, encodeChange } from '../../training/changeFile';
import type { ChangedWeights, ParameterValues } from '../../training/changedWeights';
import { fullChange, loraChange } from '../../training/changedWeights';
import { HEAD_BIAS, HEAD_WEIGHT } from '../../training/classificationHead';
import type { Classifier } from '../../training/classifier';
import { readClassifier, trainedClassifier } from '../../training/classifier';
import { classifierConfig, withClassifier } from '../../training/classifierModel';
import { statesOf } from '../../training/joinGraphs';
import type { LoraSite, LoraTarget } from '../../training/lora';
import { loraSites } from '../../training/lora';
import { changedParameters } from '../../training/trainingModel';
import type { StackName, TrainingStacks } from '../../training/trainingStack';
import { stacksOf } from '../../training/trainingStack';
import { writeTrained } from '../../training/writeTrained';
import type { ChangedFile } from '../changedFile';
import { readGraph } from '../prepareGraph';
import type { Training } from './training';

const CONFIG = 'config.json';
const ALL_TARGETS: readonly LoraTarget[] = ['query', 'key', 'value', 'output', 'feedForward'];

/**
 * The graphs of a model with fine-tuned weights put on them, for `readGraph`.
 *
 * @throws UserError `modelCorrupt` for damaged weights, `badRequest` for those of another model.
 */
export function tunedGraphs(graphs: ModelGraphs, { files }: TunedWeights): readonly ChangedFile[] {
  const named = namedFiles('model' in graphs ? [graphs.model] : [graphs.encoder, graphs.decoder]);
  const stacks = stacksFrom(named);
  const change = readTuned(files, stacks);
  return named.map(([name, file]) => changedBy(file, change.get(name)));
}

/** @throws UserError as {@link tunedGraphs} */
function readTuned(files: TunedWeights['files'], stacks: TrainingStacks): ChangedWeights {
  const whole = files[CHANGE_FILE];
  if (!files[ADAPTER_CONFIG] && whole) {
    return decodeChange(whole, stacks);
  }
  const { rank, alpha, sites, values } = readAdapter(files, allSites(stacks));
  return loraChange(stacks, sites, { rank, alpha }, values);
}

/** The graphs of a training with what it has learned so far, the settings' share of it. */
export function trainedGraphs(training: Training): readonly ChangedFile[] {
  const change = changeOf(training);
  return namedFiles(training.model.files ?? []).map(([name, file]) => changedBy(file, change.get(name)));
}

/** What a training has learned, as files by name. @throws UserError `modelUnsupported` as `writeTrained` */
export function trainedFiles(training: Training, form: TrainedForm): ModelFiles {
  if (form === 'folder') {
    const classifier = trainedClassifier(training.read.data.labels, valuesOf(training));
    return writtenFiles(trainedGraphs(training), { classifier });
  }
  const { graph, request, read, model, stacks } = training;
  const { method, lora, strength } = request.options;
  const values = valuesOf(training);
  const { labels } = read.data;
  const classifier = trainedClassifier(labels, values);
  const head = graph.parameters.filter(({ name }) => name === HEAD_WEIGHT || name === HEAD_BIAS);
  if (method === 'full') {
    return { [CHANGE_FILE]: encodeChange(graph.parameters, changeOf(training), values, labels) };
  }
  if (model.files?.some(({ changed }) => changed)) {
    // An adapter of weights that were fine-tuned before could not be used without those: all that differs from the model is kept.
    const change = new Map(
      namedFiles(trainedGraphs(training)).map(([name, { changed = new Map() }]) => [name, changed]),
    );
    const parameters = [...changedParameters(stacks, change), ...head];
    return { [CHANGE_FILE]: encodeChange(parameters, change, values, labels) };
  }
  const about = { base: model.summary.name, task: read.data.form.task, strength, classifier };
  return writeAdapter(graph.lora, lora, values, about);
}

/** The classifier of fine-tuned weights; undefined where they have none. @throws UserError `modelCorrupt` */
export function tunedClassifier({ files }: TunedWeights): Classifier | undefined {
  const file = files[ADAPTER_MODEL] ?? files[CHANGE_FILE];
  return file && readClassifier(file);
}

/** A model's files with fine-tuned weights in place of its own, its classifier and the names of its classes included. @throws UserError as {@link tunedGraphs} and `writeTrained` */
export function applyTuned(files: ModelFiles, tuned: TunedWeights): ModelFiles {
  const { graphs } = readModelFolder(files);
  const own = { classifier: tunedClassifier(tuned), config: files[CONFIG] };
  return { ...files, ...writtenFiles(tunedGraphs(graphs, tuned), own) };
}

function writtenFiles(
  files: readonly ChangedFile[],
  { classifier, config }: { readonly classifier: Classifier | undefined; readonly config?: Uint8Array },
): ModelFiles {
  const graphs = files.map((file) => {
    const { path, bytes, beside, changed = new Map() } = file;
    const model = readModel(bytes, new Map(Object.entries(beside)));
    const written = writeTrained(model, changed, 'stored').bytes;
    const states = classifier && statesOf(readGraph(file).anatomy);
    return [
      path,
      classifier && states ? withClassifier(readModel(written), states, classifier).bytes : written,
    ] as const;
  });
  const text =
    classifier && config
      ? JSON.stringify(classifierConfig(parseJson(CONFIG, config), classifier.labels), undefined, 2)
      : '';
  return {
    ...Object.fromEntries(graphs),
    ...(text !== '' && { [CONFIG]: new TextEncoder().encode(`${text}\n`) }),
  };
}

function changeOf(training: Training): ChangedWeights {
  const { graph, stacks, request } = training;
  const { method, lora, strength } = request.options;
  const values = valuesOf(training);
  return method === 'full'
    ? fullChange(stacks, graph.parameters, values, strength)
    : loraChange(stacks, graph.lora, lora, values, strength);
}

function valuesOf({ trainer }: Training): ParameterValues {
  return (name) => trainer.weight(name);
}

function namedFiles(files: readonly ChangedFile[]): (readonly [StackName, ChangedFile])[] {
  const names: readonly StackName[] = files.length === 1 ? ['model'] : ['encoder', 'decoder'];
  return files.map((file, i) => [names[i], file]);
}

function stacksFrom(named: readonly (readonly [StackName, ChangedFile])[]): TrainingStacks {
  const [[, first], second] = named;
  return second ? { encoder: readGraph(first), decoder: readGraph(second[1]) } : { model: readGraph(first) };
}

/** A file that was changed before keeps what is not changed again. */
function changedBy(file: ChangedFile, weights: ChangedFile['changed']): ChangedFile {
  return { ...file, changed: new Map([...(file.changed ?? []), ...(weights ?? [])]) };
}

function allSites(stacks: TrainingStacks): LoraSite[] {
  return stacksOf(stacks).flatMap(([name, { model, anatomy }]) =>
    loraSites(name, new GraphFacts(model), anatomy, ALL_TARGETS),
  );
}
