// The value of single dimensions over the positions, as curves through the real values; nothing is interpolated.
import type { Matrix } from '../../src/shared/tensor';
import { tickLabels } from '../draw/labels';
import { Surface } from '../draw/surface';
import { element } from '../dom';
import { positionStrings as strings } from '../strings';
import type { Theme } from '../theme';

const labelWidth = 64;
const axisHeight = 20;
const right = 14;

export interface WavesInput {
  readonly table: Matrix;
  /** What a value is drawn as, e.g. the cosine of an angle. */
  readonly valueOf: (value: number) => number;
  readonly range: number;
  readonly dimensions: readonly number[];
  /** Positions that this text uses: marked with dots. */
  readonly used: number;
  readonly position: number | undefined;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
}

export class Waves {
  readonly element: HTMLElement;
  private readonly surface = new Surface('waves');
  private input: WavesInput | undefined;

  /** `point` gets the position under the pointer. */
  constructor(private readonly point: (position: number | undefined) => void) {
    this.element = element(
      'div',
      { class: 'waves', role: 'img', 'aria-label': strings.wavesLabel },
      this.surface.canvas,
    );
    this.element.addEventListener('pointermove', (event) => this.point(this.positionAt(event)));
    this.element.addEventListener('pointerleave', () => this.point(undefined));
  }

  update(input: WavesInput): void {
    this.input = input;
    const { dimensions, theme, width, height, table, position } = input;
    const context = this.surface.begin(width, height);
    const pitch = (height - axisHeight) / Math.max(1, dimensions.length);
    dimensions.forEach((dimension, index) =>
      this.wave(context, input, dimension, index * pitch, pitch, theme.charts[index % theme.charts.length]),
    );
    context.font = `11px ${theme.fontFamily}`;
    context.fillStyle = theme.description;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const step = this.stepOf(input);
    for (const tick of tickLabels(table.rows, step, 44)) {
      context.fillText(String(tick), labelWidth + tick * step, height - 8);
    }
    if (position !== undefined) {
      context.fillStyle = theme.foreground;
      context.globalAlpha = 0.6;
      context.fillRect(labelWidth + position * step, 2, 1, height - axisHeight - 2);
      context.globalAlpha = 1;
    }
  }

  private stepOf({ table, width }: WavesInput): number {
    return (width - labelWidth - right) / Math.max(1, table.rows - 1);
  }

  private wave(
    context: CanvasRenderingContext2D,
    input: WavesInput,
    dimension: number,
    top: number,
    pitch: number,
    colour: string,
  ): void {
    const { table, valueOf, range, used, theme, width } = input;
    const middle = top + pitch / 2;
    const reach = pitch / 2 - 5;
    const step = this.stepOf(input);
    const y = (position: number) =>
      middle - (valueOf(table.data[position * table.columns + dimension]) / (range || 1)) * reach;
    context.font = `13px ${theme.fontFamily}`;
    context.fillStyle = theme.foreground;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(strings.wave(dimension), 10, middle);
    context.fillStyle = theme.border;
    context.fillRect(labelWidth, Math.round(middle), width - labelWidth - right, 1);
    context.beginPath();
    for (let position = 0; position < table.rows; position++) {
      context.lineTo(labelWidth + position * step, y(position));
    }
    context.strokeStyle = colour;
    context.lineWidth = 1.3;
    context.stroke();
    context.fillStyle = colour;
    for (let position = 0; position < Math.min(used, table.rows); position++) {
      context.beginPath();
      context.arc(labelWidth + position * step, y(position), 1.8, 0, 2 * Math.PI);
      context.fill();
    }
  }

  private positionAt(event: MouseEvent): number | undefined {
    const { input } = this;
    if (!input) {
      return undefined;
    }
    const x = event.clientX - this.element.getBoundingClientRect().left - labelWidth;
    const position = Math.round(x / this.stepOf(input));
    return position >= 0 && position < input.table.rows ? position : undefined;
  }
}
