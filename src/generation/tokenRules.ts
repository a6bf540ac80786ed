// Applies repetition penalty, forbidden tokens and the limit of n-grams to logits, in place.
import type { TokenRules } from './options';

/**
 * Changes the logits of the next token.
 *
 * @param logits `[vocabulary]`
 * @param history All tokens so far: the prompt, then what was generated.
 * @param forced Stays possible: somebody else has chosen it.
 */
export function applyRules(
  logits: Float32Array,
  { repetitionPenalty = 1, forbidden = [], noRepeat = 0 }: TokenRules,
  history: readonly number[],
  forced?: number,
): void {
  if (repetitionPenalty !== 1) {
    for (const id of new Set(history)) {
      const logit = logits[id];
      logits[id] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    }
  }
  const kept = forced === undefined ? 0 : logits[forced];
  for (const id of forbidden) {
    // A write beyond the end is ignored.
    logits[id] = -Infinity;
  }
  if (noRepeat > 0) {
    for (const id of repeating(history, noRepeat)) {
      logits[id] = -Infinity;
    }
  }
  if (forced !== undefined) {
    logits[forced] = kept;
  }
}

/** The tokens that would complete an n-gram that has occurred: those that followed the last `size − 1` tokens before. */
function repeating(history: readonly number[], size: number): number[] {
  const end = history.length - (size - 1);
  const found: number[] = [];
  for (let start = 0; start < end; start++) {
    let same = 0;
    while (same < size - 1 && history[start + same] === history[end + same]) {
      same++;
    }
    if (same === size - 1) {
      found.push(history[start + same]);
    }
  }
  return found;
}
