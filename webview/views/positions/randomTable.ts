// A table of random rows, as a learned table is before training: the same for the same seed. Pure.
import type { PositionChange } from '../../../src/shared/intervention';
import { mulberry32 } from '../../../src/shared/shuffle';

/** Digits that are kept: a recipe is read by people, too. */
const digits = 3;

/** Rows whose entries are normally distributed, so that a row has about this norm. */
export function randomTable(rows: number, width: number, norm: number, seed: number): PositionChange {
  const next = normals(seed);
  const deviation = norm / Math.sqrt(Math.max(1, width));
  return {
    to: 'table',
    rows: Array.from({ length: rows }, () =>
      Array.from({ length: width }, () => Number((deviation * next()).toFixed(digits))),
    ),
  };
}

/** Box and Muller's method. */
function normals(seed: number): () => number {
  const uniform = mulberry32(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
