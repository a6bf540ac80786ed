// One head as an SVG document: lines between the token strips, the matrix, or both, as the Attention view shows them.
import { groupOf, selectLines, strokeOf, strongestFirst, weightGroups } from '../draw/attentionLines';
import { weightStep } from '../draw/colour';
import { heatPixels, weightPixel } from '../draw/heatPixels';
import type { HeadScene } from '../explorer/scene';
import type { Pair } from '../explorer/viewState';
import { exportStrings as strings } from '../strings/exportStrings';
import type { Theme } from '../theme';
import type { CellPlace, Shape } from './svg';
import { cells, hexOf, label, shape, svgDocument } from './svg';
import type { Measure } from './svgParts';
import {
  cellSide,
  columnLabels,
  hatches,
  hatchPattern,
  maskedLegend,
  placeOf,
  rowLabels,
  weightLegend,
  widthOf,
} from './svgParts';

const margin = 16;
const titleHeight = 30;
const linesWidth = 300;
const footer = 46;

export interface HeadPictureInput {
  readonly scene: HeadScene;
  readonly title: string;
  readonly lines: boolean;
  readonly matrix: boolean;
  /** Lines below this weight are not drawn. */
  readonly threshold: number;
  readonly pinned: Pair | undefined;
  readonly theme: Theme;
  readonly measure: Measure;
}

export function headPicture(input: HeadPictureInput): string {
  const { scene, title, theme, measure, pinned } = input;
  const { matrix, queries, keys } = scene;
  const [queryLabels, keyLabels] = [
    queries.map(({ label: text }) => text),
    keys.map(({ label: text }) => text),
  ];
  const side = cellSide(Math.max(queries.length, keys.length));
  const [queryRoom, keyRoom] = [widthOf(queryLabels, measure) + 8, widthOf(keyLabels, measure) + 8];
  const top = margin + titleHeight + (input.matrix ? keyRoom : 0);
  const left = margin + (input.lines ? keyRoom : 0);
  const queryEnd = left + (input.lines ? linesWidth : 0) + queryRoom;
  const place = placeOf(queryEnd + 4, top, side);
  const keyPlace = placeOf(0, top, side);
  const rows = (input.lines ? Math.max(queries.length, keys.length) : queries.length) * side;
  const width = Math.max(
    (input.matrix ? place.x + keys.length * side : queryEnd) + margin,
    margin * 2 + measure(title) * 1.3,
    420,
  );
  const parts: readonly Shape[] = [
    hatchPattern(theme),
    label(title, margin, margin + 12, theme.foreground, { size: 13, bold: true }),
    input.lines ? rowLabels(keyLabels, left - 5, keyPlace, theme, measure) : '',
    input.lines ? lines(input, left, queryEnd - queryRoom, keyPlace) : '',
    rowLabels(queryLabels, queryEnd, place, theme, measure),
    ...(input.matrix
      ? [
          columnLabels(keyLabels, place, theme, measure),
          grid(matrix.rows, matrix.columns, place, theme),
          cells(
            heatPixels(matrix, weightPixel(theme.sequential), matrix.masked, theme.maskPixel),
            matrix.columns,
            place,
          ),
          hatches(matrix.masked, matrix.columns, place),
          pinned ? frame(pinned, place, theme) : '',
        ]
      : []),
    weightLegend(strings.weightScale, margin + 4, top + rows + 16, theme),
    maskedLegend(strings.masked, margin + 250, top + rows + 14, theme),
    input.lines
      ? label(strings.threshold(input.threshold), margin + 320, top + rows + 24, theme.description)
      : '',
  ];
  const frameOf = { width, height: top + rows + footer, title };
  return svgDocument({ ...frameOf, background: theme.background, fontFamily: theme.fontFamily }, parts);
}

/** What shows between cells that are large enough to have a gap. */
export function grid(rows: number, columns: number, place: CellPlace, theme: Theme): Shape {
  return place.gap === 0
    ? ''
    : shape('rect', {
        x: place.x - place.gap,
        y: place.y - place.gap,
        width: columns * place.width + place.gap,
        height: rows * place.height + place.gap,
        fill: theme.grid,
      });
}

function lines(
  { scene, threshold, theme }: HeadPictureInput,
  left: number,
  right: number,
  place: CellPlace,
): Shape {
  const chosen = selectLines(scene.matrix, threshold);
  const bend = (right - left) * 0.32;
  const paths: string[][] = Array.from({ length: weightGroups }, () => []);
  // The strongest are drawn last, over the weaker ones.
  for (const index of strongestFirst(chosen.weights)) {
    const from = place.y + (chosen.queries[index] + 0.5) * place.height;
    const to = place.y + (chosen.keys[index] + 0.5) * place.height;
    paths[groupOf(chosen.weights[index])].push(
      `M${right} ${from}C${right - bend} ${from} ${left + bend} ${to} ${left} ${to}`,
    );
  }
  return paths
    .map((path, group) => {
      const { grey, strong, alpha } = strokeOf(group);
      const weight = Math.max(0.28, (group + 0.5) / weightGroups);
      return path.length === 0
        ? ''
        : shape('path', {
            fill: 'none',
            stroke: hexOf(theme.sequential.table[weightStep(weight)]),
            'stroke-opacity': Math.min(1, alpha * 2),
            'stroke-width': (grey + strong) / 2,
            d: path.join(''),
          });
    })
    .join('');
}

function frame({ query, key }: Pair, place: CellPlace, theme: Theme): Shape {
  return shape('rect', {
    x: place.x + key * place.width - 0.5,
    y: place.y + query * place.height - 0.5,
    width: place.width,
    height: place.height,
    fill: 'none',
    stroke: theme.foreground,
    'stroke-width': 2,
  });
}
