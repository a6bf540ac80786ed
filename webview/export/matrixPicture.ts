// Matrices side by side as an SVG document: the masks of an attention, or the positions of a model, with their legend.
import type { Theme } from '../theme';
import { grid } from './headPicture';
import type { CellPlace, Shape } from './svg';
import { cells, label, svgDocument } from './svg';
import type { Measure } from './svgParts';
import { columnLabels, hatches, hatchPattern, rowLabels, widthOf } from './svgParts';

const margin = 16;
const titleHeight = 30;
const captionHeight = 22;
const between = 40;
const footer = 46;
const leastWidth = 150;

/** One matrix with its title; without pixels, the sentence that says why there is none. */
export interface MatrixPanel {
  readonly title: string;
  readonly caption: string;
  readonly why: string;
  readonly matrix:
    | {
        readonly pixels: Uint32Array;
        readonly rows: number;
        readonly columns: number;
        /** 1 where a cell is masked. */
        readonly masked: Uint8Array | undefined;
      }
    | undefined;
}

export interface MatrixPictureInput {
  readonly title: string;
  readonly panels: readonly MatrixPanel[];
  readonly rowLabels: readonly string[];
  readonly columnLabels: readonly string[];
  readonly cell: { readonly width: number; readonly height: number; readonly gap: number };
  /** The legend, drawn from this place on. */
  readonly legend: (x: number, y: number) => Shape;
  readonly theme: Theme;
  readonly measure: Measure;
}

export function matrixPicture(input: MatrixPictureInput): string {
  const { title, panels, cell, theme, measure } = input;
  const rowRoom = widthOf(input.rowLabels, measure) + 8;
  const columnRoom = widthOf(input.columnLabels, measure) + 8;
  const top = margin + titleHeight + captionHeight + columnRoom;
  const panelWidth = Math.max(leastWidth, input.columnLabels.length * cell.width);
  const panelHeight = input.rowLabels.length * cell.height;
  const shapes = panels.map((panel, index) => {
    const x = margin + rowRoom + index * (rowRoom + panelWidth + between);
    return panelShapes(panel, input, { x, y: top, ...cell }, x - rowRoom);
  });
  const width = Math.max(
    margin * 2 + panels.length * (rowRoom + panelWidth + between) - between,
    margin * 2 + measure(title) * 1.3,
    380,
  );
  const height = top + panelHeight + footer + 12;
  const content = [
    hatchPattern(theme),
    label(title, margin, margin + 12, theme.foreground, { size: 13, bold: true }),
    ...shapes,
    input.legend(margin + 4, top + panelHeight + 20),
  ];
  return svgDocument(
    { width, height, title, background: theme.background, fontFamily: theme.fontFamily },
    content,
  );
}

function panelShapes(
  { title, caption, why, matrix }: MatrixPanel,
  input: MatrixPictureInput,
  place: CellPlace,
  left: number,
): Shape {
  const { theme, measure } = input;
  const head = [
    label(title, left, margin + titleHeight + 8, theme.foreground, { bold: true }),
    label(caption, left + measure(title) * 1.15 + 10, margin + titleHeight + 8, theme.description),
  ];
  if (!matrix) {
    return [...head, ...sentence(why, place, theme, measure)].join('');
  }
  const { pixels, rows, columns, masked } = matrix;
  return [
    ...head,
    rowLabels(input.rowLabels, place.x - 5, place, theme, measure),
    columnLabels(input.columnLabels, place, theme, measure),
    grid(rows, columns, place, theme),
    cells(pixels, columns, place),
    masked ? hatches(masked, columns, place) : '',
  ].join('');
}

/** Text in the place of a matrix, in lines as wide as one. */
function sentence(text: string, place: CellPlace, theme: Theme, measure: Measure): readonly Shape[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && measure(`${last} ${word}`) <= leastWidth) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.map((line, index) => label(line, place.x, place.y + 12 + index * 15, theme.description));
}
