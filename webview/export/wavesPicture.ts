// Single dimensions of the positional table as an SVG document: one curve each, through the real values.
import type { Matrix } from '../../src/shared/tensor';
import { tickLabels } from '../draw/labels';
import { positionStrings } from '../strings';
import type { Theme } from '../theme';
import { label, shape, short, svgDocument } from './svg';
import type { Measure } from './svgParts';

const margin = 16;
const titleHeight = 30;
const names = 64;
const pitch = 58;
const width = 720;

export interface WavesPictureInput {
  readonly title: string;
  readonly table: Matrix;
  /** What a value is drawn as, e.g. the cosine of an angle. */
  readonly valueOf: (value: number) => number;
  readonly range: number;
  readonly dimensions: readonly number[];
  /** Positions that the text uses: marked with dots. */
  readonly used: number;
  readonly theme: Theme;
  readonly measure: Measure;
}

export function wavesPicture(input: WavesPictureInput): string {
  const { title, table, dimensions, theme } = input;
  const [left, right] = [margin + names, width - margin];
  const step = (right - left) / Math.max(1, table.rows - 1);
  const top = margin + titleHeight;
  const below = top + dimensions.length * pitch;
  const content = [
    label(title, margin, margin + 12, theme.foreground, { size: 13, bold: true }),
    ...dimensions.map((dimension, index) => wave(input, dimension, index, top, left, right, step)),
    ...tickLabels(table.rows, step, 44).map((tick) =>
      label(String(tick), left + tick * step, below + 14, theme.description, { anchor: 'middle' }),
    ),
  ];
  const frame = { width, height: below + 30, title };
  return svgDocument({ ...frame, background: theme.background, fontFamily: theme.fontFamily }, content);
}

function wave(
  { table, valueOf, range, used, theme }: WavesPictureInput,
  dimension: number,
  index: number,
  top: number,
  left: number,
  right: number,
  step: number,
): string {
  const colour = theme.charts[index % theme.charts.length];
  const middle = top + (index + 0.5) * pitch;
  const points = Array.from({ length: table.rows }, (_, position) => {
    const value = valueOf(table.data[position * table.columns + dimension]) / (range || 1);
    return [left + position * step, middle - value * (pitch / 2 - 5)] as const;
  });
  const line = points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
  return [
    label(positionStrings.wave(dimension), margin, middle + 4, theme.foreground, { size: 12 }),
    shape('line', { x1: left, y1: middle, x2: right, y2: middle, stroke: theme.border }),
    shape('polyline', { points: line, fill: 'none', stroke: colour, 'stroke-width': 1.3 }),
    ...points.slice(0, used).map(([cx, cy]) => shape('circle', { cx, cy, r: 1.8, fill: colour })),
  ].join('');
}
