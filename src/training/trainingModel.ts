// Makes the graph that is trained: both graphs of a model in one, with dropout, LoRA or weights as inputs, up to the logits.
import { GraphFacts } from '../anatomy/graphFacts';
import { canonicalOpset } from '../gradient/canonicalOpset';
import { encodeModel } from '../onnx/encode';
import { constant, ints, node } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { add, dropUnused, keepOutputs, rewire, weightsToInputs } from '../onnx/graphEdits';
import type { OnnxGraph, OnnxModel } from '../onnx/model';
import { ElementType } from '../onnx/model';
import { readModel } from '../onnx/readModel';
import { sortNodes } from '../onnx/sortNodes';
import { namesRead } from '../onnx/tensorNames';
import { floatsOf } from '../onnx/tensorValues';
import { UserError } from '../shared/errors';
import type { ChangedWeights } from './changedWeights';
import type { GraphEnd } from './classificationHead';
import { classificationHead, HEAD_BIAS, HEAD_WEIGHT, initialHead } from './classificationHead';
import type { Classifier } from './classifier';
import type { DropoutSite } from './dropoutSites';
import { addDropout, dropoutSites } from './dropoutSites';
import { Generator } from './generator';
import type { JoinedGraph } from './joinGraphs';
import { ATTENTION_MASK, DECODER_IDS, INPUT_IDS, joinedName, joinGraphs } from './joinGraphs';
import type { LoraOptions, LoraSite } from './lora';
import { addLora, initialLora, loraSites } from './lora';
import type { SharedWeight } from './sharedWeights';
import { sharedWeights } from './sharedWeights';
import { trainableWeights } from './trainableWeights';
import type { Parameter, StackName, TrainingStack, TrainingStacks } from './trainingStack';
import { stacksOf } from './trainingStack';

/** What is learned: all weights, or matrices of low rank beside some. */
export type Method = { readonly kind: 'full' } | ({ readonly kind: 'lora' } & LoraOptions);

export interface TrainingModelOptions {
  readonly method: Method;
  /** Dropout with rate 0 is left out of the graph. */
  readonly dropout: { readonly rate: number; readonly attention: boolean };
  /** Text classification: a head with so many classes takes the place of the logits. */
  readonly classes?: number;
  /** The head that training goes on with; a new one begins at random. */
  readonly classifier?: Classifier;
}

/** A mask that a run needs, see {@link DropoutSite}. */
export type DropoutMask = Pick<DropoutSite, 'where' | 'mask' | 'dims'>;

export interface TrainingModel {
  /** Reads `input_ids`, `attention_mask`, `decoder_input_ids`, the parameters and the masks; its only output is `logits`. */
  readonly model: OnnxModel;
  readonly logits: string;
  readonly parameters: readonly Parameter[];
  readonly masks: readonly DropoutMask[];
  readonly lora: readonly LoraSite[];
  /** What parameters without a place in the model begin with, where that is not drawn. */
  readonly start: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
}

/** @throws UserError `modelUnsupported` saying what of the model cannot be trained. */
export function trainingModel(stacks: TrainingStacks, options: TrainingModelOptions): TrainingModel {
  const { method, dropout, classes, classifier } = options;
  const canonical = mapStacks(stacks);
  const edits: Partial<Record<StackName, readonly GraphEdit[]>> = {};
  const masks: DropoutMask[] = [];
  const lora: LoraSite[] = [];
  for (const [name, { model, anatomy }] of stacksOf(canonical)) {
    const facts = new GraphFacts(model);
    const sites = dropout.rate > 0 ? dropoutSites(name, facts, anatomy, dropout) : [];
    masks.push(...sites.map(({ where, mask, dims }) => ({ where, mask: joinedName(name, mask), dims })));
    const adapted = method.kind === 'lora' ? loraSites(name, facts, anatomy, method.targets) : [];
    lora.push(...adapted);
    // Dropout first: where a product has no bias, LoRA then changes what is dropped.
    edits[name] = [addDropout(sites), ...(method.kind === 'lora' ? [addLora(adapted, method)] : [])];
  }
  if (method.kind === 'lora' && lora.length === 0) {
    const message =
      'None of the chosen projections was found in this model. Choose others, or train all weights.';
    throw new UserError('modelUnsupported', message);
  }
  const joined = joinGraphs(canonical, edits);
  const {
    edit: endEdit,
    logits,
    parameters: added,
  } = classes === undefined ? plainEnd(joined) : classificationHead(joined, widthOf(canonical), classes);
  const shared = method.kind === 'full' ? sharedWeights(placedWeights(stacks)) : [];
  const parameters = [
    ...(method.kind === 'full' ? shared.map(parameterOf) : loraParameters(lora, method.rank)),
    ...added,
  ];
  const weights = shared.map(({ places: [first] }) => joinedName(first.stack, first.weight));
  const all = [endEdit, ...tieCopies(shared), weightsToInputs(weights), dropUnused(), dropUnread];
  const graph = sortNodes(all.reduce((changed, each) => each(changed), joined.graph));
  const files = new Map(stacksOf(stacks).flatMap(([, { model }]) => [...(model.files ?? [])]));
  const model = readModel(encodeModel({ ...joined, producer: '', graph }), files);
  const read = new Set(model.graph.inputs.map(({ name }) => name));
  return {
    model,
    logits,
    parameters: parameters.filter(({ name }) => read.has(name)),
    masks: masks.filter(({ mask }) => read.has(mask)),
    lora,
    start: new Map(
      classifier
        ? [
            [HEAD_WEIGHT, classifier.weight],
            [HEAD_BIAS, classifier.bias],
          ]
        : [],
    ),
  };
}

