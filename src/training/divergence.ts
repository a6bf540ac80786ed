// Says when a training goes wrong: numbers that are none, or a loss that runs away.

/** Steps over which the loss is averaged. */
const WINDOW = 5;
/** Nats above the lowest mean that are no noise. */
const RISE = 2;

/**
 * Watches the loss of every step. A training explodes when the mean loss of five steps is both twice the lowest such mean
 * so far and two nats above it.
 */
export class DivergenceWatch {
  readonly #last: number[] = [];
  #lowest = Infinity;
  #lowestStep = 0;

  /** The last step of the five with the lowest mean; 0 before there are five. */
  get bestStep(): number {
    return this.#lowestStep;
  }

  /** Takes in the loss of a step; tells why to stop, or undefined to go on. */
  add(step: number, loss: number): string | undefined {
    this.#last.push(loss);
    if (this.#last.length > WINDOW) {
      this.#last.shift();
    }
    if (this.#last.length < WINDOW) {
      return undefined;
    }
    const mean = this.#last.reduce((sum, each) => sum + each, 0) / WINDOW;
    if (mean < this.#lowest) {
      this.#lowest = mean;
      this.#lowestStep = step;
    }
    return mean > this.#lowest + Math.max(RISE, this.#lowest)
      ? `The loss has risen from ${this.#lowest.toFixed(2)} to ${mean.toFixed(2)}. Choose a lower learning rate or a longer warm-up.`
      : undefined;
  }
}

/** Why a step must not be taken: its loss or its gradient is no finite number. */
export function notFinite(step: number, loss: number, norm: number): string | undefined {
  const what = Number.isFinite(loss) ? (Number.isFinite(norm) ? undefined : 'gradient') : 'loss';
  return what
    ? `The ${what} of step ${step} is not a finite number; the weights are those from before it. Choose a lower learning rate, or look for odd examples in the data.`
    : undefined;
}
