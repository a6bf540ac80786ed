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
const STEP = Math.LN2 / STEPS;
const SIXTH = 1 / 6;
const POWERS = Float64Array.from(
  { length: Math.ceil(DEEPEST * SCALE) + 1 },
  (_, step) => 2 ** (-step / STEPS),
);

/**
 * `log Σ exp x_j`, within 10⁻⁹. Every step of decoding needs it over the whole vocabulary, where Math.exp would take longer than the
 * rest of the program: here e^−y is read from a table of powers of 2, and what is left of y goes into three terms of the series.
 *
 * @param largest The largest logit, where it is known: looking for it is a fifth of the work.
 */
export function logSumExp(logits: Float32Array, largest = maximum(logits)): number {
  const { length } = logits;
  if (largest === Infinity || largest === -Infinity) {
    return largest;
  }
  // Two sums side by side: neither addition waits for the other.
  let even = 0;
  let odd = 0;
  for (let i = 1; i < length; i += 2) {
    even += exponential(largest - logits[i - 1]);
    odd += exponential(largest - logits[i]);
  }
  const last = length % 2 === 1 ? exponential(largest - logits[length - 1]) : 0;
  return largest + Math.log(even + odd + last);
}

/** NaN is passed over; −∞ where there is nothing else. */
function maximum(logits: Float32Array): number {
  const { length } = logits;
  let even = -Infinity;
  let odd = -Infinity;
  for (let i = 1; i < length; i += 2) {
    if (logits[i - 1] > even) {
      even = logits[i - 1];
    }
    if (logits[i] > odd) {
      odd = logits[i];
    }
  }
  const last = logits[length - 1];
  return Math.max(even, odd, last > even ? last : even);
}

/** e^−y for y ≥ 0; 0 for NaN. */
function exponential(y: number): number {
  if (!(y < DEEPEST)) {
    return 0;
  }
  const step = (y * SCALE) | 0;
  const rest = step * STEP - y;
  return POWERS[step] * (1 + rest * (1 + rest * (0.5 + rest * SIXTH)));
}

/** The ids of the `count` largest logits, largest first; among equals the smaller id. NaN is never among them. */
export function likeliest(logits: Float32Array, count: number): number[] {
  const { length } = logits;
  const ids: number[] = [];
  const insert = (id: number, end: number): void => {
    let place = end;
    for (; place > 0 && logits[ids[place - 1]] < logits[id]; place--) {
      ids[place] = ids[place - 1];
    }
    ids[place] = id;
  };
  let id = 0;
  for (; id < length && ids.length < count; id++) {
    if (!Number.isNaN(logits[id])) {
      insert(id, ids.length);
    }
  }
  if (id === length || count === 0) {
    return ids;
  }
  let threshold = logits[ids[count - 1]];
  for (; id < length; id++) {
    if (logits[id] > threshold) {
      insert(id, count - 1);
      threshold = logits[ids[count - 1]];
    }
  }
  return ids;
}
