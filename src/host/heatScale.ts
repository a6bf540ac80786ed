// The steps and colours of heat: how a weight becomes one of twelve decorations, for each kind of theme. Draws nothing.
import type { ThemeKind } from './barChart';

/** Coloured steps; with the frame of the word itself there are twelve kinds of decoration. */
export const HEAT_STEPS = 11;

/** How one step marks a word: a transparent colour behind it, and a line under it. */
export interface HeatStep {
  /** `#rrggbbaa`, to be laid over whatever background the theme has. */
  readonly background: string;
  readonly line: string;
  /** Pixels: grows with the weight, so that it is told by more than colour. */
  readonly lineWidth: number;
}

type Rgb = readonly [red: number, green: number, blue: number];

/** Anchors of the sequential scale of the explorer, in equal steps; the first one is the background. */
const DARK = '#1f1f1f #21354e #274c7c #2a68a9 #238ac4 #24add8 #4ecedd #8eeada #d5fcdb'.split(' ').map(rgbOf);
const LIGHT = '#ffffff #c5edef #90d5e1 #5ebad9 #399bd1 #297bc0 #245bab #1b4086 #122864'.split(' ').map(rgbOf);

/** The share of the scale that is used behind the text: more of it would come too near to the text's own colour. */
const BEHIND: Readonly<Record<ThemeKind, number>> = {
  dark: 0.3,
  light: 0.42,
  highContrast: 0.3,
  highContrastLight: 0.3,
};

/**
 * The step of a weight, 1 to {@link HEAT_STEPS}, on a square-root scale; 0 (uncoloured) below `threshold`.
 * @param weight Attention, 0 to 1.
 */
export function heatStep(weight: number, threshold: number): number {
  if (!(weight >= threshold) || weight <= 0) {
    return 0;
  }
  return Math.max(1, Math.round(Math.sqrt(Math.min(1, weight)) * HEAT_STEPS));
}

/** The decorations of a theme; entry 0 belongs to step 1. */
export function heatSteps(theme: ThemeKind): readonly HeatStep[] {
  const dark = theme === 'dark' || theme === 'highContrast';
  const contrast = theme === 'highContrast' || theme === 'highContrastLight';
  const scale = dark ? DARK : LIGHT;
  return Array.from({ length: HEAT_STEPS }, (_, index) => {
    const share = (index + 1) / HEAT_STEPS;
    // A line that tells by its thickness must itself be seen: in high contrast it keeps the strong end of the scale.
    const line = at(scale, contrast ? 0.6 + 0.4 * share : share);
    return {
      background: veil(at(scale, share * BEHIND[theme]), scale[0]),
      line: hexOf(line),
      lineWidth: (share <= 0.35 ? 1 : share <= 0.7 ? 2 : 3) + (contrast ? 1 : 0),
    };
  });
}

/** The colour behind a word as it looks on the default background of a kind of theme; for legends. */
export function overBackground(veiled: string, background: string): string {
  const alpha = Number.parseInt(veiled.slice(7, 9), 16) / 255;
  const [top, low] = [rgbOf(veiled.slice(0, 7)), rgbOf(background)];
  return hexOf(mix(low, top, alpha));
}

/** The colour `share` (0–1) along the scale. */
function at(scale: readonly Rgb[], share: number): Rgb {
  const place = Math.min(1, Math.max(0, share)) * (scale.length - 1);
  const index = Math.min(scale.length - 2, Math.floor(place));
  return mix(scale[index], scale[index + 1], place - index);
}

/**
 * The most transparent colour that makes `colour` of `background`: on another background of its kind it still tints, and
 * the selection stays visible through it.
 */
function veil(colour: Rgb, background: Rgb): string {
  const needed = colour.map((channel, index) => {
    const low = background[index];
    const room = channel >= low ? 255 - low : low;
    return room === 0 ? 0 : Math.abs(channel - low) / room;
  });
  // Not below a fifth: a channel could not hold what a smaller share needs exactly.
  const alpha = Math.ceil(Math.max(0.2, ...needed) * 255) / 255;
  const tint = colour.map((channel, index) => background[index] + (channel - background[index]) / alpha);
  const clipped = tint.map((channel) => Math.min(255, Math.max(0, Math.round(channel))));
  return `${hexOf([clipped[0], clipped[1], clipped[2]])}${byte(alpha * 255)}`;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share);
  return [channel(0), channel(1), channel(2)];
}

function rgbOf(hex: string): Rgb {
  const channel = (start: number) => Number.parseInt(hex.slice(start, start + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map(byte).join('')}`;
}

function byte(value: number): string {
  return Math.round(value).toString(16).padStart(2, '0');
}
