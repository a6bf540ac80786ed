// Compares a table of positions with the sinusoids of section 3.5 of the paper, in the variants that models use.

export interface SinusoidMatch {
  /** Sines and cosines alternate, or fill one half each. */
  readonly layout: 'interleaved' | 'halves';
  /** Largest absolute difference from the formula. */
  readonly error: number;
  /** 10000^(−2i/d) as in the paper, or 10000^(−i/(d/2−1)) as in tensor2tensor and fairseq. */
  readonly exponent: 'paper' | 'tensor2tensor';
  /** Position of the table's first row in the formula. */
  readonly firstPosition: number;
}

/** Beyond this the table is something else: half precision and float32 angles stay well below. */
const TOLERANCE = 0.01;

/**
 * The best match of rows `[rows, width]`, of which the first is for position 0; earlier versions of some models count
 * the rows they skip (`offset`) as positions.
 */
export function matchSinusoid(
  data: ArrayLike<number>,
  rows: number,
  width: number,
  offset: number,
): SinusoidMatch | undefined {
  let best: SinusoidMatch | undefined;
  for (const layout of ['interleaved', 'halves'] as const) {
    for (const exponent of ['paper', 'tensor2tensor'] as const) {
      for (const firstPosition of new Set([0, offset])) {
        const limit = best ? Math.min(best.error, TOLERANCE) : TOLERANCE;
        const error = largestDifference(data, rows, width, { layout, exponent, firstPosition }, limit);
        if (error <= limit && (!best || error < best.error)) {
          best = { layout, exponent, firstPosition, error };
        }
      }
    }
  }
  return best;
}

/** Angle per position of each pair of dimensions. */
export function sinusoidFrequency(pair: number, width: number, exponent: SinusoidMatch['exponent']): number {
  return exponent === 'paper'
    ? 10000 ** ((-2 * pair) / width)
    : 10000 ** (-pair / Math.max(1, width / 2 - 1));
}

function largestDifference(
  data: ArrayLike<number>,
  rows: number,
  width: number,
  { layout, exponent, firstPosition }: Omit<SinusoidMatch, 'error'>,
  giveUpAt: number,
): number {
  const half = Math.ceil(width / 2);
  let error = 0;
  for (let dimension = 0; dimension < width; dimension++) {
    const pair = layout === 'interleaved' ? dimension >> 1 : dimension % half;
    const cosine = layout === 'interleaved' ? dimension % 2 === 1 : dimension >= half;
    const frequency = sinusoidFrequency(pair, width, exponent);
    for (let row = 0; row < rows; row++) {
      const angle = (row + firstPosition) * frequency;
      error = Math.max(
        error,
        Math.abs(data[row * width + dimension] - (cosine ? Math.cos(angle) : Math.sin(angle))),
      );
    }
    if (!(error <= giveUpAt)) {
      return Infinity;
    }
  }
  return error;
}
