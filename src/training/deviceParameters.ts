// Parameters that stay on the device between steps: gradients, norm and AdamW are computed there, and only losses come back.
import type { NamedTensors, ResidentRun, ResidentTensor, Tensor } from '../shared/tensor';
import type { ParameterState } from './checkpoint';
import { savedOf } from './hostParameters';
import { LOSS, PLAIN_LOSS } from './lossGraphs';
import { floatsIn, numberIn } from './namedFloats';
import type { BatchLoss, StepNumbers, TrainedParameters } from './parameters';
import type { Parameter } from './trainingStack';
import { STATE_PARTS, UPDATE, updateFeeds, type StatePart } from './updateGraph';

export interface DeviceParametersSetup {
  readonly parameters: readonly Parameter[];
  /** Where training begins. */
  readonly state: ReadonlyMap<string, ParameterState>;
  readonly gradientOutputs: ReadonlyMap<string, string>;
  /** Runs the graph of `gradientModel`, whose gradients stay. */
  readonly gradients: ResidentRun;
  /** Runs the graph of `additionModel`, whose sums stay; for steps of more than one batch. */
  readonly addition: ResidentRun;
  /** Runs the graph of `updateModel`, whose weights and moments stay. */
  readonly update: ResidentRun;
  /** Runs the graph of `evaluationModel`. */
  readonly evaluate: ResidentRun;
}

/** In host memory until a step has been taken, on the device from then on. */
type Held = Readonly<Record<StatePart, Tensor | ResidentTensor>>;
type Resident = Readonly<Record<string, ResidentTensor>>;

export class DeviceParameters implements TrainedParameters {
  #held = new Map<string, Held>();
  /** By parameter. */
  #gradients: Resident = {};
  #prepared: Resident = {};

  constructor(private readonly setup: DeviceParametersSetup) {
    this.load(setup.state);
  }

  get bytes(): number {
    return [...this.setup.state.values()].reduce((sum, { weight }) => sum + 4 * weight.byteLength, 0);
  }

  async addGradient(feeds: NamedTensors, signal?: AbortSignal): Promise<BatchLoss> {
    const { gradientOutputs, gradients: run, addition } = this.setup;
    const fetches = [LOSS, PLAIN_LOSS, ...gradientOutputs.values()];
    const { values, resident } = await run({ ...this.#weights(), ...feeds }, fetches, signal);
    const gradients = Object.fromEntries(
      [...gradientOutputs].map(([name, output]) => [name, resident[output]]),
    );
    const before = this.#gradients;
    this.#gradients = gradients;
    if (Object.keys(before).length > 0) {
      try {
        const sums = await addition({ ...renamed('sum', before), ...renamed('gradient', gradients) });
        this.#gradients = Object.fromEntries(
          Object.keys(gradients).map((name) => [name, sums.resident[`next/${name}`]]),
        );
        disposeAll(gradients);
      } finally {
        disposeAll(before);
      }
    }
    return { loss: numberIn(values, LOSS), plain: numberIn(values, PLAIN_LOSS) };
  }

  async prepare(numbers: StepNumbers): Promise<number> {
    const feeds: Record<string, Tensor | ResidentTensor> = updateFeeds(numbers);
    for (const [name, held] of this.#held) {
      STATE_PARTS.forEach((part) => (feeds[UPDATE.input(part, name)] = held[part]));
      feeds[UPDATE.input('gradient', name)] = this.#gradients[name];
    }
    const { values, resident } = await this.setup.update(feeds);
    disposeAll(this.#prepared);
    this.#prepared = resident;
    return numberIn(values, UPDATE.norm);
  }

  commit(): void {
    const next = new Map(
      [...this.#held.keys()].map((name): [string, Held] => {
        const [weight, first, second] = STATE_PARTS.map((part) => this.#prepared[UPDATE.output(part, name)]);
        return [name, { weight, first, second }];
      }),
    );
    this.#forget();
    this.#held = next;
    this.#prepared = {};
    this.drop();
  }

  drop(): void {
    disposeAll(this.#gradients);
    disposeAll(this.#prepared);
    [this.#gradients, this.#prepared] = [{}, {}];
  }

  async evaluate(
    feeds: NamedTensors,
    signal?: AbortSignal,
    weights?: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  ): Promise<number> {
    const { values } = await this.setup.evaluate(
      { ...this.#weights(weights), ...feeds },
      [PLAIN_LOSS],
      signal,
    );
    return numberIn(values, PLAIN_LOSS);
  }

  load(state: ReadonlyMap<string, ParameterState>): void {
    const next = new Map(
      this.setup.parameters.map(({ name, dims }): [string, Held] => {
        const saved = savedOf(state, name);
        const copy = (part: StatePart): Tensor => ({ type: 'float32', dims, data: saved[part].slice() });
        return [name, { weight: copy('weight'), first: copy('first'), second: copy('second') }];
      }),
    );
    this.#forget();
    this.#held = next;
  }

  async read(): Promise<ReadonlyMap<string, ParameterState>> {
    const state = new Map<string, ParameterState>();
    for (const [name, held] of this.#held) {
      const [weight, first, second] = await Promise.all(STATE_PARTS.map((part) => floatsOf(held[part])));
      state.set(name, { dims: held.weight.dims, weight, first, second });
    }
    return state;
  }

  /** Frees what is on the device; nothing else may be called afterwards. */
  dispose(): void {
    this.#forget();
    this.drop();
  }

  #forget(): void {
    for (const held of this.#held.values()) {
      Object.values(held).forEach((tensor) => 'dispose' in tensor && tensor.dispose());
    }
    this.#held = new Map();
  }

  #weights(
    others?: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  ): Readonly<Record<string, Tensor | ResidentTensor>> {
    const feeds: Record<string, Tensor | ResidentTensor> = {};
    for (const [name, { weight }] of this.#held) {
      const other = others?.get(name);
      feeds[name] = other ? { type: 'float32', dims: weight.dims, data: other } : weight;
    }
    return feeds;
  }
}

async function floatsOf(tensor: Tensor | ResidentTensor): Promise<Float32Array<ArrayBuffer>> {
  return floatsIn({ it: 'read' in tensor ? await tensor.read() : tensor }, 'it');
}

function renamed(part: string, tensors: Resident): Resident {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${part}/${name}`, tensor]));
}

function disposeAll(tensors: Resident): void {
  Object.values(tensors).forEach((tensor) => tensor.dispose());
}
