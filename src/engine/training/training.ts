// One training: its data, graphs and sessions, the trainer between them, and what it has learned so far.
import type { Runtime } from '../../runtime/runtime';
import { throwIfCancelled } from '../../shared/errors';
import type { CallOptions } from '../../shared/protocol';
import type {
  BeginTrainingRequest,
  TrainingPoint,
  TrainingRun,
  TrainingStart,
  TrainingUpdate,
} from '../../shared/training';
import type { TrainingIdentity } from '../../training/checkpoint';
import { decodeCheckpoint, encodeCheckpoint } from '../../training/checkpoint';
import { HEAD_BIAS, HEAD_WEIGHT } from '../../training/classificationHead';
import { contentHash } from '../../training/contentHash';
import { evaluationModel, gradientModel } from '../../training/lossGraphs';
import type { Trainer, TrainerParts } from '../../training/trainer';
import type { TrainingModel } from '../../training/trainingModel';
import { initialParameters, trainingModel } from '../../training/trainingModel';
import type { TrainingStacks } from '../../training/trainingStack';
import type { ChangedFile } from '../changedFile';
import type { Model } from '../model';
import type { OpenedTrainer } from './openTrainer';
import { openTrainer } from './openTrainer';
import type { ReadTraining } from './readTrainingText';
import { needExamples, readTrainingText } from './readTrainingText';
import { checkTrainingOptions, methodOf, trainerOptions } from './trainingPlan';
import { trainingStacks } from './trainingStacks';

/** Steps between two updates at most this many milliseconds apart. */
const UPDATE_EVERY = 250;

/** A training model without its graph, whose weights a session holds. */
type TrainingGraph = Omit<TrainingModel, 'model'>;

export class Training {
  private constructor(
    readonly model: Model,
    readonly request: BeginTrainingRequest,
    readonly read: ReadTraining,
    readonly graph: TrainingGraph,
    private readonly opened: OpenedTrainer,
    private readonly built: number,
  ) {}

  /**
   * Reads the data, builds the backward graph and its sessions, and goes on from the checkpoint where there is one.
   *
   * @throws UserError as `Trainings.beginTraining`
   */
  static async begin(
    runtime: Runtime,
    model: Model,
    request: BeginTrainingRequest,
    call: CallOptions,
  ): Promise<Training> {
    const { options } = request;
    checkTrainingOptions(options);
    const read = await readTrainingText(model, request.data, options, call);
    needExamples(read);
    const began = performance.now();
    call.onProgress?.({ message: 'Building the backward graph', done: 0, total: 0 });
    const stacks = trainingStacks(model);
    const method = methodOf(options);
    const classes = read.data.form.task === 'classification' ? read.data.labels.length : undefined;
    const known = classes === undefined ? undefined : model.classifier;
    const classifier = known?.labels.join('\n') === read.data.labels.join('\n') ? known : undefined;
    const build = (from: TrainingStacks, rate: number): TrainingModel =>
      trainingModel(from, { method, dropout: { rate, attention: false }, classes, classifier });
    const graph = build(stacks, options.dropout);
    const { model: backward, gradients } = gradientModel(graph);
    throwIfCancelled(call.signal);
    const graphs = {
      gradient: { model: backward, gradients },
      // made when something is measured, from the files again: until then its weights need not be in memory twice
      evaluation: () => evaluationModel(build(trainingStacks(model), 0)),
      parameters: graph.parameters,
    };
    const identity = identityOf(model, read, request);
    const setup: TrainerParts = {
      options: trainerOptions(options, model.summary.width),
      identity,
      parameters: graph.parameters,
      weights: initialParameters(stacks, graph, method, options.seed),
      gradientOutputs: gradients,
      masks: graph.masks,
      examples: read.train,
      heldOut: read.heldOut,
      pad: read.pad,
      masking: maskingOf(model, read),
    };
    const opened = await openTrainer(runtime, model.backend, graphs, setup, call);
    const { trainer } = opened;
    try {
      if (request.checkpoint) {
        const shapes = new Map(graph.parameters.map(({ name, dims }) => [name, dims]));
        trainer.restore(decodeCheckpoint(request.checkpoint, identity, shapes));
      }
      const built = performance.now() - began;
      return new Training(model, request, read, aboutOf(graph), opened, built);
    } catch (error) {
      await opened.release();
      throw error;
    }
  }

  /** The graphs that training began with, read anew every time: they would hold all weights in float32 once more. */
  get stacks(): TrainingStacks {
    return trainingStacks(this.model);
  }

