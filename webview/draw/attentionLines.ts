// Which pairs of tokens are joined by a line, and how the lines are grouped for drawing; draws nothing.
import type { AttentionMatrix } from '../../src/shared/trace';

/** Pairs whose weight reaches the threshold, in parallel arrays, and how many pairs there are that are not masked. */
export interface AttentionLines {
  readonly queries: Uint32Array<ArrayBuffer>;
  readonly keys: Uint32Array<ArrayBuffer>;
  readonly weights: Float32Array<ArrayBuffer>;
  readonly pairs: number;
}

/** Selects the pairs of a matrix `[query, key]` with `weight >= threshold`; masked cells are no pairs. */
export function selectLines(matrix: AttentionMatrix, threshold: number): AttentionLines {
  const { columns, data, masked } = matrix;
  const chosen: number[] = [];
  let pairs = 0;
  for (let index = 0; index < data.length; index++) {
    if (masked[index]) {
      continue;
    }
    pairs++;
    if (data[index] >= threshold) {
      chosen.push(index);
    }
  }
  return {
    queries: Uint32Array.from(chosen, (index) => Math.floor(index / columns)),
    keys: Uint32Array.from(chosen, (index) => index % columns),
    weights: Float32Array.from(chosen, (index) => data[index]),
    pairs,
  };
}

/** Groups of lines of similar weight: each is drawn as one path. */
export const weightGroups = 16;

/** The group of a weight. */
export function groupOf(weight: number): number {
  return Math.min(weightGroups - 1, Math.max(0, Math.floor(weight * weightGroups)));
}

/** The indexes of all lines by group, strongest group first; inside a group in the order of the text. */
export function strongestFirst(weights: Float32Array): Uint32Array<ArrayBuffer> {
  const ends = new Uint32Array(weightGroups);
  weights.forEach((weight) => ends[weightGroups - 1 - groupOf(weight)]++);
  for (let group = 1; group < weightGroups; group++) {
    ends[group] += ends[group - 1];
  }
  const order = new Uint32Array(weights.length);
  for (let index = weights.length - 1; index >= 0; index--) {
    order[--ends[weightGroups - 1 - groupOf(weights[index])]] = index;
  }
  return order;
}

/** Width and opacity of a group's lines, in grey and when they stand out. */
export function strokeOf(group: number): { grey: number; alpha: number; strong: number } {
  const weight = (group + 0.5) / weightGroups;
  return { grey: 0.7 + 1.6 * weight, alpha: Math.min(0.5, 0.1 + 0.42 * weight), strong: 1 + 5 * weight };
}
