// Sets examples aside to measure with: the same ones every time for the same data and seed.
import { Generator } from '../generator';

/** Fewer examples than this are all learned from: what little there is teaches more than it would measure. */
export const FEWEST_TO_HOLD_OUT = 30;
const SHARE = 0.1;
const MOST = 500;

/** Indices of examples, each list in ascending order. */
export interface Split {
  readonly train: readonly number[];
  readonly heldOut: readonly number[];
}

/**
 * From {@link FEWEST_TO_HOLD_OUT} examples on, a tenth of them, at most 500, chosen at random, is held out; from fewer,
 * none. `count` overrides the rule (0 holds none out).
 *
 * @throws RangeError when `count` would leave nothing to learn from.
 */
export function holdOut(examples: number, seed: number, count = usualCount(examples)): Split {
  if (count < 0 || (count > 0 && count >= examples)) {
    throw new RangeError(`${count} of ${examples} examples cannot be held out.`);
  }
  const order = Generator.of(seed, 'holdOut').permutation(examples);
  const ascending = (indices: number[]): number[] => indices.sort((a, b) => a - b);
  return { train: ascending(order.slice(count)), heldOut: ascending(order.slice(0, count)) };
}

function usualCount(examples: number): number {
  return examples < FEWEST_TO_HOLD_OUT ? 0 : Math.min(MOST, Math.round(SHARE * examples));
}
