// The small drawings under the pictures: a histogram, the weights of a row, the elements of a vector. Numbers come ready.
import { Surface } from '../draw/surface';
import { element } from '../dom';
import type { Theme } from '../theme';

export const chartHeight = 36;

/** What is drawn: counts around zero, weights from 0 to 1, or signed elements up to ±range. */
export type Chart =
  | { readonly kind: 'histogram'; readonly counts: readonly number[] }
  | { readonly kind: 'weights'; readonly values: ArrayLike<number>; readonly marked: number | undefined }
  | { readonly kind: 'signed'; readonly values: ArrayLike<number>; readonly range: number };

export class InsideChart {
  readonly element: HTMLElement;
  private readonly surface = new Surface('inside-chart');

  constructor(private readonly height = chartHeight) {
    this.element = element('div', { class: 'inside-chart', 'aria-hidden': 'true' }, this.surface.canvas);
  }

  update(chart: Chart | undefined, width: number, theme: Theme): void {
    const context = this.surface.begin(width, this.height);
    if (!chart || width <= 0) {
      return;
    }
    const [colour] = theme.charts;
    context.fillStyle = theme.border;
    const base = chart.kind === 'signed' ? Math.round(this.height / 2) : this.height - 1;
    context.fillRect(0, base, width, 1);
    if (chart.kind === 'histogram') {
      context.fillRect(Math.floor(width / 2), 0, 1, this.height);
    }
    context.fillStyle = colour;
    switch (chart.kind) {
      case 'histogram': {
        const most = Math.max(1, ...chart.counts);
        bars(context, chart.counts, width, (count) => [base, -((this.height - 3) * count) / most]);
        break;
      }
      case 'weights':
        bars(context, chart.values, width, (weight) => [base, -(this.height - 3) * weight]);
        if (chart.marked !== undefined) {
          context.fillStyle = theme.foreground;
          bars(context, chart.values, width, (weight) => [base, -(this.height - 3) * weight], chart.marked);
        }
        break;
      case 'signed': {
        const half = this.height / 2 - 1;
        const range = chart.range > 0 ? chart.range : 1;
        bars(context, chart.values, width, (value) => [base, -half * clamp(value / range)]);
        break;
      }
      default:
        chart satisfies never;
    }
  }
}

/** One bar for each value, at least a pixel wide: of several values in one pixel the tallest is seen. */
function bars(
  context: CanvasRenderingContext2D,
  values: ArrayLike<number>,
  width: number,
  place: (value: number) => readonly [base: number, height: number],
  only?: number,
): void {
  const pitch = width / Math.max(1, values.length);
  const gap = pitch >= 3 ? 1 : 0;
  for (let index = 0; index < values.length; index++) {
    if (only === undefined || only === index) {
      const [base, height] = place(values[index]);
      // A value that is not zero can be seen.
      const visible = height !== 0 && Math.abs(height) < 1 ? Math.sign(height) : height;
      context.fillRect(index * pitch, base, Math.max(1, pitch - gap), visible);
    }
  }
}

const clamp = (value: number): number => Math.max(-1, Math.min(1, value));
