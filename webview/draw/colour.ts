// The product's colour scales, built in OKLab from fixed anchors and the theme's background; reads no theme itself.
import type { Oklab, Rgb } from './oklab';
import { distance, fromOklab, mixOklab, parseColour, toOklab } from './oklab';

/** Steps of a scale from 0 to 1; the look-up table has one entry more. */
export const steps = 256;

/** The anchors for the default backgrounds: equal steps in OKLab, lightness monotonic, 0 first. */
export const sequentialAnchors = {
  dark: '#1f1f1f #21354e #274c7c #2a68a9 #238ac4 #24add8 #4ecedd #8eeada #d5fcdb'.split(' '),
  light: '#ffffff #c5edef #90d5e1 #5ebad9 #399bd1 #297bc0 #245bab #1b4086 #122864'.split(' '),
} as const;

/** Purple is lower, orange is higher; nearest to zero first. The background is zero. */
export const divergingAnchors = {
  dark: {
    lower: '#403554 #644c8b #8c6db9 #b58fe7'.split(' '),
    higher: '#573c23 #935b21 #c7863d #fcb459'.split(' '),
  },
  light: {
    lower: '#d6c9ee #af94d7 #8462b6 #5c2f95'.split(' '),
    higher: '#f9d6b0 #eaac67 #c9823e #aa5910'.split(' '),
  },
} as const;

/** A scale as a table of pixels (`0xAABBGGRR`, as a little-endian canvas stores them), 0 at index 0 and 1 at `steps`. */
export interface Sequential {
  readonly table: Uint32Array<ArrayBuffer>;
}

/** Both halves of a diverging scale; each starts at zero, the background. */
export interface Diverging {
  readonly lower: Uint32Array<ArrayBuffer>;
  readonly higher: Uint32Array<ArrayBuffer>;
}

/** Whether a background is dark, by its lightness in OKLab. */
export function isDark(background: Rgb): boolean {
  return toOklab(background)[0] < 0.5;
}

/** The scale for values from 0 (the background) to 1 (the colour farthest from it). */
export function sequentialScale(background: Rgb): Sequential {
  const anchors = sequentialAnchors[isDark(background) ? 'dark' : 'light'];
  return { table: tableOf(background, anchors[0], anchors.slice(1)) };
}

/** The scale for signed values; zero is the background. */
export function divergingScale(background: Rgb): Diverging {
  const theme = isDark(background) ? 'dark' : 'light';
  const zero = sequentialAnchors[theme][0];
  return {
    lower: tableOf(background, zero, divergingAnchors[theme].lower),
    higher: tableOf(background, zero, divergingAnchors[theme].higher),
  };
}

/** Index into the table for an attention weight: square-root scale, so that small weights remain visible. */
export function weightStep(weight: number): number {
  return Math.round(steps * Math.sqrt(Math.min(1, Math.max(0, weight))));
}

/** Index into the table on a linear scale. */
export function linearStep(share: number): number {
  return Math.round(steps * Math.min(1, Math.max(0, share)));
}

/** The pixel of a signed value on a diverging scale with the symmetric range ±`range`. */
export function signedPixel(scale: Diverging, value: number, range: number): number {
  const step = linearStep(range > 0 ? Math.abs(value) / range : 0);
  return (value < 0 ? scale.lower : scale.higher)[step];
}

/** A colour as the canvas stores it. */
export function pixelOf([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The colour that a canvas would show for a pixel. */
export function rgbOf(pixel: number): Rgb {
  return [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];
}

/** A pixel for `fillStyle`. */
export function cssOf(pixel: number): string {
  return `rgb(${rgbOf(pixel).join(' ')})`;
}

/**
 * With the default background the anchors stand at equal distances as they are. With another one, the low end is
 * recomputed: anchors that do not rise out of that background are left out, and the rest is divided into equal steps again.
 */
function tableOf(background: Rgb, zero: string, anchors: readonly string[]): Uint32Array<ArrayBuffer> {
  const low = toOklab(background);
  const known = colourOf(zero).every((channel, index) => channel === background[index]);
  const up = anchors.map((anchor) => toOklab(colourOf(anchor)));
  const sign = Math.sign((up.at(-1)?.[0] ?? 1) - low[0]);
  const points = [low, ...(known ? up : up.filter(([lightness]) => sign * (lightness - low[0]) > 0.03))];
  const at = known ? points.map((_, index) => index / (points.length - 1)) : shares(points);

  const table = new Uint32Array(steps + 1);
  let segment = 0;
  for (let step = 0; step <= steps; step++) {
    const share = step / steps;
    while (segment < points.length - 2 && share > at[segment + 1]) {
      segment++;
    }
    const width = at[segment + 1] - at[segment];
    const inside = width > 0 ? (share - at[segment]) / width : 0;
    table[step] = pixelOf(fromOklab(mixOklab(points[segment], points[segment + 1], inside)));
  }
  return table;
}

/** How far along the line through the points each of them lies, from 0 to 1. */
function shares(points: readonly Oklab[]): number[] {
  const lengths = [0];
  for (let index = 1; index < points.length; index++) {
    lengths.push(lengths[index - 1] + distance(points[index - 1], points[index]));
  }
  const whole = lengths[lengths.length - 1];
  return lengths.map((length) => length / whole);
}

function colourOf(hex: string): Rgb {
  const rgb = parseColour(hex);
  if (!rgb) {
    throw new RangeError(`'${hex}' is no colour.`);
  }
  return rgb;
}
