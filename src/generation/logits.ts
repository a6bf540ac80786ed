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

/** `log Σ exp x_j`. */
export function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (const logit of logits) {
    largest = logit > largest ? logit : largest;
  }
  let sum = 0;
  for (const logit of logits) {
    sum += Math.exp(logit - largest);
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
