// How long a target may get, where the request leaves it to the model.

/** A model that runs away is stopped at this many target tokens per source token, and some more. */
const LONGEST_RATIO = 3;
const LONGEST_EXTRA = 16;
/** A continuation has no end of its own: a few sentences, as a rule. */
const CONTINUATION = 64;

/**
 * Tokens of a translation at most, its end included.
 *
 * @param room What the decoder can read after its prompt.
 * @param source Tokens of the source, special ones included.
 * @param wanted By the request; 0 leaves it to the length of the source.
 */
export function longestTranslation(room: number, source: number, wanted: number): number {
  return Math.min(room, wanted > 0 ? wanted : LONGEST_RATIO * source + LONGEST_EXTRA);
}

/** Tokens of a continuation at most, its end included. */
export function longestContinuation(room: number, wanted: number): number {
  return Math.min(room, wanted > 0 ? wanted : CONTINUATION);
}
