// What two runs of one text differ in, as numbers for tables and sentences: rows of weights, and candidates of the output. Pure.
import type { Comparison, HeadChange, OutputChange } from '../../../src/shared/comparison';
import type { Candidate } from '../../../src/shared/insight';
import type { Matrix } from '../../../src/shared/tensor';

/** A row whose weights move by less than this in all is called unchanged: float32 rounding is below it. */
export const ROUNDING = 1e-5;

/** The weights after, from those before and the difference. */
export function afterWeights(before: Matrix, difference: Matrix): Matrix {
  return { ...before, data: before.data.map((weight, at) => weight + (difference.data[at] ?? 0)) };
}

/** ½ Σ|Δ| of each row: the total variation of its distribution over the keys; 1 where all weight went to other keys, ½ where it is gone. */
export function rowVariations({ rows, columns, data }: Matrix): readonly number[] {
  return Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      sum += Math.abs(data[at]);
    }
    return sum / 2;
  });
}

/** The row that moved most, of those that are no padding; undefined where none did. */
export function mostMovedRow(
  variations: readonly number[],
  queries: readonly { readonly padding: boolean }[],
): number | undefined {
  const own = variations.map((variation, row) => (queries[row]?.padding === true ? 0 : variation));
  const largest = Math.max(0, ...own);
  return largest > ROUNDING ? own.indexOf(largest) : undefined;
}

export interface KeyChange {
  readonly key: number;
  readonly before: number;
  readonly after: number;
  readonly change: number;
}

/** The keys of a row, most changed first; those that `isHidden` from both runs are left out. */
export function keyChanges(
  before: Matrix,
  difference: Matrix,
  row: number,
  count: number,
  isHidden: (at: number) => boolean = () => false,
): KeyChange[] {
  const { columns, data } = before;
  return Array.from({ length: columns }, (_, key) => {
    const [old, change] = [data[row * columns + key] ?? 0, difference.data[row * columns + key] ?? 0];
    return { key, before: old, after: old + change, change };
  })
    .filter(({ key }) => !isHidden(row * columns + key))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || b.before - a.before)
    .slice(0, count);
}

/** A token of the output before and after. A probability that is not among the named ones is at most `below`. */
export interface CandidateChange {
  readonly id: number;
  readonly piece: string;
  readonly before: number | { readonly below: number };
  readonly after: number | { readonly below: number };
}

/** The likeliest tokens of both, those of the run before first. */
export function candidateChanges({ before, after }: OutputChange): CandidateChange[] {
  const all = [...before, ...after.filter(({ id }) => before.every((other) => other.id !== id))];
  return all.map(({ id, piece }) => ({
    id,
    piece,
    before: probabilityIn(before, id),
    after: probabilityIn(after, id),
  }));
}

function probabilityIn(candidates: readonly Candidate[], id: number): number | { readonly below: number } {
  return candidates.find((each) => each.id === id)?.plain ?? { below: candidates.at(-1)?.plain ?? 1 };
}

/** The position whose distribution moved most; undefined without logits. */
export function mostMovedPosition({ output }: Comparison): number | undefined {
  return output?.positions.reduce<OutputChange | undefined>(
    (most, each) => (most && most.kl >= each.kl ? most : each),
    undefined,
  )?.position;
}

/** Heads whose weights moved, most first. */
export function mostMovedHeads({ heads }: Comparison, count: number): HeadChange[] {
  return heads
    .filter(({ largest }) => largest > ROUNDING)
    .sort((a, b) => b.largest - a.largest)
    .slice(0, count);
}
