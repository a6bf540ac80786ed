// Says when a training goes wrong: numbers that are none, or a loss that runs away.

/** Steps over which the loss is averaged. */
const WINDOW = 5;
/** Nats above the lowest mean that are no noise. */
const RISE = 2;

/** How much further from the first loss than from a mean: one loss may be low by chance. */
const CHANCE = 2;

/**
 * Watches the loss of every step. A training explodes when the mean loss of five steps is both twice the lowest such mean
 * so far and two nats above it; or, where it does so at once, twice as far above the first loss. A loss is good where it is
 * less than half that far above the lowest mean, its mean less than a quarter, and it no further above the first loss.
 */
export class DivergenceWatch {
  readonly #last: number[] = [];
  #first: number | undefined;
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
    const first = (this.#first ??= loss);
    this.#lowest = isFull ? Math.min(this.#lowest, mean) : this.#lowest;
    const isLost = this.#lowest > first + far(first);
    const reference = isFull && !isLost ? this.#lowest : Math.min(first, ...this.#last);
    const isNear = loss <= reference + far(reference) / 2 && mean <= reference + far(reference) / 4;
    // where the loss rises from the start, even the lowest mean may be that of ruined weights
    if (isNear && loss <= first + far(first)) {
      this.#goodStep = step - 1;
    }
    const from = mean > first + CHANCE * far(first) ? first : this.#lowest;
    return isFull && mean > from + far(from)
      ? `The loss has risen from ${from.toFixed(2)} to ${mean.toFixed(2)}. Choose a lower learning rate or a longer warm-up.`
      : undefined;
  }
}

/** Whether a loss, measured on the same examples before and now, has risen as far as only ruined weights make it, or a share of that. */
export function hasExploded(before: number, now: number, share = 1): boolean {
  return !(now <= before + share * far(before));
}

/** How far above a loss is no noise. */
const far = (loss: number): number => Math.max(RISE, loss);

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
