// Sampling: every token is drawn by its probability, among all tokens or only the likeliest ones, always alike for the same seed.
import { UserError } from '../shared/errors';
import { mulberry32 } from '../shared/shuffle';
import { decodeEach } from './decodeEach';
import { likeliest, logSumExp } from './logits';
import type { Generated } from './opening';
import type { LengthLimit, SearchOptions } from './options';
import type { Step } from './step';

/** What is left to chance. */
export interface Chance {
  /** Logits are divided by it: below 1 likely tokens get likelier. Above 0; default 1. */
  readonly temperature?: number;
  /** Draws among the so many likeliest tokens; 0, the default, among all. */
  readonly topK?: number;
  /**
   * Draws among the likeliest tokens that together reach this probability, after temperature and topK: the fewest that do (nucleus
   * sampling, Holtzman et al. 2020, section 3.1); 1, the default, among all.
   */
  readonly topP?: number;
}

export type SampleOptions = SearchOptions &
  LengthLimit &
  Chance & {
    /** A whole number. */
    readonly seed: number;
    /** Independent samples of each source; default 1. The first ones are the same however many there are. */
    readonly hypotheses?: number;
  };

/** One sample. Its `logProbabilities` are those of the model, after the rules but before temperature, topK and topP. */
export interface Sample extends Generated {
  /** Sum of all `logProbabilities`. */
  readonly logProbability: number;
}

/** Weights that tell the generators of different samples apart: the golden ratio in 32 bits, so that near seeds do not meet. */
const SEED_STRIDE = 0x9e3779b9;

/**
 * Samples `hypotheses` continuations of every source; yields to the event loop at every step. What is drawn for a source does
 * not depend on the other sources of the batch.
 *
 * @returns `[source][sample]`, in the order of drawing; `onStep` gets the first sample of each source.
 * @throws UserError `cancelled`; `badRequest` for options that leave nothing to draw from.
 */
export async function sample<State>(step: Step<State>, options: SampleOptions): Promise<Sample[][]> {
  const { seed, hypotheses = 1, temperature = 1, topK = 0, topP = 1 } = options;
  if (!(temperature > 0 && topK >= 0 && topP > 0)) {
    const message = `Temperature (${temperature}) and top-p (${topP}) must be above 0, top-k (${topK}) must not be negative.`;
    throw new UserError('badRequest', message, { temperature, topK, topP });
  }
  const random = options.prompt.map(() =>
    Array.from({ length: hypotheses }, (_, index) => mulberry32(seed + Math.imul(index, SEED_STRIDE))),
  );
  const choose = (logits: Float32Array, source: number, sequence: number): number | undefined =>
    draw(logits, { temperature, topK, topP }, random[source][sequence]());
  const found = await decodeEach(step, options, hypotheses, choose);
  return found.map((samples) =>
    samples.map((each) => ({ ...each, logProbability: each.logProbabilities.reduce((a, b) => a + b, 0) })),
  );
}

/**
 * Draws a token.
 *
 * @param at A number in [0, 1): how far down the cumulated probabilities.
 * @returns undefined where every logit is −∞ or NaN.
 */
export function draw(logits: Float32Array, chance: Chance, at: number): number | undefined {
  const { ids, probabilities } = candidates(logits, chance);
  let rest = at * probabilities.reduce((a, b) => a + b, 0);
  const index = probabilities.findIndex((probability) => {
    rest -= probability;
    return rest < 0;
  });
  // Rounding may leave a little after the last one.
  return ids[index < 0 ? ids.length - 1 : index];
}

/** What may be drawn, likeliest first where something was cut off, with probabilities that need not sum to 1. */
export function candidates(
  logits: Float32Array,
  { temperature = 1, topK = 0, topP = 1 }: Chance,
): { readonly ids: readonly number[]; readonly probabilities: readonly number[] } {
  const scaled = logits.map((logit) => logit / temperature);
  const possible = topK > 0 ? likeliest(scaled, topK) : [...scaled.keys()];
  const ids = possible.filter((id) => scaled[id] > -Infinity);
  const normaliser = logSumExp(Float32Array.from(ids, (id) => scaled[id]));
  const probability = (id: number): number => Math.exp(scaled[id] - normaliser);
  const nucleus = topP < 1 ? cut(ids, probability, topP) : ids;
  return { ids: nucleus, probabilities: nucleus.map(probability) };
}

/** The fewest ids that reach `share` together. */
function cut(ids: readonly number[], probability: (id: number) => number, share: number): number[] {
  // All those below this bound together stay below what is cut off, so the others need no sorting with them.
  const bound = (1 - share) / ids.length;
  const ordered = ids
    .map((id) => ({ id, probability: probability(id) }))
    .filter((each) => each.probability >= bound)
    .sort((a, b) => b.probability - a.probability || a.id - b.id);
  let reached = 0;
  const last = ordered.findIndex((each) => (reached += each.probability) >= share);
  return ordered.slice(0, last < 0 ? ordered.length : last + 1).map(({ id }) => id);
}
