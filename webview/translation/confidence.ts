// How sure the model was of what it wrote: probabilities of tokens, words and whole texts, from what the search reported.
import type { TranslationHypothesis } from '../../src/shared/translation';
import type { SentenceTranslation } from '../../src/shared/translationPage';

/**
 * The probability of each word's least probable token; undefined for words of which nothing is known, such as code that was
 * put back into the text. Probabilities belong to the tokens that were generated, in their order.
 */
export function wordProbabilities({
  target,
  ids,
  logProbabilities,
}: TranslationHypothesis): (number | undefined)[] {
  const known = new Map<number, number>();
  const aligned = target.tokens.length === logProbabilities.length;
  let next = 0;
  target.tokens.forEach((token, index) => {
    const step = aligned ? index : token.id === ids[next] ? next++ : undefined;
    if (step !== undefined) {
      known.set(index, Math.exp(logProbabilities[step]));
    }
  });
  return target.words.map(({ first, last }) => {
    let least: number | undefined;
    for (let token = first; token <= last; token++) {
      const probability = known.get(token);
      least = probability === undefined ? least : Math.min(least ?? 1, probability);
    }
    return least;
  });
}

/** The hypothesis that stands in the text. */
export function chosenOf({ hypotheses, chosen }: SentenceTranslation): TranslationHypothesis | undefined {
  return hypotheses[chosen];
}

/** The geometric mean of the probabilities of all tokens in the text, ends included; undefined before there are any. */
export function meanProbability(sentences: readonly SentenceTranslation[]): number | undefined {
  let sum = 0;
  let count = 0;
  for (const sentence of sentences) {
    const hypothesis = chosenOf(sentence);
    if (hypothesis) {
      sum += hypothesis.logProbability;
      count += hypothesis.logProbabilities.length;
    }
  }
  return count > 0 ? Math.exp(sum / count) : undefined;
}
