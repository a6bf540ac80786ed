// Fine-tuned weights on their way in and out: put on the files of a model that is loaded, taken from a training, written into a folder.
import type { ModelGraphs } from '../../models/modelFolder';
import { readModelFolder } from '../../models/modelFolder';
import { GraphFacts } from '../../anatomy/graphFacts';
import { readModel } from '../../onnx/readModel';
import type { ModelFiles } from '../../shared/protocol';
import type { TrainedForm, TunedWeights } from '../../shared/training';
import { ADAPTER_CONFIG, readAdapter, writeAdapter } from '../../training/adapterFiles';
import { CHANGE_FILE, decodeChange, encodeChange } from '../../training/changeFile';
import type { ChangedWeights, ParameterValues } from '../../training/changedWeights';
import { fullChange, loraChange } from '../../training/changedWeights';
import type { LoraSite, LoraTarget } from '../../training/lora';
import { loraSites } from '../../training/lora';
import type { StackName, TrainingStacks } from '../../training/trainingStack';
import { stacksOf } from '../../training/trainingStack';
import { writeTrained } from '../../training/writeTrained';
import type { ChangedFile } from '../changedFile';
import { readGraph } from '../prepareGraph';
import type { Training } from './training';

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
    return writtenFiles(trainedGraphs(training));
  }
  const { graph, request, read, model } = training;
  const { method, lora, strength } = request.options;
  const values = valuesOf(training);
  if (method === 'full') {
    return { [CHANGE_FILE]: encodeChange(graph.parameters, changeOf(training), values) };
  }
  const about = { base: model.summary.name, task: read.data.form.task, strength };
  const adapter = writeAdapter(graph.lora, lora, values, about);
  const loraNames = new Set(graph.lora.flatMap(({ a, b }) => [a, b]));
  const head = graph.parameters.filter(({ name }) => ![...loraNames].some((each) => name.endsWith(each)));
  return head.length === 0 ? adapter : { ...adapter, [CHANGE_FILE]: encodeChange(head, new Map(), values) };
}

/** A model's files with fine-tuned weights in place of its own. @throws UserError as {@link tunedGraphs} and `writeTrained` */
export function applyTuned(files: ModelFiles, tuned: TunedWeights): ModelFiles {
  const { graphs } = readModelFolder(files);
  return { ...files, ...writtenFiles(tunedGraphs(graphs, tuned)) };
}

function writtenFiles(files: readonly ChangedFile[]): ModelFiles {
  return Object.fromEntries(
    files.map(({ path, bytes, beside, changed = new Map() }) => {
      const model = readModel(bytes, new Map(Object.entries(beside)));
      return [path, writeTrained(model, changed, 'stored').bytes];
    }),
  );
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
