// The training loop: steps over batches, wherever the parameters live; a step is taken whole or not at all.
import { throwIfCancelled } from '../shared/errors';
import { nextMacrotask } from '../shared/macrotask';
import type { Run } from '../shared/tensor';
import { sizeOf } from '../shared/tensor';
import type { TrainingPoint } from '../shared/training';
import type { AdamWOptions } from './adamW';
import { zeroMoments } from './adamW';
import type { BatchOptions, StepBatches } from './batches';
import { grouped, planEpoch } from './batches';
import { batchFeeds, maskFeeds } from './batchFeeds';
import type { ParameterState, TrainingIdentity, TrainingState } from './checkpoint';
import type { TokenExample } from './data/readExamples';
import { DivergenceWatch, notFinite } from './divergence';
import type { GeneratorState } from './generator';
import { Generator } from './generator';
import { HostParameters, savedOf } from './hostParameters';
import type { Batch, Masking } from './makeBatch';
import { makeBatch } from './makeBatch';
import type { TrainedParameters } from './parameters';
import type { Schedule } from './schedule';
import { learningRate } from './schedule';
import type { DropoutMask } from './trainingModel';
import type { Parameter } from './trainingStack';

/** Numbers that decide what a step does. */
export interface TrainerOptions {
  /** Where training ends. */
  readonly steps: number;
  readonly batches: BatchOptions;
  readonly schedule: Schedule;
  readonly optimiser: AdamWOptions;
  /** Largest norm of the gradient; 0 for any. */
  readonly clip: number;
  readonly labelSmoothing: number;
  readonly dropout: number;
  /** Steps between two measurements of the held-out loss; it is also measured after the last step. */
  readonly evaluateEvery: number;
}

/** What a training consists of, wherever it runs. */
export interface TrainerParts {
  readonly options: TrainerOptions;
  readonly identity: TrainingIdentity;
  readonly parameters: readonly Parameter[];
  /** Where training begins, by parameter. The arrays are the trainer's from then on, and change in place. */
  readonly weights: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** By parameter: the output of `gradients` that holds its gradient. */
  readonly gradientOutputs: ReadonlyMap<string, string>;
  readonly masks: readonly DropoutMask[];
  readonly examples: readonly TokenExample[];
  readonly heldOut: readonly TokenExample[];
  /** Id that fills short rows. */
  readonly pad: number;
  /** Masked language models only. */
  readonly masking?: Omit<Masking, 'generator'>;
}

/** A training in this thread's memory. Runs are handed over one at a time. */
export interface TrainerSetup extends TrainerParts {
  /** Runs the graph of `gradientModel`; what it returns belongs to the trainer. */
  readonly gradients: Run;
  /** Runs the graph of `evaluationModel`. */
  readonly evaluate: Run;
}

/** A training whose numbers are elsewhere. */
export interface DeviceTrainerSetup extends TrainerParts {
  /** Holds and steps the parameters from this state on. Its owner disposes of it. */
  readonly device: (state: ReadonlyMap<string, ParameterState>) => TrainedParameters;
}

/** A step that was taken. */
export interface StepReport {
  readonly point: TrainingPoint;
  /** Tokens that were read, without padding. */
  readonly tokens: number;
}

/** How {@link Trainer.train} ended. */
export interface TrainOutcome {
  readonly step: number;
  readonly finished: boolean;
  /** Why training cannot go on like this; the newest state that is known to be good is that of `goodStep`. */
  readonly stopped: string | undefined;
  /** The last step (0: the start) after which the weights are known to be good, see `DivergenceWatch`. */
  readonly goodStep: number;
}

/** One training; see {@link TrainerParts}. Methods must not be called while one is running. */
export class Trainer {
  /** Where the numbers are that change. */
  readonly #held: TrainedParameters;
  /** What {@link state} shows: the numbers themselves, or those of the last {@link refresh}. */
  #parameters: ReadonlyMap<string, ParameterState>;
  readonly #lengths: readonly number[];
  #watch = new DivergenceWatch();
  #step = 0;
  #epoch = 0;
  #position = 0;
  #generator: GeneratorState;
  #points: TrainingPoint[] = [];
  #stopped: string | undefined;
  #plan: { readonly epoch: number; readonly steps: readonly StepBatches[] } | undefined;

