// From logits to the log-probabilities of tokens.

/** Takes tokens out of the choice: their logits become −∞. Returns a copy. */
export function forbid(logits: Float32Array, ids: readonly number[]): Float32Array {
  const allowed = logits.slice();
  for (const id of ids) {
    if (id < allowed.length) {
      allowed[id] = -Infinity;
    }
  }
  return allowed;
}

/** The largest logit and its log-softmax; among equals the smallest id. NaN is never chosen. */
export function best(logits: Float32Array): { readonly id: number; readonly logProbability: number } {
  let id = 0;
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] > largest) {
      largest = logits[i];
      id = i;
    }
  }
  return { id, logProbability: logProbability(logits, id) };
}

/** Log-softmax of one entry: `x_i − log Σ exp x_j`, computed relative to the maximum so that nothing overflows. */
export function logProbability(logits: Float32Array, id: number): number {
  let largest = -Infinity;
  for (const logit of logits) {
    largest = logit > largest ? logit : largest;
  }
  let sum = 0;
  for (const logit of logits) {
    sum += Math.exp(logit - largest);
  }
  return logits[id] - largest - Math.log(sum);
}
