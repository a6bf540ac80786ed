// One run of one stack: what was captured at once, and what is captured by running again with other fetches.
import type { Tap, TapRole } from '../probe/probe';
import { UserError } from '../shared/errors';
import type { NamedTensors, Tensor } from '../shared/tensor';
import type { Stack } from './stack';

/** A captured tensor with the tap that explains its layout. */
export interface Captured {
  readonly tap: Tap;
  readonly tensor: Tensor;
}

export class StackRun {
  private readonly tensors = new Map<string, Tensor>();

  /** Captured at the beginning and never let go of: what people look at first. */
  private kept: ReadonlySet<string> = new Set();
  private bareRun: StackRun | undefined;

  private constructor(
    readonly stack: Stack,
    private readonly feeds: NamedTensors,
  ) {}

  /** A run of which nothing is captured yet. */
  static of(stack: Stack, feeds: NamedTensors): StackRun {
    return new StackRun(stack, feeds);
  }

  /** Runs the stack once; keeps the outputs named in `fetches`, and those in `more` until memory is short. */
  static async begin(
    stack: Stack,
    feeds: NamedTensors,
    fetches: readonly string[],
    signal?: AbortSignal,
    more: readonly string[] = [],
  ): Promise<StackRun> {
    const run = new StackRun(stack, feeds);
    await run.fetch([...fetches, ...more], signal);
    run.kept = new Set(fetches);
    return run;
  }

  /** Bytes of everything that was captured. */
  get bytes(): number {
    const own = [...this.tensors.values(), ...Object.values(this.feeds)];
    return own.reduce((sum, { data }) => sum + data.byteLength, 0) + (this.bareRun?.bytes ?? 0);
  }

  /** Lets go of what need not be kept, oldest first. Returns the bytes that are free now. */
  trim(excess: number): number {
    let freed = 0;
    for (const [name, { data }] of this.tensors) {
      if (freed >= excess) {
        break;
      }
      if (!this.kept.has(name)) {
        this.tensors.delete(name);
        freed += data.byteLength;
      }
    }
    return freed;
  }

  /** Makes sure that these outputs are captured; one further run at most. */
  async fetch(outputs: readonly string[], signal?: AbortSignal): Promise<void> {
    const missing = [...new Set(outputs)].filter((output) => !this.tensors.has(output));
    if (missing.length > 0) {
      const results = await this.stack.session.run(this.feeds, missing, signal);
      for (const [name, tensor] of Object.entries(results)) {
        this.tensors.set(name, tensor);
      }
    }
  }

  /** A run of the same tokens as if none were padding; only what is asked of it is captured. */
  unpadded(): StackRun {
    this.bareRun ??= new StackRun(this.stack, this.stack.withoutPadding(this.feeds));
    return this.bareRun;
  }

  /** A run of the same tokens with one of them replaced; only what is asked of it is captured. */
  withToken(batch: number, position: number, id: number): StackRun {
    return new StackRun(this.stack, this.stack.withToken(this.feeds, batch, position, id));
  }

  /** An output that was fetched. */
  get(output: string): Tensor {
    const tensor = this.tensors.get(output);
    if (!tensor) {
      throw new UserError('internal', `The tensor '${output}' was not captured.`);
    }
    return tensor;
  }

  /** What a tap of one attention shows; undefined when the graph does not expose it. */
  async capture(attention: string, role: TapRole, signal?: AbortSignal): Promise<Captured | undefined> {
    const tap = this.stack.tap(attention, role);
    if (!tap) {
      return undefined;
    }
    await this.fetch([tap.output], signal);
    return { tap, tensor: this.get(tap.output) };
  }

  /** Everything captured, by output name. */
  all(): NamedTensors {
    return Object.fromEntries(this.tensors);
  }
}
