// Reads one word's row and column out of an attention matrix over words: strongest first, with what is left out summed up.
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';
import type { TokenSequence, Word } from '../shared/tokens';

/** A word and a weight between 0 and 1. */
export interface WordWeight {
  readonly word: Word;
  readonly weight: number;
}

/** The strongest weights of a list, and the rest as count and sum. */
export interface RankedWeights {
  readonly top: readonly WordWeight[];
  readonly more: { readonly count: number; readonly sum: number };
  /** Shannon entropy of all weights in bits, where they are a distribution. */
  readonly entropy: number;
}

/**
 * What word `query` attends to: its row of `matrix` `[query word, key word]`, which sums to 1.
 * Padding is left out, its weight being 0.
 */
export function attendsTo(matrix: Matrix, query: number, keys: TokenSequence, count: number): RankedWeights {
  return rank(Array.from(rowOf(matrix, query)), keys, count);
}

/**
 * What attends to word `key`: its column of `matrix` `[query word, key word]`. Each weight is a share of the attending
 * word's attention (a mean over its pieces), so a column has no fixed sum.
 */
export function attendedBy(
  matrix: Matrix,
  key: number,
  queries: TokenSequence,
  count: number,
): RankedWeights {
  const column = Array.from({ length: matrix.rows }, (_, row) => matrix.data[row * matrix.columns + key]);
  return rank(column, queries, count);
}

/** Index of the word that holds `offset` of the sequence's text; −1 where there is none. */
export function wordAt(sequence: TokenSequence, offset: number): number {
  return sequence.words.findIndex((word) => word.start >= 0 && word.start <= offset && offset < word.end);
}

function rank(weights: readonly number[], sequence: TokenSequence, count: number): RankedWeights {
  const real = weights
    .map((weight, index) => ({ weight, word: sequence.words[index] }))
    .filter(({ word }) => word !== undefined && sequence.tokens[word.first]?.padding !== true)
    .sort((a, b) => b.weight - a.weight);
  const rest = real.slice(count);
  return {
    top: real.slice(0, count),
    more: { count: rest.length, sum: sum(rest.map(({ weight }) => weight)) },
    entropy: sum(real.map(({ weight }) => (weight > 0 ? -weight * Math.log2(weight) : 0))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
