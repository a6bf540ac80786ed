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
  for (let i = 1; i < logits.length; i++) {
    const current = logits[id] ?? NaN;
    if ((logits[i] ?? NaN) > current || Number.isNaN(current)) {
      id = i;
    }
  }
  return { id, logProbability: logProbability(logits, id) };
}

/** Log-softmax of one entry: `x_i − log Σ exp x_j`, computed relative to the maximum so that nothing overflows. */
export function logProbability(logits: Float32Array, id: number): number {
  const maximum = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((total, x) => total + Math.exp(x - maximum), 0);
  return (logits[id] ?? NaN) - maximum - Math.log(sum);
}
