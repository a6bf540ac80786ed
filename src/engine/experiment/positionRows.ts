// What position changes make of positions: rows of a table, or angles of a rotation. Pure numbers.
import type { PositionChange } from '../../shared/intervention';
import { shuffled } from '../../shared/shuffle';
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';

/** What several changes, one after the other, come to. */
export interface ChangedPositions {
  /** The position that the token at `index` of a text of `tokens` tokens gets. */
  readonly positionOf: (index: number, tokens: number) => number;
  /** What rows, angles or biases are multiplied with. */
  readonly factor: number;
  readonly multiply: boolean;
  /** Where rows come from: the model's table, the formula of section 3.5, or these. */
  readonly source: 'own' | 'sinusoidal' | Matrix;
}

export function changePositions(changes: readonly PositionChange[]): ChangedPositions {
  return changes.reduce<ChangedPositions>(applied, {
    positionOf: (index) => index,
    factor: 1,
    multiply: false,
    source: 'own',
  });
}

function applied(before: ChangedPositions, change: PositionChange): ChangedPositions {
  switch (change.to) {
    case 'remove':
      return { ...before, factor: 0 };
    case 'shift':
      return { ...before, positionOf: (index, tokens) => before.positionOf(index, tokens) + change.by };
    case 'shuffle': {
      const orders = new Map<number, number[]>();
      const orderOf = (count: number): number[] => {
        const order = orders.get(count) ?? shuffled(count, change.seed);
        orders.set(count, order);
        return order;
      };
      return {
        ...before,
        positionOf: (index, tokens) =>
          before.positionOf(orderOf(change.among ?? tokens)[index] ?? index, tokens),
      };
    }
    case 'scale':
      return { ...before, factor: before.factor * change.factor };
    case 'multiply':
      return { ...before, multiply: true };
    case 'sinusoidal':
      return { ...before, source: 'sinusoidal' };
    case 'table':
      return { ...before, source: matrixOf(change.rows) };
    default:
      return change satisfies never;
  }
}

function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  return { rows: rows.length, columns, data: Float32Array.from(rows.flat()) };
}

/** Rows `[position, width]` for some positions; beyond either end of a table, its first or last row. */
export function tableRows(
  { source, factor }: ChangedPositions,
  own: Matrix | undefined,
  width: number,
  positions: readonly number[],
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(positions.length * width);
  if (factor === 0) {
    return rows;
  }
  const table = source === 'own' ? own : source;
  positions.forEach((position, at) => {
    const row =
      typeof table === 'object' && table.rows > 0
        ? rowOf(table, Math.min(table.rows - 1, Math.max(0, position)))
        : sinusoid(position, width);
    for (let i = 0; i < width; i++) {
      rows[at * width + i] = (row[i] ?? 0) * factor;
    }
  });
  return rows;
}

/** PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i + 1) = cos of the same (Vaswani et al. 2017, section 3.5). */
function sinusoid(position: number, width: number): Float32Array {
  return Float32Array.from({ length: width }, (_, i) => {
    const angle = position / 10_000 ** ((2 * Math.floor(i / 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

/** Cosines and sines `[position, columns]` of a rotation (Su et al. 2021), in the columns that the graph reads. */
export function rotationRows(
  { factor }: ChangedPositions,
  frequencies: readonly number[],
  columns: 'pairs' | 'halves' | 'interleaved',
  positions: readonly number[],
): {
  readonly cosines: Float32Array<ArrayBuffer>;
  readonly sines: Float32Array<ArrayBuffer>;
  readonly width: number;
} {
  const pairs = frequencies.length;
  const width = columns === 'pairs' ? pairs : 2 * pairs;
  const pairOf = (i: number): number => (columns === 'interleaved' ? i >> 1 : i % pairs);
  const rows = (of: (angle: number) => number) =>
    Float32Array.from({ length: positions.length * width }, (_, at) =>
      of(positions[Math.floor(at / width)] * factor * frequencies[pairOf(at % width)]),
    );
  return { cosines: rows(Math.cos), sines: rows(Math.sin), width };
}
