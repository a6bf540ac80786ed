// Which words of a source each word of its translation stands for, as far as attention can tell. Words are those that say something.
import { aggregate } from '../shared/aggregate';
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';
import type { TokenSequence, Word } from '../shared/tokens';

/** A source and a target, and how much each step of the target looked at each token of the source. */
export interface Aligned {
  readonly source: TokenSequence;
  readonly target: TokenSequence;
  /** `[target tokens, source tokens]` of heads that align. */
  readonly attention: Matrix;
}

/** The same place said in both: a name that was copied. */
export interface Anchor {
  readonly source: { readonly start: number; readonly end: number };
  readonly target: { readonly start: number; readonly end: number };
}

export interface AlignedWords {
  readonly from: readonly Word[];
  readonly to: readonly Word[];
  /** For each word of `to` how much it stands for each word of `from`: sums to 1, or is 0 where it looked at none. */
  readonly shares: readonly Float32Array[];
  /** The same before every word of `from` was given as much as the others: what attention says by itself. */
  readonly looks: readonly Float32Array[];
}

export function alignWords({ source, target, attention }: Aligned, anchors: readonly Anchor[]): AlignedWords {
  const from = source.words.filter(isSaid);
  const to = target.words.filter(isSaid);
  const words = aggregate(attention, to, from);
  const looks = byRow(to.map((_, row) => Float32Array.from(rowOf(words, row))));
  const shares = evened(looks);
  for (const anchor of anchors) {
    const stands = from.map((word) => overlaps(word, anchor.source));
    to.forEach((word, row) => {
      const copied = overlaps(word, anchor.target);
      const count = stands.filter(Boolean).length;
      // A copy stands for its original and nothing else does.
      shares[row].forEach((share, column) => {
        shares[row][column] = stands[column] === copied ? (copied ? 1 / count : share) : 0;
        looks[row][column] = copied ? shares[row][column] : looks[row][column];
      });
    });
  }
  return { from, to, shares, looks };
}

/** Rounds of {@link evened}. */
const ROUNDS = 5;

/**
 * Weights as shares that sum to 1 for each row, while every column gets as much as the others (Sinkhorn and Knopp 1967): articles
 * and prepositions look ahead at their nouns, and stand for the words of the source that are left. With it 236 of 245 spans of
 * models/recipe/alignments.txt find exactly their words, without it 192 (`npm run bench -- marks`).
 */
function evened(looks: readonly Float32Array[]): readonly Float32Array[] {
  let rows: readonly Float32Array[] = looks;
  for (let round = 0; round < ROUNDS; round++) {
    const totals = rows.reduce(
      (so, values) => so.map((total, column) => total + values[column]),
      new Float32Array(rows[0]?.length ?? 0),
    );
    rows = byRow(
      rows.map((values) => values.map((value, column) => (totals[column] > 0 ? value / totals[column] : 0))),
    );
  }
  return rows;
}

/** Every row as shares of its sum. */
function byRow(rows: readonly Float32Array[]): Float32Array[] {
  return rows.map((values) => {
    const total = values.reduce((sum, value) => sum + value, 0);
    return values.map((value) => (total > 0 ? value / total : 0));
  });
}

/** Whether a word has letters or digits and a place in the text. */
function isSaid({ label, start }: Word): boolean {
  return start >= 0 && /[\p{L}\p{N}]/u.test(label);
}

function overlaps(
  a: { readonly start: number; readonly end: number },
  b: { readonly start: number; readonly end: number },
): boolean {
  return a.start < b.end && b.start < a.end;
}
