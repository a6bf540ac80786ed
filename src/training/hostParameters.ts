// Parameters as arrays of this thread, changed in place: three times their size, and no copies of them between steps.
import type { NamedTensors, Run, Tensor } from '../shared/tensor';
import { adamW } from './adamW';
import type { ParameterState } from './checkpoint';
import { accumulate, clipFactor, globalNorm } from './clipGradients';
import { LOSS, PLAIN_LOSS } from './lossGraphs';
import { floatsIn, numberIn } from './namedFloats';
import type { BatchLoss, StepNumbers, TrainedParameters } from './parameters';
import type { Parameter } from './trainingStack';

export interface HostParametersSetup {
  readonly parameters: readonly Parameter[];
  /** By parameter; changed in place. */
  readonly state: ReadonlyMap<string, ParameterState>;
  /** By parameter: the output of `gradients` that holds its gradient. */
  readonly gradientOutputs: ReadonlyMap<string, string>;
  /** Runs the graph of `gradientModel`; what it returns belongs to the caller. */
  readonly gradients: Run;
  /** Runs the graph of `evaluationModel`. */
  readonly evaluate: Run;
}

export class HostParameters implements TrainedParameters {
  #gradients = new Map<string, Float32Array>();
  #prepared: (StepNumbers & { readonly scale: number }) | undefined;

  constructor(private readonly setup: HostParametersSetup) {}

  get bytes(): number {
    return [...this.setup.state.values()].reduce((sum, { weight }) => sum + 4 * weight.byteLength, 0);
  }

  async addGradient(feeds: NamedTensors, signal?: AbortSignal): Promise<BatchLoss> {
    const { gradientOutputs, gradients: run } = this.setup;
    const fetches = [LOSS, PLAIN_LOSS, ...gradientOutputs.values()];
    const results = await run({ ...this.#feeds(), ...feeds }, fetches, signal);
    for (const [name, output] of gradientOutputs) {
      const gradient = floatsIn(results, output);
      const sum = this.#gradients.get(name);
      if (sum) {
        accumulate(sum, gradient);
      } else {
        this.#gradients.set(name, gradient);
      }
    }
    return { loss: numberIn(results, LOSS), plain: numberIn(results, PLAIN_LOSS) };
  }

  prepare(numbers: StepNumbers): Promise<number> {
    const norm = globalNorm(this.#gradients.values());
    this.#prepared = { ...numbers, scale: numbers.clip > 0 ? clipFactor(norm, numbers.clip) : 1 };
    return Promise.resolve(norm);
  }

  commit(): void {
    for (const { name, decays } of this.#prepared ? this.setup.parameters : []) {
      const [state, gradient] = [this.setup.state.get(name), this.#gradients.get(name)];
      if (this.#prepared && state && gradient) {
        const { optimiser, ...step } = this.#prepared;
        adamW(state.weight, gradient, state, decays ? optimiser : { ...optimiser, weightDecay: 0 }, step);
      }
    }
    this.drop();
  }

  drop(): void {
    this.#gradients = new Map();
    this.#prepared = undefined;
  }

  async evaluate(
    feeds: NamedTensors,
    signal?: AbortSignal,
    weights?: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  ): Promise<number> {
    const results = await this.setup.evaluate({ ...this.#feeds(weights), ...feeds }, [PLAIN_LOSS], signal);
    return numberIn(results, PLAIN_LOSS);
  }

  load(state: ReadonlyMap<string, ParameterState>): void {
    for (const [name, own] of this.setup.state) {
      const saved = savedOf(state, name);
      own.weight.set(saved.weight);
      own.first.set(saved.first);
      own.second.set(saved.second);
    }
  }

  read(): Promise<ReadonlyMap<string, ParameterState>> {
    return Promise.resolve(this.setup.state);
  }

  #feeds(others?: ReadonlyMap<string, Float32Array<ArrayBuffer>>): NamedTensors {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { dims, weight }] of this.setup.state) {
      feeds[name] = { type: 'float32', dims, data: others?.get(name) ?? weight };
    }
    return feeds;
  }
}

/** @throws RangeError when the state lacks the parameter. */
export function savedOf(state: ReadonlyMap<string, ParameterState>, name: string): ParameterState {
  const saved = state.get(name);
  if (!saved) {
    throw new RangeError(`The state has no parameter "${name}".`);
  }
  return saved;
}