/** What training starts from, by the name of the parameter; copies. LoRA matrices and a new head are drawn from the seed. */
export function initialParameters(
  stacks: TrainingStacks,
  { parameters, lora, start }: Pick<TrainingModel, 'parameters' | 'lora' | 'start'>,
  method: Method,
  seed: number,
): Map<string, Float32Array<ArrayBuffer>> {
  const weights = new Map(
    stacksOf(stacks).flatMap(([stack, { model }]) =>
      model.graph.initializers.map((weight) => [joinedName(stack, weight.name), weight] as const),
    ),
  );
  const matrices = new Map(
    method.kind === 'lora' ? [...initialLora(lora, method.rank, Generator.of(seed, 'lora'))] : [],
  );
  const loraNames = new Map(
    lora.flatMap(({ stack, a, b }) => [a, b].map((name) => [joinedName(stack, name), name] as const)),
  );
  const head = Generator.of(seed, 'head');
  return new Map(
    parameters.map(({ name, dims, places }) => {
      const [place] = places;
      const weight = place && weights.get(joinedName(place.stack, place.weight));
      const known = start.get(name);
      const matrix = matrices.get(loraNames.get(name) ?? '') ?? (known && Float32Array.from(known));
      return [name, weight ? Float32Array.from(floatsOf(weight)) : (matrix ?? initialHead(dims, head))];
    }),
  );
}

/** Weights that an earlier training has changed, as parameters; those that are equal in several places are one. */
export function changedParameters(stacks: TrainingStacks, changed: ChangedWeights): Parameter[] {
  const placed = stacksOf(stacks).flatMap(([stack, { model }]) =>
    model.graph.initializers.flatMap(({ name, dims }) => {
      const values = changed.get(stack)?.get(name);
      return values ? [{ stack, weight: constant(name, ElementType.float32, dims, values) }] : [];
    }),
  );
  return sharedWeights(placed).map(parameterOf);
}

/** Removes inputs that nothing reads, such as the weights of a pooler; ids and masks of tokens stay. */
function dropUnread(graph: OnnxGraph): OnnxGraph {
  const read = new Set<string>([INPUT_IDS, ATTENTION_MASK, DECODER_IDS]);
  graph.nodes.flatMap(namesRead).forEach((name) => read.add(name));
  return { ...graph, inputs: graph.inputs.filter(({ name }) => read.has(name)) };
}

function mapStacks(stacks: TrainingStacks): TrainingStacks {
  const convert = (stack: TrainingStack): TrainingStack => ({ ...stack, model: canonicalOpset(stack.model) });
  return 'model' in stacks
    ? { model: convert(stacks.model) }
    : { encoder: convert(stacks.encoder), decoder: convert(stacks.decoder) };
}

function placedWeights(stacks: TrainingStacks) {
  return stacksOf(stacks).flatMap(([stack, { model, anatomy }]) => {
    const names = new Set(trainableWeights(model, anatomy));
    return model.graph.initializers
      .filter(({ name }) => names.has(name))
      .map((weight) => ({ stack, weight }));
  });
}

function parameterOf({ dims, places }: SharedWeight): Parameter {
  const [first] = places;
  return { name: joinedName(first.stack, first.weight), dims, places, decays: isMatrix(dims) };
}

const isMatrix = (dims: readonly number[]): boolean => dims.filter((dim) => dim > 1).length > 1;

function loraParameters(sites: readonly LoraSite[], rank: number): Parameter[] {
  return sites.flatMap(({ stack, a, b, inputs, outputs }) => [
    { name: joinedName(stack, a), dims: [inputs, rank], places: [], decays: true },
    { name: joinedName(stack, b), dims: [rank, outputs], places: [], decays: true },
  ]);
}

/** Lets every reader of a copy read the first place, so that gradients add up in the graph. */
function tieCopies(shared: readonly SharedWeight[]): GraphEdit[] {
  return shared.flatMap(({ places: [first, ...copies] }) => {
    const name = joinedName(first.stack, first.weight);
    const turned = `${name}/transposed`;
    const edits = copies.map((copy) =>
      rewire(joinedName(copy.stack, copy.weight), copy.transposed ? turned : name),
    );
    return copies.some((copy) => copy.transposed)
      ? [...edits, add({ nodes: [node('Transpose', [name], [turned], { perm: ints([1, 0]) })] })]
      : edits;
  });
}

function plainEnd({ logits }: JoinedGraph): GraphEnd {
  if (logits === undefined) {
    const message =
      'This model has no output over its vocabulary, so it cannot learn to predict words. Train it to classify texts, or choose another model.';
    throw new UserError('modelUnsupported', message);
  }
  return { edit: keepOutputs([logits]), logits, parameters: [] };
}

function widthOf(stacks: TrainingStacks): number {
  const all = stacksOf(stacks);
  return all[all.length - 1][1].anatomy.width;
}
