// From logits to the log-probabilities of tokens.

/** The id of the largest logit; among equals the smallest id. NaN and −∞ are never chosen: undefined where there is nothing else. */
export function argmax(logits: Float32Array): number | undefined {
  let id: number | undefined;
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] > largest) {
      largest = logits[i];
      id = i;
    }
  }
  return id;
}

/** Log-softmax of one entry: `x_i − log Σ exp x_j`, computed relative to the maximum so that nothing overflows. */
export function logProbability(logits: Float32Array, id: number): number {
  return logits[id] - logSumExp(logits);
}

/** Steps of the table between 1 and ½, and how far down it goes: a vocabulary of 100,000 tokens below e⁻³² together weighs 10⁻⁹. */
const STEPS = 128;
const DEEPEST = 32;
const SCALE = STEPS / Math.LN2;
const POWERS = Float64Array.from(
  { length: Math.ceil(DEEPEST * SCALE) + 1 },
  (_, step) => 2 ** (-step / STEPS),
);

/**
 * `log Σ exp x_j`, within 10⁻⁹. Every step of decoding needs it over the whole vocabulary, where Math.exp would take longer than the
 * rest of the program: here e^−y is read from a table of powers of 2, and what is left of y goes into three terms of the series.
 */
export function logSumExp(logits: Float32Array): number {
  const { length } = logits;
  let largest = -Infinity;
  for (let i = 0; i < length; i++) {
    largest = logits[i] > largest ? logits[i] : largest;
  }
  if (largest === Infinity || largest === -Infinity) {
    return largest;
  }
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const below = largest - logits[i];
    // False for NaN, too.
    if (below < DEEPEST) {
      const step = (below * SCALE) | 0;
      const rest = step / SCALE - below;
      sum += POWERS[step] * (1 + rest * (1 + rest * (0.5 + rest / 6)));
    }
  }
  return largest + Math.log(sum);
}

/** The ids of the `count` largest logits, largest first; among equals the smaller id. NaN is never among them. */
export function likeliest(logits: Float32Array, count: number): number[] {
  const ids: number[] = [];
  let threshold = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id];
    if (Number.isNaN(logit) || (ids.length === count && !(logit > threshold))) {
      continue;
    }
    let place = ids.length;
    while (place > 0 && logits[ids[place - 1]] < logit) {
      place--;
    }
    ids.splice(place, 0, id);
    ids.length = Math.min(ids.length, count);
    threshold = logits[ids[ids.length - 1]];
  }
  return ids;
}
