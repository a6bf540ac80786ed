// Which examples are learned from together, in which order: buckets of similar length, grouped into steps. Indices only.
import { Generator } from './generator';

/** How examples are cut into batches. */
export interface BatchOptions {
  /** Padded tokens that one run reads at most, counted on the longer side; a longer example still runs alone. */
  readonly tokens: number;
  /** Examples that one run reads at most. */
  readonly examples: number;
  /** Runs whose gradients are summed before the weights move. */
  readonly accumulation: number;
  readonly seed: number;
}

/** Indices of the examples of one run. */
export type MicroBatch = readonly number[];
/** The runs of one step. */
export type StepBatches = readonly MicroBatch[];

/** Sorted by length within this many examples, not over all: an epoch must not go from short to long. */
const WINDOW = 20_000;

/**
 * The steps of one epoch: every example once, in an order that follows from seed and epoch alone, so that a training that
 * was broken off goes on with `(epoch, step)` where it was.
 *
 * @param lengths of the examples in tokens, the longer side of a pair.
 */
export function planEpoch(lengths: readonly number[], options: BatchOptions, epoch: number): StepBatches[] {
  const generator = Generator.of(options.seed, 'epoch', epoch);
  const order = generator.permutation(lengths.length);
  const batches: MicroBatch[] = [];
  for (let start = 0; start < order.length; start += WINDOW) {
    // Sorting is stable: examples of one length stay shuffled.
    const window = order.slice(start, start + WINDOW).sort((a, b) => lengths[a] - lengths[b]);
    batches.push(...grouped(window, lengths, options));
  }
  const shuffled = generator.permutation(batches.length).map((i) => batches[i]);
  const steps: StepBatches[] = [];
  for (let start = 0; start < shuffled.length; start += options.accumulation) {
    steps.push(shuffled.slice(start, start + options.accumulation));
  }
  return steps;
}

/** Examples in the order given, each run as full as the limits allow. */
export function grouped(
  order: readonly number[],
  lengths: readonly number[],
  { tokens, examples }: Pick<BatchOptions, 'tokens' | 'examples'>,
): MicroBatch[] {
  const groups: number[][] = [];
  let group: number[] = [];
  let longest = 0;
  for (const index of order) {
    const length = Math.max(longest, lengths[index]);
    if (group.length > 0 && (group.length >= examples || length * (group.length + 1) > tokens)) {
      groups.push(group);
      group = [];
      longest = 0;
    }
    group.push(index);
    longest = Math.max(longest, lengths[index]);
  }
  return group.length > 0 ? [...groups, group] : groups;
}
