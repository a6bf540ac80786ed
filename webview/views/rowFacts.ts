// What can be said about rows and columns of an attention matrix: order, rest, entropy. Plain arithmetic on real weights.
import type { AttentionMatrix } from '../../src/shared/trace';

/** One weight with the index of the token it belongs to. */
export interface Share {
  readonly index: number;
  readonly weight: number;
  readonly masked: boolean;
}

/** The largest weights, and how many are left with which sum. Masked cells come last and count as no weight. */
export interface Ranking {
  readonly top: readonly Share[];
  readonly others: number;
  readonly othersSum: number;
}

/** What a query attends to: its row `[key]`. */
export function rowShares(matrix: AttentionMatrix, query: number): Share[] {
  return shares(matrix, matrix.columns, (key) => query * matrix.columns + key);
}

/** Who attends to a key: its column `[query]`; every weight is a share of that query's own row. */
export function columnShares(matrix: AttentionMatrix, key: number): Share[] {
  return shares(matrix, matrix.rows, (query) => query * matrix.columns + key);
}

function shares(matrix: AttentionMatrix, count: number, at: (index: number) => number): Share[] {
  return Array.from({ length: count }, (_, index) => {
    const cell = at(index);
    const masked = matrix.masked[cell] === 1;
    return { index, weight: masked ? 0 : matrix.data[cell], masked };
  });
}

/** The `most` largest shares; equal ones in the order of the text. */
export function rank(all: readonly Share[], most: number): Ranking {
  const ordered = all
    .filter((share) => !share.masked)
    .sort((a, b) => b.weight - a.weight || a.index - b.index);
  const rest = ordered.slice(most);
  return {
    top: ordered.slice(0, most),
    others: rest.length,
    othersSum: rest.reduce((sum, share) => sum + share.weight, 0),
  };
}

/** 1 for the largest weight of a row; equal weights share a rank. Undefined for a masked cell. */
export function rankOf(all: readonly Share[], index: number): number | undefined {
  const own = all[index];
  return own.masked
    ? undefined
    : 1 + all.filter((share) => !share.masked && share.weight > own.weight).length;
}

/** The index of the largest share; undefined when all are masked. */
export function strongest(all: readonly Share[]): number | undefined {
  return rank(all, 1).top[0]?.index;
}

/** Shannon entropy of a row in bits: 0 when one token gets everything. */
export function entropyBits(all: readonly Share[]): number {
  // `+ 0` turns −0 into 0.
  return -all.reduce((sum, { weight }) => sum + (weight > 0 ? weight * Math.log2(weight) : 0), 0) + 0;
}
