// All heads of one kind of attention as an SVG document: a row per layer, a column per head.
import type { Overview } from '../../src/shared/trace';
import { heatPixels, weightPixel } from '../draw/heatPixels';
import { exportStrings as strings } from '../strings/exportStrings';
import type { Theme } from '../theme';
import type { Measure } from './svgParts';
import { hatchPattern, maskedLegend, weightLegend } from './svgParts';
import { cells, label, shape, svgDocument } from './svg';

const margin = 16;
const titleHeight = 30;
const numbers = 20;
const space = 6;
const footer = 46;
/** A thumbnail's side in pixels, and at most as many cells. */
export const thumbnailSide = 56;

export interface HeadsPictureInput {
  readonly overview: Overview;
  readonly title: string;
  readonly theme: Theme;
  readonly measure: Measure;
}

export function headsPicture({ overview, title, theme, measure }: HeadsPictureInput): string {
  const { layers, heads, rows, columns, data, masked, block } = overview;
  const pitch = thumbnailSide + space;
  const [left, top] = [margin + numbers, margin + titleHeight + numbers];
  const scale = thumbnailSide / Math.max(1, rows, columns);
  const pixel = weightPixel(theme.sequential);
  const pictures = Array.from({ length: layers * heads }, (_, index) => {
    const [x, y] = [left + (index % heads) * pitch, top + Math.floor(index / heads) * pitch];
    const begin = index * rows * columns;
    const end = begin + rows * columns;
    const matrix = { rows, columns, data: data.subarray(begin, end) };
    return [
      cells(
        heatPixels(matrix, pixel, masked.subarray(begin, end), theme.maskPixel),
        columns,
        { x, y, width: scale, height: scale, gap: 0 },
        theme.sequential.table[0],
      ),
      shape('rect', {
        x: x - 0.5,
        y: y - 0.5,
        width: columns * scale + 1,
        height: rows * scale + 1,
        fill: 'none',
        stroke: theme.border,
      }),
    ].join('');
  });
  const below = top + layers * pitch;
  const note = block > 1 ? strings.block(block) : '';
  const width = Math.max(left + heads * pitch + margin, margin * 2 + measure(title) * 1.3, 380);
  const content = [
    hatchPattern(theme),
    label(title, margin, margin + 12, theme.foreground, { size: 13, bold: true }),
    ...Array.from({ length: heads }, (_, head) =>
      label(String(head + 1), left + head * pitch + thumbnailSide / 2, top - 6, theme.description, {
        anchor: 'middle',
      }),
    ),
    ...Array.from({ length: layers }, (_, layer) =>
      label(String(layer + 1), left - 8, top + layer * pitch + thumbnailSide / 2 + 4, theme.description, {
        anchor: 'end',
      }),
    ),
    ...pictures,
    weightLegend(strings.weightScale + note, margin + 4, below + 12, theme),
    maskedLegend(strings.masked, margin + (note ? 4 : 250), below + (note ? 44 : 10), theme),
  ];
  const height = below + footer + (note ? 24 : 0);
  return svgDocument(
    { width, height, title, background: theme.background, fontFamily: theme.fontFamily },
    content,
  );
}
