// A model of four weights that predicts the next token, as a training model: the smallest thing that can be trained.
import { editModel } from '../../../src/onnx/editModel';
import { buildModel, node, value } from '../../../src/onnx/graphBuilder';
import { ElementType } from '../../../src/onnx/model';
import type { Run } from '../../../src/shared/tensor';
import { sizeOf } from '../../../src/shared/tensor';
import type { TokenExample } from '../../../src/training/data/readExamples';
import { evaluationModel, gradientModel } from '../../../src/training/lossGraphs';
import type { TrainerOptions, TrainerSetup } from '../../../src/training/trainer';
import type { TrainingModel } from '../../../src/training/trainingModel';
import { open } from './shipped';

const [VOCABULARY, WIDTH, HIDDEN] = [12, 6, 8];

const shapes = {
  embedding: [VOCABULARY, WIDTH],
  up: [WIDTH, HIDDEN],
  bias: [HIDDEN],
  down: [HIDDEN, VOCABULARY],
};

const ids = (name: string) => value(name, ElementType.int64, ['batch', 'length']);

export function toyGraph(dropout: boolean): TrainingModel {
  const mask = value('mask', ElementType.float32, ['batch', 'length', WIDTH]);
  const model = buildModel({
    inputs: [
      ids('input_ids'),
      ids('attention_mask'),
      ...Object.entries(shapes).map(([name, dims]) => value(name, ElementType.float32, dims)),
      ...(dropout ? [mask] : []),
    ],
    outputs: [value('logits', ElementType.float32, ['batch', 'length', VOCABULARY])],
    nodes: [
      node('Gather', ['embedding', 'input_ids'], ['states']),
      ...(dropout ? [node('Mul', ['states', 'mask'], ['dropped'])] : []),
      node('MatMul', [dropout ? 'dropped' : 'states', 'up'], ['product']),
      node('Add', ['product', 'bias'], ['sum']),
      node('Tanh', ['sum'], ['hidden']),
      node('MatMul', ['hidden', 'down'], ['logits']),
    ],
  });
  const parameters = Object.entries(shapes).map(([name, dims]) => ({
    name,
    dims,
    places: [],
    decays: dims.length > 1,
  }));
  const masks = dropout
    ? [{ where: 'embedding', mask: 'mask', dims: ['batch', 'length', WIDTH] } as const]
    : [];
  return { model, logits: 'logits', parameters, masks, lora: [], start: new Map() };
}

/** As test/golden/training/record.py starts. */
export function toyWeights(): Map<string, Float32Array<ArrayBuffer>> {
  return new Map(
    Object.entries(shapes).map(([name, dims], phase) => [
      name,
      Float32Array.from({ length: sizeOf(dims) }, (_, i) => 0.5 * Math.sin(1.7 * i + phase)),
    ]),
  );
}

export const toyExamples: readonly TokenExample[] = Array.from({ length: 8 }, (_, row) => {
  const text = Array.from({ length: 4 + (row % 4) }, (_, at) => (5 * row + 3 * at * at + at) % VOCABULARY);
  return { example: row, input: text.slice(0, -1), decoder: undefined, labels: text.slice(1) };
});

export const toyOptions: TrainerOptions = {
  steps: 50,
  batches: { tokens: 1000, examples: 8, accumulation: 1, seed: 1 },
  schedule: { kind: 'paper', width: WIDTH, warmup: 10, factor: 0.3 },
  optimiser: { beta1: 0.9, beta2: 0.98, epsilon: 1e-9, weightDecay: 0.01 },
  clip: 0.5,
  labelSmoothing: 0.1,
  dropout: 0,
  evaluateEvery: 10,
};

export interface Toy {
  readonly setup: (options?: Partial<TrainerOptions>) => TrainerSetup;
  readonly release: () => Promise<void>;
}

/** Sessions of the toy; every setup starts with weights of its own. */
export async function toy(dropout = false): Promise<Toy> {
  const built = toyGraph(dropout);
  const { model, gradients } = gradientModel(built);
  const training = await open(model.bytes);
  const measuring = await open(editModel(evaluationModel(toyGraph(false)), []).bytes);
  const setup = (options: Partial<TrainerOptions> = {}): TrainerSetup => ({
    options: { ...toyOptions, ...options },
    identity: { model: 'toy', data: 'toy', options: JSON.stringify(options) },
    parameters: built.parameters,
    weights: toyWeights(),
    gradientOutputs: gradients,
    masks: built.masks,
    examples: toyExamples,
    heldOut: toyExamples.slice(0, 3),
    pad: 0,
    gradients: training.run,
    evaluate: measuring.run,
  });
  return {
    setup,
    release: async () => {
      await training.release();
      await measuring.release();
    },
  };
}

/** A run that fails at the given calls (from 0), before it has done anything. */
export function failingAt(run: Run, calls: ReadonlySet<number>): Run {
  let call = 0;
  return (feeds, fetches, signal) => {
    const now = call++;
    return calls.has(now) ? Promise.reject(new Error(`killed at ${now}`)) : run(feeds, fetches, signal);
  };
}
