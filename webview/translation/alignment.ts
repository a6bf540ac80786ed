// Which words look at which: the attention of an explanation by words instead of tokens. Plain arithmetic on real weights.
import { rowOf } from '../../src/shared/tensor';
import type { TokenSequence } from '../../src/shared/tokens';
import type { TranslationExplanation } from '../../src/shared/translation';
import type { Ranking, Share } from '../views/rowFacts';
import { rank } from '../views/rowFacts';

/** One weight per word. */
export interface WordWeights {
  readonly weights: readonly number[];
  /** What is left of 1: looked at something that is no word of the other side. */
  readonly rest: number;
}

/** Steps of decoding that made a word of the target, in order. */
export function stepsOfWord({ steps, target }: TranslationExplanation, word: number): number[] {
  const { first, last } = target.words[word] ?? { first: 0, last: -1 };
  return steps.flatMap(({ token }, step) => (token >= first && token <= last ? [step] : []));
}

/** As {@link stepsOfWord}, and those up to the next word that can be seen: the end of the sequence has no place of its own. */
export function stepsToAsk(explanation: TranslationExplanation, word: number): number[] {
  const { words } = explanation.target;
  const steps = stepsOfWord(explanation, word);
  for (let next = word + 1; next < words.length && words[next].start < 0; next++) {
    steps.push(...stepsOfWord(explanation, next));
  }
  return steps;
}

/**
 * What a word of the target looks at: for every word of the source the sum over its tokens, the mean over the tokens of
 * the target's word. Words and rest sum to 1.
 */
export function sourceWeights(explanation: TranslationExplanation, word: number): WordWeights {
  const { attention, source } = explanation;
  const steps = stepsOfWord(explanation, word);
  const weights = source.words.map(() => 0);
  for (const step of steps) {
    rowOf(attention, step).forEach((weight, token) => {
      weights[source.tokens[token].word] += weight / steps.length;
    });
  }
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return { weights, rest: steps.length > 0 ? Math.max(0, 1 - all) : 0 };
}

/** Who looks at a word of the source: for every word of the target the weight that {@link sourceWeights} gives to it. */
export function targetWeights(explanation: TranslationExplanation, word: number): WordWeights {
  const { attention, source, target } = explanation;
  const { first, last } = source.words[word];
  const weights = target.words.map((_, index) => {
    const steps = stepsOfWord(explanation, index);
    const sums = steps.map((step) =>
      rowOf(attention, step)
        .subarray(first, last + 1)
        .reduce((sum, weight) => sum + weight, 0),
    );
    return sums.reduce((sum, weight) => sum + weight, 0) / Math.max(1, steps.length);
  });
  return { weights, rest: 0 };
}

/** Words that can be seen, from half of the largest weight on: what is worth pointing out. */
export function strongWords(sequence: TokenSequence, weights: readonly number[]): number[] {
  const seen = sequence.words.flatMap((word, index) => (word.start >= 0 ? [index] : []));
  const largest = Math.max(0, ...seen.map((index) => weights[index]));
  return largest === 0 ? [] : seen.filter((index) => weights[index] >= largest / 2);
}

/** The `most` largest weights; what is left of 1 stands behind the words, under the index after the last one. */
export function rankWords({ weights, rest }: WordWeights, most: number): Ranking {
  const shares: Share[] = weights.map((weight, index) => ({ index, weight, masked: false }));
  // Rounding of float32 leaves some 1e-7.
  const all = rest > 5e-4 ? [...shares, { index: weights.length, weight: rest, masked: false }] : shares;
  return rank(
    all.filter(({ weight }) => weight > 0),
    most,
  );
}
