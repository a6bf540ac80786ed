// The arithmetic of positional information: similarity of rows, wavelengths, rotary angles. Reads no model.
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';

/** The first rows of a table. */
export function firstRows(table: Matrix, rows: number): Matrix {
  const count = Math.min(rows, table.rows);
  return { rows: count, columns: table.columns, data: table.data.slice(0, count * table.columns) };
}

/** Dot products of all pairs of rows `[position, position]`. */
export function similarity(table: Matrix): Matrix {
  const data = new Float32Array(table.rows * table.rows);
  for (let a = 0; a < table.rows; a++) {
    const left = rowOf(table, a);
    for (let b = 0; b <= a; b++) {
      const right = rowOf(table, b);
      let sum = 0;
      for (let i = 0; i < left.length; i++) {
        sum += (left[i] ?? 0) * (right[i] ?? 0);
      }
      data[a * table.rows + b] = sum;
      data[b * table.rows + a] = sum;
    }
  }
  return { rows: table.rows, columns: table.rows, data };
}

/**
 * Tokens per period of each dimension of sinusoidal positions, 2π·10000^(2i/d)
 * (Vaswani et al. 2017, section 3.5): sine and cosine of pair i lie side by side or half a row apart.
 */
export function sinusoidWavelengths(
  dimensions: number,
  layout: 'interleaved' | 'halves',
): Float32Array<ArrayBuffer> {
  const half = dimensions / 2;
  return Float32Array.from({ length: dimensions }, (_, dimension) => {
    const pair = layout === 'interleaved' ? Math.floor(dimension / 2) : dimension % half;
    return 2 * Math.PI * 10_000 ** ((2 * pair) / dimensions);
  });
}

/** Rotary positions: the angle by which each pair of dimensions is turned at each position, in radians. */
export function rotaryAngles(frequencies: readonly number[], rows: number): Matrix {
  const columns = frequencies.length;
  const data = Float32Array.from(
    { length: rows * columns },
    (_, i) => Math.floor(i / columns) * (frequencies[i % columns] ?? 0),
  );
  return { rows, columns, data };
}

/** Tokens per full turn of each pair of dimensions. */
export function rotaryWavelengths(frequencies: readonly number[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(frequencies, (frequency) => (2 * Math.PI) / frequency);
}
