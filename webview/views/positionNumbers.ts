// Arithmetic on the positional table: norms, normalised similarity, which dimensions to draw. No drawing.
import type { Matrix } from '../../src/shared/tensor';
import { rowOf } from '../../src/shared/tensor';
import type { Positions } from '../../src/shared/trace';

/** At most this many dimensions are drawn as waves: there are as many colours. */
export const mostDimensions = 6;

/** ‖p‖ of every row. */
export function rowNorms(table: Matrix): number[] {
  return Array.from({ length: table.rows }, (_, row) => Math.hypot(...rowOf(table, row)));
}

/** Dot products divided by both norms. */
export interface Similarity {
  readonly matrix: Matrix;
  /** Whether all positions have the same norm: then it is the dot product ÷ ‖p‖². */
  readonly equalNorms: boolean;
  /** Whether some values are so far below zero that the scale has to show it. */
  readonly signed: boolean;
}

/** Divides the dot products of rows `[position, position]` by the norms, which their diagonal holds. */
export function normalise(dotProducts: Matrix): Similarity {
  const { rows, columns, data } = dotProducts;
  const norms = Array.from({ length: rows }, (_, row) => Math.sqrt(Math.max(0, data[row * columns + row])));
  const scaled = new Float32Array(data.length);
  let least = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const size = norms[row] * norms[column];
      const value = size > 0 ? data[row * columns + column] / size : 0;
      scaled[row * columns + column] = value;
      least = Math.min(least, value);
    }
  }
  const [smallest, largest] = [Math.min(...norms), Math.max(...norms)];
  return {
    matrix: { rows, columns, data: scaled },
    equalNorms: largest - smallest <= 1e-3 * largest,
    signed: least < -0.005,
  };
}

/** Where the fast and the slow waves of 256 dimensions are (4, 20, 40, 64, 100), for any width. */
const defaultShares = [4, 20, 40, 64, 100].map((dimension) => dimension / 256);

/** Dimensions to draw: the chosen ones that exist, else five of growing wavelength. */
export function dimensionsOf(chosen: readonly number[], { table, layout, kind }: Positions): number[] {
  const width = table?.columns ?? 0;
  const valid = [...new Set(chosen)].filter((dimension) => dimension < width).slice(0, mostDimensions);
  if (valid.length > 0) {
    return valid;
  }
  // Interleaved sines are the even dimensions; in halves, the sine of the same wavelength has half the index.
  const half = layout === 'halves' && kind === 'sinusoidal' ? 2 : 1;
  const even = layout === 'interleaved' && kind === 'sinusoidal';
  const shares = defaultShares.map((share) => Math.floor((share * width) / half));
  return [...new Set(shares.map((dimension) => (even ? dimension - (dimension % 2) : dimension)))].filter(
    (dimension) => dimension < width,
  );
}

/** Reads `4, 20, 40`; what is no dimension below `width` is left out. */
export function parseDimensions(text: string, width: number): number[] {
  const numbers = text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
  return [...new Set(numbers)]
    .filter((dimension) => Number.isInteger(dimension) && dimension >= 0 && dimension < width)
    .slice(0, mostDimensions);
}

/** An angle between −π and π. */
export function wrapAngle(angle: number): number {
  const turns = angle / (2 * Math.PI);
  return (turns - Math.round(turns)) * 2 * Math.PI;
}

/** Angles as they are drawn: wrapped to one turn. */
export function wrapped(table: Matrix): Matrix {
  return { ...table, data: table.data.map(wrapAngle) };
}
