// What can be saved of the positions: the table and the similarities as pictures and numbers, single dimensions as curves.
import { UserError } from '../../src/shared/errors';
import type { Positions } from '../../src/shared/trace';
import { divergingPixel, heatPixels, linearPixel, symmetricRange } from '../draw/heatPixels';
import { axisOf, sequencesOf } from '../explorer/sequences';
import { formatNumber } from '../format';
import { panelStrings, positionStrings } from '../strings';
import { exportStrings as strings } from '../strings/exportStrings';
import { dimensionsOf, wrapped } from '../views/positionNumbers';
import { isLayered, sideOf } from '../views/positionsView';
import { readSimilarity } from '../views/similarity';
import { matrixCsv } from './csv';
import type { Exportable, ExportInput } from './exportable';
import { exportable } from './exportable';
import { matrixPicture } from './matrixPicture';
import { legend } from './svgParts';
import { wavesPicture } from './wavesPicture';

/** As many positions as the view shows at least. */
const leastRows = 64;

export function positionExports(input: ExportInput): readonly Exportable[] {
  const { summary, model } = input;
  const side = sideOf(summary, model.side);
  const found = summary.positions.find((each) => each.side === side);
  const detail = panelStrings.sides[side];
  const file = `${side}.positions`;
  if (!found || found.kind === 'none') {
    return [];
  }
  const hasTable = found.kind !== 'relative' && found.kind !== 'alibi';
  return [
    ...(hasTable
      ? [
          exportable(
            { id: 'positions', title: strings.positionsPicture, detail, file },
            {
              svg: async () => tablePicture(input, await ask(input)),
              csv: async () => {
                const table = tableOf(await ask(input));
                return matrixCsv(table, numbers(table.rows), numbers(table.columns), strings.positionCorner);
              },
            },
          ),
          exportable(
            { id: 'waves', title: strings.wavesPicture, detail, file: `${file}.waves` },
            { svg: async () => waves(input, await ask(input)) },
          ),
        ]
      : []),
    exportable(
      { id: 'similarity', title: strings.similarityPicture, detail, file: `${file}.similarity` },
      {
        svg: async () => similarityPicture(input, await ask(input)),
        csv: async () => {
          const { matrix } = similarityOf(await ask(input));
          return matrixCsv(matrix, numbers(matrix.rows), numbers(matrix.columns), strings.positionsCorner);
        },
      },
    ),
  ];
}

/** The same request as the view's. */
function ask({ host, summary, model, trace, view, attention }: ExportInput): Promise<Positions> {
  const side = sideOf(summary, model.side);
  const available = summary.positions.find((each) => each.side === side)?.table?.positions ?? Infinity;
  const used = axisOf(sequencesOf(trace, side)[view.batch], 'pieces').length;
  return host.positions({
    model: summary.id,
    side,
    rows: Math.min(available, Math.max(leastRows, used)),
    ...(isLayered(model) && { layer: attention.layer, head: view.head }),
  });
}

function tablePicture(input: ExportInput, positions: Positions): string {
  const { theme, measure } = input;
  const rotary = positions.kind === 'rotary';
  const table = rotary ? wrapped(tableOf(positions)) : tableOf(positions);
  const range = rotary ? Math.PI : symmetricRange(table.data);
  const pixels = heatPixels(table, divergingPixel(theme.diverging, range));
  const title = rotary ? positionStrings.angles : positionStrings.table;
  return matrixPicture({
    title: titleOf(input, title),
    panels: [
      {
        title,
        caption: strings.cells(table.rows, table.columns),
        why: '',
        matrix: { pixels, rows: table.rows, columns: table.columns, masked: undefined },
      },
    ],
    rowLabels: numbers(table.rows),
    columnLabels: numbers(table.columns),
    cell: { width: Math.max(2, Math.min(6, Math.floor(1400 / table.columns))), height: 6, gap: 0 },
    legend: signedLegend(input, range, rotary ? positionStrings.wrappedAngle : ''),
    theme,
    measure,
  });
}

function similarityPicture(input: ExportInput, positions: Positions): string {
  const { theme, measure } = input;
  const { matrix, title, caption, range } = similarityOf(positions);
  const pixel =
    range === undefined ? linearPixel(theme.sequential, 1) : divergingPixel(theme.diverging, range);
  const side = Math.max(2, Math.min(8, Math.floor(1400 / matrix.columns)));
  const ends = [
    { at: 0, text: '0' },
    { at: 1, text: '1' },
  ];
  return matrixPicture({
    title: titleOf(input, title),
    panels: [
      {
        title,
        caption,
        why: '',
        matrix: {
          pixels: heatPixels(matrix, pixel),
          rows: matrix.rows,
          columns: matrix.columns,
          masked: undefined,
        },
      },
    ],
    rowLabels: numbers(matrix.rows),
    columnLabels: numbers(matrix.columns),
    cell: { width: side, height: side, gap: 0 },
    legend:
      range === undefined
        ? (x, y) => legend((share) => pixel(share), ends, '', x, y, theme)
        : signedLegend(input, range, ''),
    theme,
    measure,
  });
}

function waves(input: ExportInput, positions: Positions): string {
  const { theme, measure, model, trace, view } = input;
  const table = tableOf(positions);
  const dimensions = dimensionsOf(model.dimensions, positions);
  const rotary = positions.kind === 'rotary';
  const drawn = dimensions.flatMap((dimension) =>
    Array.from({ length: table.rows }, (_, row) => table.data[row * table.columns + dimension]),
  );
  return wavesPicture({
    title: titleOf(input, positionStrings.waves),
    table,
    valueOf: rotary ? Math.cos : (value) => value,
    range: rotary ? 1 : symmetricRange(Float32Array.from(drawn)),
    dimensions,
    used: axisOf(sequencesOf(trace, positions.side)[view.batch], 'pieces').length,
    theme,
    measure,
  });
}

function signedLegend({ theme }: ExportInput, range: number, text: string) {
  const pixel = divergingPixel(theme.diverging, 1);
  const ticks = [
    { at: 0, text: formatNumber(-range) },
    { at: 0.5, text: '0' },
    { at: 1, text: `+${formatNumber(range)}` },
  ];
  return (x: number, y: number) => legend((share) => pixel(2 * share - 1), ticks, text, x, y, theme);
}

function titleOf({ summary, model }: ExportInput, what: string): string {
  return strings.positionsTitle(what, panelStrings.sides[sideOf(summary, model.side)], summary.name);
}

function tableOf({ table, evidence }: Positions): NonNullable<Positions['table']> {
  if (!table) {
    throw new UserError('badRequest', positionStrings.noPositions(evidence));
  }
  return table;
}

function similarityOf({ similarity, kind }: Positions): ReturnType<typeof readSimilarity> {
  if (!similarity) {
    throw new UserError('badRequest', positionStrings.noSimilarity);
  }
  return readSimilarity(similarity, kind);
}

function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
