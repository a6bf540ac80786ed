// A matrix as pixels, one per cell; scaling to the screen is the canvas's work.
import type { Matrix } from '../../src/shared/tensor';
import type { Diverging, Sequential } from './colour';
import { linearStep, signedPixel, weightStep } from './colour';

/** Gives the pixel of a value. */
export type PixelOf = (value: number) => number;

/** Attention weights from 0 to 1 on the square-root scale. */
export function weightPixel(scale: Sequential): PixelOf {
  return (weight) => scale.table[weightStep(weight)];
}

/** Values from 0 to `most` on the linear scale. */
export function linearPixel(scale: Sequential, most: number): PixelOf {
  return (value) => scale.table[linearStep(most > 0 ? value / most : 0)];
}

/** Signed values in the symmetric range ±`range`. */
export function divergingPixel(scale: Diverging, range: number): PixelOf {
  return (value) => signedPixel(scale, value, range);
}

/**
 * One pixel per cell, row by row. Cells marked with 1 in `masked` get `maskPixel` whatever their value: masked is not zero.
 */
export function heatPixels(
  matrix: Matrix,
  pixelOf: PixelOf,
  masked?: Uint8Array,
  maskPixel = 0,
): Uint32Array<ArrayBuffer> {
  const { data } = matrix;
  const pixels = new Uint32Array(data.length);
  for (let index = 0; index < data.length; index++) {
    pixels[index] = masked?.[index] ? maskPixel : pixelOf(data[index]);
  }
  return pixels;
}

/** The largest magnitude of finite values: the symmetric range of a diverging scale. */
export function symmetricRange(data: Float32Array): number {
  let range = 0;
  for (const value of data) {
    const size = Math.abs(value);
    if (size > range && Number.isFinite(size)) {
      range = size;
    }
  }
  return range;
}
