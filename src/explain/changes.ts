// Numbers that say how two runs differ: weights, distributions, translations; and what one run's attention is like.
import type { AlignedToken } from '../shared/comparison';
import type { Candidate } from '../shared/insight';
import type { Matrix } from '../shared/tensor';

/** Largest and mean |Δ| of two matrices of one size, over the rows and columns that are `true`. */
export function weightChange(
  before: Matrix,
  after: Matrix,
  rows: readonly boolean[],
  columns: readonly boolean[],
): { readonly largest: number; readonly mean: number } {
  let [largest, sum, count] = [0, 0, 0];
  for (let row = 0; row < before.rows; row++) {
    for (let column = 0; rows[row] && column < before.columns; column++) {
      if (columns[column]) {
        const i = row * before.columns + column;
        const change = Math.abs(after.data[i] - before.data[i]);
        largest = Math.max(largest, change);
        sum += change;
        count++;
      }
    }
  }
  return { largest, mean: count === 0 ? 0 : sum / count };
}

/** Below this, a logit adds nothing that double precision would show to a sum that the largest one is part of. */
const NEGLIGIBLE = -50;

/** KL(p ‖ q) = Σ p·ln(p/q) in nats of the softmaxes of two rows of logits, whose {@link logSumExp} is given; 0 for equal rows. */
export function klDivergence(
  before: Float32Array,
  after: Float32Array,
  sums: { readonly before: number; readonly after: number } = {
    before: logSumExp(before),
    after: logSumExp(after),
  },
): number {
  let sum = 0;
  for (let i = 0; i < before.length; i++) {
    const logP = before[i] - sums.before;
    if (logP > NEGLIGIBLE) {
      sum += Math.exp(logP) * (logP - (after[i] - sums.after));
    }
  }
  // Rounding may leave a trace below 0.
  return Math.max(0, sum);
}

/** ln Σ eˣ. */
export function logSumExp(logits: Float32Array): number {
  let highest = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    highest = logits[i] > highest ? logits[i] : highest;
  }
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const below = logits[i] - highest;
    sum += below > NEGLIGIBLE ? Math.exp(below) : 0;
  }
  return highest + Math.log(sum);
}

/** The `count` likeliest tokens, without sorting the whole vocabulary. `total` is the {@link logSumExp}. */
export function likeliest(
  logits: Float32Array,
  count: number,
  pieceOf: (id: number) => string,
  total = logSumExp(logits),
): readonly Candidate[] {
  const best: number[] = [];
  let least = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] > least) {
      const at = best.findIndex((other) => logits[id] > logits[other]);
      best.splice(at < 0 ? best.length : at, 0, id);
      best.length = Math.min(best.length, count);
      least = best.length < count ? -Infinity : logits[best[count - 1]];
    }
  }
  return best.map((id) => {
    const probability = Math.exp(logits[id] - total);
    return { id, piece: pieceOf(id), logit: logits[id], plain: probability, probability };
  });
}

/** Sums over rows of weights, to be divided by their number. */
export interface RowSums {
  largest: number;
  /** Bits. */
  entropy: number;
  /** p(1 − p) at the largest weight. */
  slope: number;
  count: number;
}

/** Adds the rows of one head that are `true`; keys that are padding have no weight and add nothing. */
export function addRows(sums: RowSums, weights: Matrix, rows: readonly boolean[]): void {
  for (let row = 0; row < weights.rows; row++) {
    if (!rows[row]) {
      continue;
    }
    let [largest, entropy] = [0, 0];
    for (let i = row * weights.columns; i < (row + 1) * weights.columns; i++) {
      const weight = weights.data[i];
      largest = Math.max(largest, weight);
      entropy -= weight > 0 ? weight * Math.log2(weight) : 0;
    }
    sums.largest += largest;
    sums.entropy += entropy;
    sums.slope += largest * (1 - largest);
    sums.count++;
  }
}

/**
 * Aligns two sequences by their longest common subsequence; between common tokens, those that differ stand side by side as
 * far as both have some.
 */
export function alignSequences(before: readonly number[], after: readonly number[]): readonly AlignedToken[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const aligned: AlignedToken[] = [];
  let [i, j] = [0, 0];
  const pending = { before: [] as number[], after: [] as number[] };
  const flush = (): void => {
    const rows = Math.max(pending.before.length, pending.after.length);
    for (let row = 0; row < rows; row++) {
      aligned.push({ before: pending.before[row], after: pending.after[row] });
    }
    pending.before.length = 0;
    pending.after.length = 0;
  };
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      flush();
      aligned.push({ before: i++, after: j++ });
    } else if (
      j >= after.length ||
      (i < before.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
    ) {
      pending.before.push(i++);
    } else {
      pending.after.push(j++);
    }
  }
  flush();
  return aligned;
}
