// What the attention does to the residual stream in one row: joined heads, this head's share, all heads, before and after.
import type { HeadStages } from '../../src/shared/headStages';
import type { Matrix } from '../../src/shared/tensor';
import { rowOf } from '../../src/shared/tensor';
import { divergingPixel, heatPixels, symmetricRange } from '../draw/heatPixels';
import { CellPicture, Surface } from '../draw/surface';
import { element, setText } from '../dom';
import { formatNumber } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import type { Theme } from '../theme';
import { blockColumns, lengthOf } from './insideNumbers';

export interface InsideResidualInput {
  readonly stages: HeadStages;
  readonly query: number;
  readonly head: number;
  readonly heads: number;
  readonly width: number;
  readonly theme: Theme;
}

const lines = ['joined', 'output', 'projected', 'before', 'after'] as const;
const stripHeight = 8;

export class InsideResidual {
  readonly element: HTMLElement;
  private readonly parts;
  private readonly colours = element('p', { class: 'caption' });

  constructor() {
    this.parts = lines.map((name) => {
      const label = element('span');
      const value = element('span', { class: 'number' });
      // The share has a picture and a curve of its own.
      const strip = name === 'output' ? undefined : new Surface(`inside-strip-${name}`);
      const row = element(
        'div',
        { class: 'residual-row', 'data-row': name },
        element('div', { class: 'residual-text' }, label, value),
        ...(strip ? [strip.canvas] : []),
      );
      return { name, label, value, strip, row };
    });
    this.element = element(
      'div',
      { class: 'inside-residual', 'data-role': 'inside-residual' },
      element(
        'div',
        { class: 'residual-text' },
        element('h3', {}, strings.residual),
        element('span', { class: 'caption' }, strings.residualLength),
      ),
      ...this.parts.map(({ row }) => row),
      this.colours,
    );
  }

  update({ stages, query, head, heads, width, theme }: InsideResidualInput): void {
    const row = (matrix: Matrix | undefined): Float32Array<ArrayBuffer> | undefined =>
      matrix && query < matrix.rows ? rowOf(matrix, query) : undefined;
    const values = { ...stages, output: stages.output };
    const stream = (['projected', 'before', 'after'] as const).map((name) => row(stages[name]));
    const range = stream.reduce((most, each) => Math.max(most, each ? symmetricRange(each) : 0), 0);
    setText(this.colours, range > 0 ? strings.residualColours(formatNumber(range)) : '');
    const names = {
      joined: strings.joined,
      output: strings.residualRows.share,
      projected: heads === 1 ? strings.residualRows.one : strings.residualRows.all(heads),
      before: strings.residualRows.before,
      after: strings.residualRows.after,
    };
    for (const { name, label, value, strip, row: line } of this.parts) {
      const own = row(values[name]);
      line.hidden = !own;
      setText(label, names[name]);
      setText(value, own ? formatNumber(lengthOf(own)) : '');
      if (own && strip) {
        const marked = name === 'joined' ? { head, heads } : undefined;
        paintStrip(strip, own, name === 'joined' ? symmetricRange(own) : range, width, theme, marked);
      }
    }
  }
}

/** A row as a strip of cells; with `marked`, the part of one head is framed. */
function paintStrip(
  surface: Surface,
  values: Float32Array<ArrayBuffer>,
  range: number,
  width: number,
  theme: Theme,
  marked: { readonly head: number; readonly heads: number } | undefined,
): void {
  const context = surface.begin(width, stripHeight + 4);
  const block = Math.max(1, Math.ceil(values.length / Math.max(1, width)));
  const drawn = blockColumns({ rows: 1, columns: values.length, data: values }, block);
  const cellWidth = width / drawn.columns;
  const pixels = heatPixels(drawn, divergingPixel(theme.diverging, range));
  const grid = { x: 0, y: 2, width, height: stripHeight, scrollX: 0, scrollY: 0, rows: 1 };
  new CellPicture(pixels, 1, drawn.columns).draw(
    context,
    { ...grid, columns: drawn.columns, cellWidth, cellHeight: stripHeight },
    theme,
  );
  context.lineWidth = 1;
  context.strokeStyle = theme.contrastBorder ?? theme.border;
  context.strokeRect(0.5, 1.5, width - 1, stripHeight + 1);
  if (marked) {
    const part = width / marked.heads;
    context.strokeStyle = theme.contrastBorder ?? theme.foreground;
    context.lineWidth = 2;
    context.strokeRect(marked.head * part + 1, 1, part - 2, stripHeight + 2);
  }
}
