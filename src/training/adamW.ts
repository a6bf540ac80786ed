// AdamW (Loshchilov and Hutter 2019) in place on Float32Arrays: what the WASM backend uses between two runs.

/** Numbers of the optimiser that stay the same for a whole training. */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Share of the weight that is taken off per step and unit of learning rate, apart from the gradient. */
  readonly weightDecay: number;
}

/** β₂ and ε as in section 5.3 of the paper; no decay. */
export const paperAdam: AdamWOptions = { beta1: 0.9, beta2: 0.98, epsilon: 1e-9, weightDecay: 0 };

/** Running means of the gradient and of its square, zero at first; of the length of the weight. */
export interface Moments {
  readonly first: Float32Array<ArrayBuffer>;
  readonly second: Float32Array<ArrayBuffer>;
}

export function zeroMoments(length: number): Moments {
  return { first: new Float32Array(length), second: new Float32Array(length) };
}

/**
 * One step of AdamW, computed as `torch.optim.AdamW` does: first `w ← w·(1 − rate·decay)`, then
 * `w ← w − rate · m̂ ÷ (√v̂ + ε)` with `m̂ = m ÷ (1 − β₁ᵗ)` and `v̂ = v ÷ (1 − β₂ᵗ)`.
 *
 * @param gradient is multiplied with `scale` on reading, so that clipping needs no pass of its own.
 * @param step t, from 1.
 */
export function adamW(
  weight: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  { beta1, beta2, epsilon, weightDecay }: AdamWOptions,
  { rate, step, scale = 1 }: { readonly rate: number; readonly step: number; readonly scale?: number },
): void {
  const keep = 1 - rate * weightDecay;
  const stride = rate / (1 - beta1 ** step);
  const root = Math.sqrt(1 - beta2 ** step);
  const [new1, new2] = [1 - beta1, 1 - beta2];
  for (let i = 0; i < weight.length; i++) {
    const slope = gradient[i] * scale;
    const mean = beta1 * first[i] + new1 * slope;
    const square = beta2 * second[i] + new2 * slope * slope;
    first[i] = mean;
    second[i] = square;
    weight[i] = keep * weight[i] - (stride * mean) / (Math.sqrt(square) / root + epsilon);
  }
}
