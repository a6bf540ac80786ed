// Stages of one head computed from given queries, keys and values, by the formulas of the paper, apart from the product's own code.
import type { HeadStages } from '../../../src/shared/headStages';
import type { Matrix } from '../../../src/shared/tensor';

export function matrix(rows: readonly (readonly number[])[]): Matrix {
  return {
    rows: rows.length,
    columns: rows[0]?.length ?? 0,
    data: Float32Array.from(rows.flat()),
  };
}

/** Numbers that look like noise and are always the same. */
export function noise(rows: number, columns: number, seed: number, size = 1): number[][] {
  let state = seed * 2654435761;
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return ((state / 2 ** 32) * 2 - 1) * size;
    }),
  );
}

export interface HeadInput {
  readonly q: readonly (readonly number[])[];
  readonly k: readonly (readonly number[])[];
  readonly v: readonly (readonly number[])[];
  readonly scale: number;
  /** Which cells the mask removes, and what it adds there. */
  readonly removes?: (query: number, key: number) => boolean;
  readonly maskedValue?: number;
  readonly bias?: (query: number, key: number) => number;
}

/** Everything but the output projection. */
export function headOf({ q, k, v, scale, removes, maskedValue = -1e9, bias }: HeadInput): HeadStages {
  const scores = q.map((a) => k.map((b) => a.reduce((sum, x, i) => sum + x * b[i], 0)));
  const scaled = scores.map((row) => row.map((score) => score * scale));
  const mask = scores.map((row, i) => row.map((_, j) => (removes?.(i, j) ? maskedValue : 0)));
  const masked = scaled.map((row, i) => row.map((x, j) => x + (bias?.(i, j) ?? 0) + mask[i][j]));
  const weights = masked.map((row) => {
    const most = Math.max(...row);
    const exps = row.map((x) => Math.exp(x - most));
    const sum = exps.reduce((all, x) => all + x, 0);
    return exps.map((x) => x / sum);
  });
  const context = weights.map((row) =>
    v[0].map((_, i) => row.reduce((sum, weight, j) => sum + weight * v[j][i], 0)),
  );
  return {
    query: matrix(q),
    key: matrix(k),
    value: matrix(v),
    scores: matrix(scores),
    scaled: matrix(scaled),
    masked: matrix(masked),
    weights: matrix(weights),
    mask: removes ? matrix(mask) : undefined,
    removed: Uint8Array.from(mask.flat(), (value) => Number(value !== 0)),
    context: matrix(context),
    output: undefined,
    noOutput: 'noProjection',
    joined: undefined,
    projected: undefined,
    before: undefined,
    after: undefined,
  };
}
