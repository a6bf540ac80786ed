// One loaded graph (an encoder, a decoder, or the whole model): its session with every tap declared, and what was found in it.
import type { Anatomy, AttentionSite } from '../anatomy/anatomy';
import type { Tap, TapRole } from '../probe/probe';
import type { Session } from '../runtime/runtime';
import { UserError } from '../shared/errors';
import type { Matrix, NamedTensors, Tensor } from '../shared/tensor';
import type { Weight } from './modelWeights';
import type { HeadShape, StackInputs } from './feeds';
import { cacheOutputs, feedsFor } from './feeds';

export class Stack {
  /** The output that continues each cache input; undefined when decoding must read everything again. */
  readonly cache: ReadonlyMap<string, string> | undefined;

  /** @param positionTable The table of a sinusoidal or learned embedding, without rows that are no positions. */
  constructor(
    readonly anatomy: Anatomy,
    readonly taps: readonly Tap[],
    readonly session: Session,
    readonly positionTable: Matrix | undefined,
    /** The output that shows each tensor of the structure. */
    readonly stateOutputs: ReadonlyMap<string, string> = new Map(),
    /** Weights that views compute with, by name: embedding, output matrix, norms. */
    readonly weights: ReadonlyMap<string, Weight> = new Map(),
    /** Feeds the control inputs of a graph for experiments. */
    private readonly controls?: (inputs: StackInputs) => NamedTensors,
    /** Attentions whose mask an experiment replaces. */
    readonly replacedMasks: ReadonlySet<string> = new Set(),
    /** Whether earlier tokens must be read again at every step, because they see later ones. */
    rereads = false,
  ) {
    this.cache = rereads ? undefined : cacheOutputs(session.inputs, session.outputs, anatomy.inputs);
  }

  feeds(inputs: StackInputs): NamedTensors {
    const [site] = this.anatomy.attentions;
    const shape: HeadShape = { heads: site?.keyValueHeads ?? 1, headSize: site?.headSize ?? 1 };
    const controls = this.controls?.(inputs) ?? {};
    const ports = this.session.inputs.filter(({ name }) => !(name in controls));
    return { ...feedsFor(ports, this.anatomy.inputs, inputs, shape), ...controls };
  }

  /** Whether this is a graph for experiments, whose controls `controlFeeds` feeds. */
  get hasControls(): boolean {
    return this.controls !== undefined;
  }

  /** What the control inputs are fed with; reads no encoder states. Empty for a plain graph. */
  controlFeeds(inputs: StackInputs): NamedTensors {
    return this.controls?.(inputs) ?? {};
  }

  /** The same session with its controls at these settings. */
  under(
    controls: (inputs: StackInputs) => NamedTensors,
    replacedMasks: ReadonlySet<string>,
    rereads: boolean,
  ): Stack {
    const { anatomy, taps, session, positionTable, stateOutputs, weights } = this;
    return new Stack(
      anatomy,
      taps,
      session,
      positionTable,
      stateOutputs,
      weights,
      controls,
      replacedMasks,
      rereads,
    );
  }

  /** The same inputs with every token declared real. */
  withoutPadding(feeds: NamedTensors): NamedTensors {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => {
        const role = this.anatomy.inputs[name]?.role;
        return [name, role === 'paddingMask' || role === 'encoderPaddingMask' ? allOnes(tensor) : tensor];
      }),
    );
  }

  /** The same inputs with another token at one place. */
  withToken(feeds: NamedTensors, batch: number, position: number, id: number): NamedTensors {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => {
        const { dims, data, type } = tensor;
        if (this.anatomy.inputs[name]?.role !== 'tokens') {
          return [name, tensor];
        }
        const changed = data.slice();
        const at = batch * dims[dims.length - 1] + position;
        if (changed instanceof BigInt64Array) {
          changed[at] = BigInt(id);
        } else {
          changed[at] = id;
        }
        return [name, { type, dims, data: changed }];
      }),
    );
  }

  /** Any text of that length, for runs whose result does not depend on it. */
  sampleInputs(length: number): StackInputs {
    const ids = [Array.from({ length }, (_, i) => i % Math.max(1, this.anatomy.embedding?.vocabulary ?? 1))];
    const real = [ids[0].map(() => true)];
    const { width } = this.anatomy;
    const states: Tensor = {
      type: 'float32',
      dims: [1, length, width],
      data: new Float32Array(length * width),
    };
    return { ids, real, encoder: { states, real } };
  }

  /** The output with the encoder's result `[batch, length, width]`: by its usual name, else the first one. */
  states(): string {
    const taps = new Set(this.taps.map(({ output }) => output));
    const outputs = this.session.outputs.filter(({ name }) => !taps.has(name));
    const output = outputs.find(({ name }) => name === 'last_hidden_state') ?? outputs[0];
    if (!output) {
      throw new UserError('modelUnsupported', 'The encoder has no output for its decoder to read.');
    }
    return output.name;
  }

  /** @throws UserError `badRequest` */
  site(name: string): AttentionSite {
    const site = this.anatomy.attentions.find((attention) => attention.name === name);
    if (!site) {
      throw new UserError('badRequest', `This model has no attention '${name}'.`, { attention: name });
    }
    return site;
  }

  tap(attention: string, role: TapRole): Tap | undefined {
    return this.taps.find((tap) => tap.attention === attention && tap.role === role);
  }

  /** All taps of the given roles. */
  tapsOf(...roles: readonly TapRole[]): readonly Tap[] {
    return this.taps.filter(({ role }) => roles.includes(role));
  }
}

function allOnes(tensor: Tensor): Tensor {
  const { type, dims, data } = tensor;
  const ones = data.slice();
  if (ones instanceof BigInt64Array) {
    ones.fill(1n);
  } else {
    ones.fill(type === 'float16' ? 0x3c00 : 1);
  }
  return { type, dims, data: ones };
}
