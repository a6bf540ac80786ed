// The arithmetic that the Inside view writes out, on captured stages of one head: a row through the softmax, spreads, what the scale changes.
import type { HeadStages } from '../../src/shared/headStages';
import type { Matrix } from '../../src/shared/tensor';
import { rowOf } from '../../src/shared/tensor';

/** From here on, e^x is written relative to the largest score of the row: the number would say nothing to people. */
const largestExponent = 12;

/** One key of a row on its way through the softmax. */
export interface SoftmaxCell {
  readonly scaled: number | undefined;
  /** As it enters the softmax, with mask and bias. */
  readonly entering: number;
  readonly removed: boolean;
  /** `e^(entering − shift)`. */
  readonly exp: number;
  /** As captured. */
  readonly weight: number;
}

/** The softmax of one row (section 3.2.1 of the paper): `weight = exp ÷ sum`. */
export interface SoftmaxRow {
  readonly cells: readonly SoftmaxCell[];
  /** What is taken off every score first, 0 where the exponentials are small enough to be read; the weights are the same. */
  readonly shift: number;
  readonly sum: number;
  readonly kept: number;
  readonly removed: number;
  /** Whether `exp ÷ sum` is the captured weight everywhere: not so where an intervention put another function in place of the softmax. */
  readonly isSoftmax: boolean;
}

/** Undefined where the graph does not expose what enters the softmax. */
export function softmaxRow(stages: HeadStages, query: number): SoftmaxRow | undefined {
  const { masked, scaled, weights, removed } = stages;
  if (!masked || !weights) {
    return undefined;
  }
  const entering = rowOf(masked, query);
  const columns = masked.columns;
  const marks = removed.subarray(query * columns, (query + 1) * columns);
  const allRemoved = marks.every((mark) => mark === 1);
  const isRemoved = (key: number): boolean => marks[key] === 1;
  // A row whose keys are all removed still has weights where the mask adds a finite number to each.
  const counts = (key: number): boolean => allRemoved || !isRemoved(key);
  const largest = entering.reduce(
    (most, value, key) => (counts(key) && value > most ? value : most),
    -Infinity,
  );
  const shift = Math.abs(largest) > largestExponent && Number.isFinite(largest) ? largest : 0;
  const cells = Array.from(entering, (value, key): SoftmaxCell => ({
    scaled: scaled?.data[query * columns + key],
    entering: value,
    removed: isRemoved(key),
    exp: counts(key) ? Math.exp(value - shift) : 0,
    weight: weights.data[query * columns + key],
  }));
  const gone = cells.filter((cell) => cell.removed).length;
  const sum = cells.reduce((all, { exp }) => all + exp, 0);
  return {
    cells,
    shift,
    sum,
    isSoftmax: cells.every(({ exp, weight }) => Math.abs(exp / sum - weight) < 1e-3),
    kept: cells.length - gone,
    removed: gone,
  };
}

