// Sums and norms of gradients, over all weights together.

/** The Euclidean norm of all gradients as one vector, summed in double precision; NaN or ∞ where one of them is. */
export function globalNorm(gradients: Iterable<Float32Array>): number {
  let sum = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) {
      sum += gradient[i] * gradient[i];
    }
  }
  return Math.sqrt(sum);
}

/**
 * What gradients of this norm must be multiplied with so that their norm is at most `limit`: 1 when it is already. As
 * `torch.nn.utils.clip_grad_norm_` with its small constant.
 */
export function clipFactor(norm: number, limit: number): number {
  return Math.min(1, limit / (norm + 1e-6));
}

/** Adds to gradients in place. */
export function accumulate(sum: Float32Array, gradient: Float32Array): void {
  for (let i = 0; i < sum.length; i++) {
    sum[i] += gradient[i];
  }
}
