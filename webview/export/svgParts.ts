// Pieces that several exported pictures have in common: token labels, hatching over masked cells, legends.
import { weightStep } from '../draw/colour';
import { gapOf, hatchedCell } from '../draw/cells';
import { fitText, thinLabels } from '../draw/labels';
import type { Theme } from '../theme';
import type { CellPlace, Shape } from './svg';
import { cells, hexOf, label, shape } from './svg';

/** Width of a text in pixels. */
export type Measure = (text: string) => number;

/** Labels are cut to this width. */
export const longestLabel = 120;

/** The side of a cell, so that small texts read well and long ones still make a picture of a sensible size. */
export function cellSide(items: number, largest = 18): number {
  return Math.max(2, Math.min(largest, Math.floor(1400 / Math.max(1, items))));
}

export function placeOf(x: number, y: number, side: number): CellPlace {
  return { x, y, width: side, height: side, gap: gapOf(side) };
}

/** What the widest of the labels takes. */
export function widthOf(labels: readonly string[], measure: Measure): number {
  return Math.min(longestLabel, Math.max(0, ...labels.map((text) => Math.ceil(measure(text)))));
}

/** Labels of rows, right-aligned at x; whole ones are left out where rows are too small for all. */
export function rowLabels(
  labels: readonly string[],
  x: number,
  place: CellPlace,
  theme: Theme,
  measure: Measure,
  anchor: 'start' | 'end' = 'end',
): Shape {
  return thinLabels(labels.length, place.height)
    .map((index) =>
      label(
        fitText(labels[index], longestLabel, measure),
        x,
        place.y + (index + 0.5) * place.height + 3.8,
        theme.foreground,
        { anchor },
      ),
    )
    .join('');
}

/** Labels of columns, upwards from the top of the cells. */
export function columnLabels(
  labels: readonly string[],
  place: CellPlace,
  theme: Theme,
  measure: Measure,
): Shape {
  return thinLabels(labels.length, place.width)
    .map((index) =>
      label(
        fitText(labels[index], longestLabel, measure),
        place.x + (index + 0.5) * place.width + 3.8,
        place.y - 5,
        theme.foreground,
        { turned: true },
      ),
    )
    .join('');
}

/** Lines over masked cells that are large enough; refers to {@link hatchPattern}. */
export function hatches(masked: Uint8Array, columns: number, place: CellPlace): Shape {
  if (place.width < hatchedCell || !masked.some((mark) => mark === 1)) {
    return '';
  }
  const path = Array.from(masked.keys())
    .filter((index) => masked[index] === 1)
    .map((index) => {
      const x = place.x + (index % columns) * place.width;
      const y = place.y + Math.floor(index / columns) * place.height;
      const [width, height] = [place.width - place.gap, place.height - place.gap];
      return `M${x} ${y}h${width}v${height}h-${width}z`;
    });
  return shape('path', { fill: 'url(#masked)', d: path.join('') });
}

export function hatchPattern(theme: Theme): Shape {
  const line = shape('path', { d: 'M-1 1l2 -2M0 5l5 -5M4 6l2 -2', stroke: theme.maskLine });
  return shape(
    'defs',
    {},
    shape('pattern', { id: 'masked', width: 5, height: 5, patternUnits: 'userSpaceOnUse' }, line),
  );
}

const strip = { width: 120, height: 8 } as const;

/** A strip of a scale with ticks below it, and what it stands for beside it. */
export function legend(
  pixelAt: (share: number) => number,
  ticks: readonly { readonly at: number; readonly text: string }[],
  text: string,
  x: number,
  y: number,
  theme: Theme,
): Shape {
  const pixels = Uint32Array.from({ length: strip.width / 2 }, (_, index) =>
    pixelAt(index / (strip.width / 2 - 1)),
  );
  return [
    cells(pixels, pixels.length, { x, y, width: 2, height: strip.height, gap: 0 }),
    shape('rect', {
      x: x - 0.5,
      y: y - 0.5,
      width: strip.width + 1,
      height: strip.height + 1,
      fill: 'none',
      stroke: theme.border,
    }),
    ...ticks.map(({ at, text: tick }) =>
      label(tick, x + at * strip.width, y + strip.height + 13, theme.description, { anchor: 'middle' }),
    ),
    label(text, x + strip.width + 16, y + strip.height, theme.description),
  ].join('');
}

/** The legend of attention weights: a square-root scale with ticks at round weights. */
export function weightLegend(text: string, x: number, y: number, theme: Theme): Shape {
  const ticks = [0, 0.05, 0.25, 0.5, 1].map((weight) => ({ at: Math.sqrt(weight), text: String(weight) }));
  return legend((share) => theme.sequential.table[weightStep(share * share)], ticks, text, x, y, theme);
}

/** A box as masked cells look, with its name. */
export function maskedLegend(text: string, x: number, y: number, theme: Theme): Shape {
  const box = { x, y, width: 12, height: 12 };
  return [
    shape('rect', { ...box, fill: hexOf(theme.maskPixel) }),
    shape('rect', { ...box, fill: 'url(#masked)' }),
    label(text, x + 18, y + 10, theme.description),
  ].join('');
}
