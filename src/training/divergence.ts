// Says when a training goes wrong: numbers that are none, or a loss that runs away.

/** Steps over which the loss is averaged. */
const WINDOW = 5;
/** Nats above the lowest mean that are no noise. */
const RISE = 2;

/**
 * Watches the loss of every step. A training explodes when the mean loss of five steps is both twice the lowest such mean
 * so far and two nats above it. A loss is good where it is less than half that far above the lowest mean, and its mean less
 * than a quarter.
 */
export class DivergenceWatch {
  readonly #last: number[] = [];
  #lowest = Infinity;
  #goodStep = 0;

  /**
   * The last step after which the weights are known to be good; 0 for those that training began with. The loss of a step is
   * that of the weights before it, so this is the step before the last good loss.
   */
  get goodStep(): number {
    return this.#goodStep;
  }

  /** Takes in the loss of a step; tells why to stop, or undefined to go on. */
  add(step: number, loss: number): string | undefined {
    this.#last.push(loss);
    if (this.#last.length > WINDOW) {
      this.#last.shift();
    }
    const mean = this.#last.reduce((sum, each) => sum + each, 0) / this.#last.length;
    const isFull = this.#last.length === WINDOW;
    const lowest = Math.min(this.#lowest, isFull ? mean : Math.min(...this.#last));
    const far = Math.max(RISE, lowest);
    if (loss <= lowest + far / 2 && mean <= lowest + far / 4) {
      this.#goodStep = step - 1;
    }
    if (!isFull) {
      return undefined;
    }
    this.#lowest = lowest;
    return mean > lowest + far
      ? `The loss has risen from ${lowest.toFixed(2)} to ${mean.toFixed(2)}. Choose a lower learning rate or a longer warm-up.`
      : undefined;
  }
}

/** {@link DivergenceWatch.goodStep} after a curve. */
export function lastGoodStep(points: readonly { readonly step: number; readonly loss: number }[]): number {
  const watch = new DivergenceWatch();
  points.forEach(({ step, loss }) => watch.add(step, loss));
  return watch.goodStep;
}

/** Why a step must not be taken: its loss or its gradient is no finite number. */
export function notFinite(step: number, loss: number, norm: number): string | undefined {
  const what = Number.isFinite(loss) ? (Number.isFinite(norm) ? undefined : 'gradient') : 'loss';
  return what
    ? `The ${what} of step ${step} is not a finite number; the weights are those from before it. Choose a lower learning rate, or look for odd examples in the data.`
    : undefined;
}
