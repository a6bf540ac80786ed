// What a tensor that meets the scores is: which cells it removes, judged by computing it on small sizes.
import type { GraphFacts } from './graphFacts';
import { expandTo } from './symbolic/broadcast';
import { numbersOf, type Value } from './symbolic/value';
import { HIDDEN, type Trial } from './trial';

/** Additive masks are at most this; nothing learned is as negative. */
const REMOVED = -50;

const MAX_CELLS = 1 << 14;

/** How the elements of a tensor say which scores stay. */
export interface Reading {
  readonly form: 'add' | 'where';
  /** For `where`: whether 1 keeps the score. */
  readonly keepsWhenTrue?: boolean;
  /** For `add`: the tensor is subtracted. */
  readonly subtracted?: boolean;
}

export interface MaskNature {
  readonly causal: boolean;
  /** The inputs of which one hidden token removes a key. */
  readonly padding: readonly string[];
  /** Whether anything is removed although nothing is hidden and it is not a later key (windows, constant padding). */
  readonly other: boolean;
}

/** 1 where the cell is removed; `[…, query or 1, key]`. */
export function removedCells(value: Value | undefined, reading: Reading): Value | undefined {
  // On trial sizes a mask has some hundred cells; the whole buffer that it is cut from is none.
  const numbers = value && value.data.length <= MAX_CELLS ? numbersOf(value) : undefined;
  if (!value || !numbers || value.dims.length === 0) {
    return undefined;
  }
  const sign = reading.subtracted ? -1 : 1;
  const data: number[] = [];
  for (const element of numbers) {
    if (reading.form === 'add') {
      const added = sign * element;
      if (!(Math.abs(added) < 1e-6 || added <= REMOVED)) {
        return undefined;
      }
      data.push(added <= REMOVED ? 1 : 0);
    } else {
      if (element !== 0 && element !== 1) {
        return undefined;
      }
      data.push((element === 1) === (reading.keepsWhenTrue ?? false) ? 0 : 1);
    }
  }
  return { kind: 'bool', dims: value.dims, data };
}

/**
 * What the tensor removes under the given reading; undefined when it cannot be computed or is no mask. `assumptions` are
 * what mask inputs may be where tokens are, tried one after the other.
 */
export function natureOf(
  facts: GraphFacts,
  trial: Trial,
  tensor: string,
  reading: Reading,
  assumptions: readonly (0 | 1)[] = [1, 0],
): MaskNature | undefined {
  // A mask is 1 where a token is, or 0: under the wrong assumption everything is removed, or nothing makes sense.
  for (const present of assumptions) {
    const plain = removedCells(trial.value(tensor, undefined, present), reading);
    if (plain && numbersOf(plain)?.includes(0)) {
      const padding = facts.dependencies.of(tensor).filter((input) => {
        const hidden = removedCells(trial.value(tensor, input, present), reading);
        return hidden !== undefined && removesKey(plain, hidden);
      });
      const cells = asMatrices(plain);
      return { causal: cells.some(isCausal), padding, other: cells.some(removesEarlier) };
    }
    if (facts.isConstant(tensor)) {
      break;
    }
  }
  return undefined;
}

/** `[rows][columns]` for every matrix in the tensor; a vector is one row. */
function asMatrices(value: Value): readonly (readonly (readonly number[])[])[] {
  const [rows, columns] = value.dims.length === 1 ? [1, value.dims[0]] : value.dims.slice(-2);
  const numbers = numbersOf(value) ?? [];
  const matrices: number[][][] = [];
  for (let from = 0; from < numbers.length; from += rows * columns) {
    matrices.push(
      Array.from({ length: rows }, (_, row) =>
        numbers.slice(from + row * columns, from + (row + 1) * columns),
      ),
    );
  }
  return matrices;
}

/** Whether every later key is removed and every query still sees itself; offset where there are more keys than queries. */
function isCausal(matrix: readonly (readonly number[])[]): boolean {
  const rows = matrix.length;
  const columns = matrix[0]?.length ?? 0;
  const offset = columns - rows;
  return (
    rows > 1 &&
    offset >= 0 &&
    matrix.every((row, i) =>
      row.every((removed, j) => (j > i + offset ? removed === 1 : j < i + offset || removed === 0)),
    )
  );
}

function removesEarlier(matrix: readonly (readonly number[])[]): boolean {
  const offset = (matrix[0]?.length ?? 0) - matrix.length;
  return matrix.some((row, i) =>
    row.some((removed, j) => removed === 1 && (matrix.length === 1 || j <= i + offset)),
  );
}

/** Whether the hidden token's key is removed in the rows that saw it before. */
function removesKey(plain: Value, hidden: Value): boolean {
  const rank = Math.max(plain.dims.length, hidden.dims.length);
  const before = numbersOf(plain);
  const after = numbersOf(expandTo(hidden, plain.dims) ?? hidden);
  const columns = plain.dims[plain.dims.length - 1];
  if (!before || !after || before.length !== after.length || rank === 0) {
    return false;
  }
  const changed = before.flatMap((removed, i) => (removed !== after[i] ? [i] : []));
  return changed.length > 0 && changed.every((i) => i % columns === HIDDEN.token && after[i] === 1);
}