/** Mean, variance and extremes of the cells that the mask keeps. */
export interface Spread {
  readonly mean: number;
  readonly variance: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

/** @param removed Cells with a 1 are left out. The variance is the mean square distance from the mean. */
export function spreadOf(data: Float32Array, removed: Uint8Array): Spread {
  let [count, sum, least, most] = [0, 0, Infinity, -Infinity];
  data.forEach((value, i) => {
    if (removed[i] !== 1) {
      count++;
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  });
  const mean = count === 0 ? 0 : sum / count;
  const squares = data.reduce((all, value, i) => (removed[i] === 1 ? all : all + (value - mean) ** 2), 0);
  return { mean, variance: count === 0 ? 0 : squares / count, least, most, count };
}

/** How many kept values fall into each of `bins` equal parts of ±`range`. */
export function histogram(
  data: Float32Array,
  removed: Uint8Array,
  range: number,
  bins: number,
): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  data.forEach((value, i) => {
    if (removed[i] !== 1 && Number.isFinite(value)) {
      const bin = Math.floor(((value + range) / (2 * range)) * bins);
      counts[Math.min(bins - 1, Math.max(0, bin))]++;
    }
  });
  return counts;
}

/** A round number that is at least `value`: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten. */
export function roundRange(value: number): number {
  if (!(value > 0)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value * (1 - 1e-6));
  return (step ?? 10) * power;
}

/**
 * What multiplies q·k in this run: the same number in every cell, which an intervention may have changed. Where there is no
 * such number (a soft cap), or a stage is missing, the model's own.
 */
export function effectiveScale({ scores, scaled }: HeadStages, own: number | undefined): number | undefined {
  if (!scores || !scaled) {
    return own;
  }
  const largest = scores.data.reduce(
    (best, score, i) => (Math.abs(score) > Math.abs(scores.data[best]) ? i : best),
    0,
  );
  const factor = scaled.data[largest] / scores.data[largest];
  const tolerance = 1e-3 * Math.abs(scaled.data[largest]);
  const step = Math.max(1, Math.floor(scores.data.length / triedCells));
  for (let cell = 0; cell < scores.data.length; cell += step) {
    if (!(Math.abs(scores.data[cell] * factor - scaled.data[cell]) <= tolerance)) {
      return own;
    }
  }
  // Within rounding, the model's own number is the exact one.
  return own !== undefined && Math.abs(own - factor) <= 1e-4 * Math.abs(own) ? own : factor;
}

/** Cells that are looked at to see whether something besides the mask is added to the scores. */
const triedCells = 64;

/** Whether positions are added to the scores (T5, ALiBi): a score that is kept enters the softmax as another number. */
export function hasBias({ scaled, masked, mask, removed }: HeadStages): boolean {
  if (!scaled || !masked) {
    return false;
  }
  const kept = Array.from(removed.keys())
    .filter((cell) => removed[cell] !== 1)
    .slice(0, triedCells);
  return kept.some((cell) => {
    const added = masked.data[cell] - scaled.data[cell] - (mask?.data[cell] ?? 0);
    return Math.abs(added) > 2e-3 * Math.max(1, Math.abs(scaled.data[cell]));
  });
}

/** What one row of weights is like. */
export interface RowFacts {
  /** Of the scores that the mask keeps. */
  readonly variance: number;
  /** The largest weight. */
  readonly largest: number;
  /** −Σ p·log₂ p. */
  readonly bits: number;
  /** p·(1 − p) at the largest weight: how much the softmax still answers to a change of its score. */
  readonly slope: number;
}

/** One row with the model's own scale, and as if q·k entered the softmax as it is (section 3.2.1 asks for this comparison). */
export interface ScaleEffect {
  readonly with: RowFacts;
  readonly without: RowFacts;
}

/** Undefined where a stage is missing, or the weights are no softmax. Mask and bias stay in both. */
export function scaleEffect(stages: HeadStages, query: number): ScaleEffect | undefined {
  const { scores, scaled, masked, weights, removed } = stages;
  if (!scores || !scaled || !masked || !weights || !softmaxRow(stages, query)?.isSoftmax) {
    return undefined;
  }
  const { columns } = weights;
  const kept = Array.from({ length: columns }, (_, key) => query * columns + key).filter(
    (cell) => removed[cell] !== 1,
  );
  const at = (matrix: Matrix): Float32Array => Float32Array.from(kept, (cell) => matrix.data[cell]);
  const unscaled = Float32Array.from(
    kept,
    (cell) => scores.data[cell] + (masked.data[cell] - scaled.data[cell]),
  );
  return {
    with: factsOf(at(scaled), at(weights)),
    without: factsOf(at(scores), softmax(unscaled)),
  };
}

function factsOf(scores: Float32Array, weights: Float32Array): RowFacts {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  return {
    variance: spreadOf(scores, new Uint8Array(scores.length)).variance,
    largest,
    bits: entropyOf(weights),
    slope: largest * (1 - largest),
  };
}

/** Shannon entropy in bits. */
export function entropyOf(weights: Float32Array): number {
  // `+ 0` turns −0 into 0.
  return -weights.reduce((sum, p) => (p > 0 ? sum + p * Math.log2(p) : sum), 0) + 0;
}

function softmax(scores: Float32Array): Float32Array {
  const most = scores.reduce((largest, score) => Math.max(largest, score), -Infinity);
  const exps = scores.map((score) => Math.exp(score - most));
  const sum = exps.reduce((all, exp) => all + exp, 0);
  return exps.map((exp) => exp / sum);
}

/** Euclidean length. */
export function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

/**
 * The matrix with `block` columns in one: the value of the largest magnitude stands for all, so that none is lost. For
 * pictures of vectors that are longer than there are pixels.
 */
export function blockColumns(matrix: Matrix, block: number): Matrix {
  if (block <= 1) {
    return matrix;
  }
  const columns = Math.ceil(matrix.columns / block);
  const data = new Float32Array(matrix.rows * columns);
  matrix.data.forEach((value, i) => {
    const row = Math.floor(i / matrix.columns);
    const at = row * columns + Math.floor((i % matrix.columns) / block);
    if (Math.abs(value) > Math.abs(data[at])) {
      data[at] = value;
    }
  });
  return { rows: matrix.rows, columns, data };
}