  constructor(private readonly setup: TrainerSetup | DeviceTrainerSetup) {
    const { parameters, weights, examples, options } = setup;
    if (examples.length === 0) {
      throw new RangeError('There is nothing to learn from.');
    }
    this.#parameters = new Map(
      parameters.map(({ name, dims }) => {
        const weight = weights.get(name);
        if (weight?.length !== sizeOf(dims)) {
          throw new RangeError(`The parameter "${name}" has no values of its shape [${dims.join(', ')}].`);
        }
        return [name, { dims, weight, ...zeroMoments(weight.length) }];
      }),
    );
    this.#held = isOnDevice(setup)
      ? setup.device(this.#parameters)
      : new HostParameters({ ...setup, state: this.#parameters });
    this.#lengths = examples.map(({ input, decoder }) => Math.max(input.length, decoder?.length ?? 0));
    this.#generator = Generator.of(options.batches.seed, 'steps').state;
  }

  /** Brings {@link state} and {@link weight} up to date where the parameters live on a device. */
  async refresh(): Promise<void> {
    this.#parameters = await this.#held.read();
  }

  /** Where training is, see {@link refresh}; its arrays may be live: encode it before the next step. */
  get state(): TrainingState {
    return {
      identity: this.setup.identity,
      step: this.#step,
      epoch: this.#epoch,
      position: this.#position,
      generator: this.#generator,
      points: [...this.#points],
      parameters: this.#parameters,
    };
  }

  get step(): number {
    return this.#step;
  }

  get points(): readonly TrainingPoint[] {
    return this.#points;
  }

  /** The numbers of a parameter, see {@link refresh}; may be live. */
  weight(name: string): Float32Array<ArrayBuffer> | undefined {
    return this.#parameters.get(name)?.weight;
  }

  /** Bytes of weights, moments and the gradients of a step. */
  get bytes(): number {
    return this.#held.bytes;
  }

  /** Goes on from a state, of which the numbers are copied. */
  restore(state: TrainingState): void {
    this.#parameters.forEach((_, name) => savedOf(state.parameters, name));
    this.#held.load(state.parameters);
    if (isOnDevice(this.setup)) {
      this.#parameters = state.parameters;
    }
    [this.#step, this.#epoch, this.#position] = [state.step, state.epoch, state.position];
    this.#generator = state.generator;
    this.#points = [...state.points];
    this.#stopped = undefined;
    this.#watch = new DivergenceWatch();
    this.#points.forEach(({ step, loss }) => this.#watch.add(step, loss));
  }

  /**
   * Takes steps up to step `until`. Between two runs other work of the thread gets its turn; when the signal is aborted, the
   * step under way is dropped and training stands after the last whole one.
   *
   * @throws UserError `cancelled`, or what a run throws; the state is then that after the last whole step.
   */
  async train(
    until: number,
    {
      signal,
      onStep,
    }: { readonly signal?: AbortSignal; readonly onStep?: (report: StepReport) => void } = {},
  ): Promise<TrainOutcome> {
    const { steps } = this.setup.options;
    while (this.#step < Math.min(until, steps) && this.#stopped === undefined) {
      throwIfCancelled(signal);
      // What a cancelled call has left out.
      await this.#measure(signal);
      const report = await this.#takeStep(signal);
      if (report) {
        onStep?.(report);
      }
    }
    const stopped = this.#stopped;
    return {
      step: this.#step,
      finished: this.#step >= steps,
      stopped,
      goodStep: stopped === undefined ? this.#step : Math.min(this.#step, this.#watch.goodStep),
    };
  }

  /** Loss and norm of the gradient of the next step, which is not taken; for comparing devices. @throws what a run throws */
  async trial(signal?: AbortSignal): Promise<{ readonly loss: number; readonly norm: number }> {
    const { batches, generator } = this.#nextBatches();
    try {
      const { loss } = await this.#sumGradients(batches, generator, signal);
      return {
        loss,
        norm: await this.#held.prepare({ ...this.setup.options, rate: 0, step: this.#step + 1 }),
      };
    } finally {
      this.#held.drop();
    }
  }

  /**
   * Mean loss per label of examples, in nats, without smoothing and dropout; undefined for none.
   *
   * @param weights to measure with instead of those that training has reached.
   */
  async evaluate(
    examples: readonly TokenExample[] = this.setup.heldOut,
    signal?: AbortSignal,
    weights?: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  ): Promise<number | undefined> {
    const { options, pad } = this.setup;
    const lengths = examples.map(({ input, decoder }) => Math.max(input.length, decoder?.length ?? 0));
    const order = examples.map((_, i) => i).sort((a, b) => lengths[a] - lengths[b]);
    // The same words are masked every time, so that the losses compare.
    const masking = this.#masking(Generator.of(options.batches.seed, 'evaluate'));
    let [sum, count] = [0, 0];
    for (const group of grouped(order, lengths, options.batches)) {
      const batch = makeBatch(
        group.map((i) => examples[i]),
        pad,
        masking,
      );
      sum += await this.#held.evaluate(batchFeeds(batch, { smoothing: 0, divisor: 1 }), signal, weights);
      await nextMacrotask();
      throwIfCancelled(signal);
      count += batch.labelCount;
    }
    return count > 0 ? sum / count : undefined;
  }

  async #takeStep(signal: AbortSignal | undefined): Promise<StepReport | undefined> {
    const { options } = this.setup;
    const next = this.#step + 1;
    const { batches, generator } = this.#nextBatches();
    const rate = learningRate(options.schedule, next);
    try {
      const { loss, plain } = await this.#sumGradients(batches, generator, signal);
      const norm = await this.#held.prepare({ ...options, rate, step: next });
      this.#stopped = notFinite(next, loss, norm);
      if (this.#stopped !== undefined) {
        return undefined;
      }
      // From here to the end of the block nothing waits: a step is taken whole.
      this.#held.commit();
      this.#points.push({ step: next, loss: plain, rate, norm });
      this.#stopped = this.#watch.add(next, plain);
    } finally {
      this.#held.drop();
    }
    this.#generator = generator.state;
    this.#step = next;
    const isEpochDone = this.#position + 1 >= this.#planOf(this.#epoch).length;
    [this.#epoch, this.#position] = isEpochDone ? [this.#epoch + 1, 0] : [this.#epoch, this.#position + 1];
    await this.#measure(signal);
    return {
      point: this.#points[this.#points.length - 1],
      tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0),
    };
  }

  /** Adds the held-out loss to the last point where it is due; the step stands when that is cancelled. */
  async #measure(signal: AbortSignal | undefined): Promise<void> {
    const { heldOut: examples, options } = this.setup;
    const last = this.#points.at(-1);
    const isDue = this.#step % options.evaluateEvery === 0 || this.#step === options.steps;
    if (last && last.heldOut === undefined && isDue && examples.length > 0) {
      const heldOut = await this.evaluate(examples, signal);
      this.#points[this.#points.length - 1] = { ...last, heldOut };
    }
  }

  /** The batches of the next step, and the generator as they leave it. */
  #nextBatches(): { readonly batches: readonly Batch[]; readonly generator: Generator } {
    const { examples, pad } = this.setup;
    const generator = new Generator(this.#generator);
    const masking = this.#masking(generator);
    const batches = this.#planOf(this.#epoch)[this.#position].map((batch) =>
      makeBatch(
        batch.map((i) => examples[i]),
        pad,
        masking,
      ),
    );
    return { batches, generator };
  }

  async #sumGradients(batches: readonly Batch[], generator: Generator, signal: AbortSignal | undefined) {
    const { options, masks } = this.setup;
    const divisor = Math.max(
      1,
      batches.reduce((sum, { labelCount }) => sum + labelCount, 0),
    );
    let [loss, plain] = [0, 0];
    for (const batch of batches) {
      const feeds = {
        ...batchFeeds(batch, { smoothing: options.labelSmoothing, divisor }),
        ...maskFeeds(masks, batch, options.dropout, generator),
      };
      const losses = await this.#held.addGradient(feeds, signal);
      loss += losses.loss;
      plain += losses.plain;
      await nextMacrotask();
      throwIfCancelled(signal);
    }
    return { loss, plain };
  }

  #planOf(epoch: number): readonly StepBatches[] {
    if (this.#plan?.epoch !== epoch) {
      this.#plan = { epoch, steps: planEpoch(this.#lengths, this.setup.options.batches, epoch) };
    }
    return this.#plan.steps;
  }

  #masking(generator: Generator): Masking | undefined {
    return this.setup.masking && { ...this.setup.masking, generator };
  }
}

function isOnDevice(setup: TrainerSetup | DeviceTrainerSetup): setup is DeviceTrainerSetup {
  return 'device' in setup;
}
