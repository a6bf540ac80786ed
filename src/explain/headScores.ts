// What a head does, as one number per question, to rank heads by: its weight on the previous token, on itself, and so on.
import type { HeadQuestion } from '../shared/insight';
import type { Matrix } from '../shared/tensor';

/** What is known of a row or column. */
export interface HeadToken {
  /** Padding is left out on both sides. */
  readonly real: boolean;
  /** The same number for pieces and words that are spelled alike. */
  readonly spelling: number;
  /** A special token or punctuation. */
  readonly delimiter: boolean;
}

/**
 * Between 0 and 1, higher is more so. Weights: the mean over queries that have such a key. `sharpest` is
 * 1 − H ÷ ln n and `even` H ÷ ln n, with H the entropy of a row over its n allowed keys. In cross-attention
 * `previous`, `next` and `itself` go by position in the other sequence. `weights`: `[query, key]`.
 */
export function headScore(
  weights: Matrix,
  queries: readonly HeadToken[],
  keys: readonly HeadToken[],
  question: HeadQuestion,
  pair?: { readonly query: number; readonly key: number },
  masked?: Uint8Array,
): number {
  const { columns, data } = weights;
  if (question === 'pair') {
    return pair ? data[pair.query * columns + pair.key] : 0;
  }
  let [sum, count] = [0, 0];
  queries.forEach(({ real }, query) => {
    const score = real ? rowScore(query) : undefined;
    if (score !== undefined) {
      sum += score;
      count++;
    }
  });
  return count === 0 ? 0 : sum / count;

  function rowScore(query: number): number | undefined {
    const at = (key: number): number | undefined =>
      keys[key]?.real ? data[query * columns + key] : undefined;
    switch (question) {
      case 'previous':
        return at(query - 1);
      case 'next':
        return at(query + 1);
      case 'itself':
        return at(query);
      case 'sameWord':
        return total(query, (key) => key !== query && keys[key].spelling === queries[query].spelling);
      case 'delimiter':
        return total(query, (key) => keys[key].delimiter);
      case 'sharpest':
      case 'even':
        return evenness(query);
      case 'pair':
        return undefined;
      default:
        return question satisfies never;
    }
  }

  function allowed(query: number): number[] {
    return Array.from(keys.keys()).filter((key) => keys[key].real && masked?.[query * columns + key] !== 1);
  }

  function total(query: number, wanted: (key: number) => boolean): number | undefined {
    const found = allowed(query).filter(wanted);
    return found.length === 0 ? undefined : found.reduce((all, key) => all + data[query * columns + key], 0);
  }

  function evenness(query: number): number | undefined {
    const row = allowed(query).map((key) => data[query * columns + key]);
    if (row.length < 2) {
      return undefined;
    }
    const entropy = row.reduce((h, p) => (p > 0 ? h - p * Math.log(p) : h), 0) / Math.log(row.length);
    return question === 'even' ? entropy : 1 - entropy;
  }
}
