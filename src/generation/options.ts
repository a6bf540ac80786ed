// What all ways of decoding are told: what to begin with, what ends a sequence, and which tokens may be chosen. Types and limits only.

/** How many tokens to generate at most, a forced beginning and the end included: as many for every source, or for each its own. */
export type LengthLimit = { readonly maxLength: number } | { readonly maxLengths: readonly number[] };

/** Rules that change the logits before anything is chosen, in this order; probabilities are those after the rules. */
export interface TokenRules {
  /**
   * Logits of tokens that stand in the prompt or were generated are divided by it where positive, else multiplied (Keskar et
   * al. 2019, section 4.1); 1, the default, changes nothing.
   */
  readonly repetitionPenalty?: number;
  /** Never chosen. */
  readonly forbidden?: readonly number[];
  /** No n-gram of so many tokens occurs twice in prompt and generated tokens; 0, the default, allows all. */
  readonly noRepeat?: number;
}

/** Options of `greedy`, `sample` and `beamSearch`. */
export interface SearchOptions extends TokenRules {
  /** What each source's sequences begin with `[source][length]`, equally long, e.g. the decoder's start token. */
  readonly prompt: readonly (readonly number[])[];
  /**
   * What every target must begin with: generated tokens like all others, with their probabilities, but not chosen by the model. They are
   * read in one pass together with the prompt. An end among them ends the target there.
   */
  readonly begin?: readonly number[];
  /** Any of these ends a sequence. */
  readonly eos: readonly number[];
  /** Chosen first where nothing is to begin with, whatever the model says. */
  readonly forcedFirst?: number;
  /** Cancels between two steps. */
  readonly signal?: AbortSignal;
  /** Called after every step with the best sequence of each source so far `[source][length]`, ends excluded. */
  readonly onStep?: (ids: readonly (readonly number[])[]) => void;
}

/** The limit of one source. */
export function longestTarget(limit: LengthLimit, source: number): number {
  return 'maxLengths' in limit ? (limit.maxLengths[source] ?? 0) : limit.maxLength;
}
