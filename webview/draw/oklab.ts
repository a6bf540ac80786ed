// Conversion between sRGB and OKLab (Ottosson 2020), and reading of CSS colours; knows no scale and no theme.

/** Red, green and blue, each 0–255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Lightness 0–1 and the two opponent axes. */
export type Oklab = readonly [lightness: number, a: number, b: number];

function toLinear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function fromLinear(value: number): number {
  const clipped = Math.min(1, Math.max(0, value));
  const gamma = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(255 * gamma);
}

/** sRGB to OKLab. */
export function toOklab(rgb: Rgb): Oklab {
  const [r, g, b] = [toLinear(rgb[0]), toLinear(rgb[1]), toLinear(rgb[2])];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** OKLab to sRGB, rounded and clipped to what a screen can show. */
export function fromOklab([lightness, a, b]: Oklab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The point `share` (0–1) of the way from one colour to another. */
export function mixOklab(from: Oklab, to: Oklab, share: number): Oklab {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}

/** Perceptual distance of two colours. */
export function distance(from: Oklab, to: Oklab): number {
  return Math.hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2]);
}

/** Reads `#rgb`, `#rrggbb`, either with alpha, and `rgb()`/`rgba()`; alpha is ignored. Undefined for anything else. */
export function parseColour(text: string): Rgb | undefined {
  const colour = text.trim();
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?$/i.exec(colour);
  if (short) {
    return [hex(short[1], 17), hex(short[2], 17), hex(short[3], 17)];
  }
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})(?:[0-9a-f]{2})?$/i.exec(colour);
  if (long) {
    return [hex(long[1], 1), hex(long[2], 1), hex(long[3], 1)];
  }
  const channels = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(colour);
  return channels ? [Number(channels[1]), Number(channels[2]), Number(channels[3])] : undefined;
}

/** The opacity of a colour that {@link parseColour} can read, 0–1. */
export function alphaOf(text: string): number {
  const colour = text.trim();
  const digits = /^#(?:[0-9a-f]{6}([0-9a-f]{2})|[0-9a-f]{3}([0-9a-f]))$/i.exec(colour);
  if (digits) {
    return digits[1] ? hex(digits[1], 1) / 255 : hex(digits[2], 17) / 255;
  }
  const fourth = /^rgba?\([^,)]+,[^,)]+,[^,)]+,\s*([\d.]+)\s*\)|\/\s*([\d.]+)\s*\)$/i.exec(colour);
  return fourth ? Number(fourth[1] ?? fourth[2]) : 1;
}

function hex(digits: string | undefined, factor: number): number {
  return Number.parseInt(digits ?? '0', 16) * factor;
}

/** `#rrggbb`. */
export function toHex(rgb: Rgb): string {
  return `#${rgb.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