  get trainer(): Trainer {
    return this.opened.trainer;
  }

  get start(): TrainingStart {
    const { trainer, graph } = this;
    return {
      preview: this.read.preview,
      trainable: graph.parameters.reduce(
        (sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1),
        0,
      ),
      step: trainer.step,
      built: this.built,
      points: trainer.points,
      bytes: trainer.bytes,
      backend: this.opened.backend,
    };
  }

  /** Takes steps up to `until`. @throws UserError `cancelled`; as `Session.run` */
  async train(until: number, { signal, onProgress }: CallOptions): Promise<TrainingRun> {
    const { steps } = this.request.options;
    const began = performance.now();
    const first = this.trainer.step;
    let [tokens, told] = [0, began];
    let waiting: TrainingPoint[] = [];
    const tell = (): void => {
      const elapsed = Math.max(1, performance.now() - began);
      const training: TrainingUpdate = {
        points: waiting,
        tokensPerSecond: (1000 * tokens) / elapsed,
        millisecondsPerStep: elapsed / Math.max(1, this.trainer.step - first),
      };
      waiting = [];
      told = performance.now();
      onProgress?.({ message: 'Training', done: this.trainer.step, total: steps, training });
    };
    try {
      const outcome = await this.trainer.train(until, {
        signal,
        onStep: ({ point, tokens: more }) => {
          waiting.push(point);
          tokens += more;
          if (performance.now() - told >= UPDATE_EVERY) {
            tell();
          }
        },
      });
      const { step, finished, stopped } = outcome;
      return { step, finished, stopped, points: this.trainer.points };
    } finally {
      if (waiting.length > 0) {
        tell();
      }
    }
  }

  checkpoint(): Uint8Array<ArrayBuffer> {
    return encodeCheckpoint(this.trainer.state);
  }

  /**
   * The weights to keep: base + strength · (trained − base). LoRA matrices B are scaled instead, which does the same to their
   * product.
   */
  kept(): ReadonlyMap<string, Float32Array<ArrayBuffer>> {
    const { options } = this.request;
    const base = initialParameters(this.stacks, this.graph, methodOf(options), options.seed);
    const factor = options.strength;
    // A classifier that was not there before is kept as it is.
    const whole = new Set([HEAD_WEIGHT, HEAD_BIAS, ...(options.method === 'lora' ? this.loraDowns() : [])]);
    for (const [name, weight] of base) {
      const now = this.trainer.weight(name);
      const share = whole.has(name) ? 1 : factor;
      for (let i = 0; now && i < weight.length; i++) {
        weight[i] += share * (now[i] - weight[i]);
      }
    }
    return base;
  }

  async release(): Promise<void> {
    await this.opened.release();
  }

  /** The inputs A: the product A·B is scaled through B alone, which starts at zero. */
  private loraDowns(): string[] {
    const { lora, parameters } = this.graph;
    const names = parameters.map(({ name }) => name);
    return lora.flatMap(({ a }) => names.filter((name) => name.endsWith(a)));
  }
}

function aboutOf({ logits, parameters, masks, lora, start }: TrainingModel): TrainingGraph {
  return { logits, parameters, masks, lora, start };
}

/** What a checkpoint must agree with. */
function identityOf(
  { files, summary }: Model,
  { train, heldOut }: ReadTraining,
  { options }: BeginTrainingRequest,
): TrainingIdentity {
  // These change what is done with a training, not what its steps are.
  const { strength, saveEvery, ...deciding } = options;
  void [strength, saveEvery];
  return {
    model: contentHash([summary.name, ...(files ?? []).flatMap(contentsOf)]),
    data: contentHash([JSON.stringify([train, heldOut])]),
    options: contentHash([JSON.stringify(deciding)]),
    settings: Object.fromEntries(
      Object.entries(deciding).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
  };
}

/** A file with what an earlier training has changed in it. */
function contentsOf({ bytes, changed = new Map() }: ChangedFile): (string | Uint8Array)[] {
  const values = [...changed].flatMap(([name, { buffer, byteOffset, byteLength }]) => [
    name,
    new Uint8Array(buffer, byteOffset, byteLength),
  ]);
  return [bytes, ...values];
}

function maskingOf({ tokenizer, summary }: Model, { data }: ReadTraining): TrainerParts['masking'] {
  const mask = tokenizer?.special.mask;
  return data.form.task === 'masked' && mask !== undefined
    ? // Any token may replace another (Devlin et al. 2019): the special ones are few among thousands.
      { mask, first: 0, count: summary.vocabulary }
    : undefined;
}
