// The two scales of the Inside view: signed tensors, and weights.
import { weightStep } from '../draw/colour';
import { divergingPixel } from '../draw/heatPixels';
import { element } from '../dom';
import { insideStrings as strings } from '../strings/insideStrings';
import type { Theme } from '../theme';
import { Legend } from './legend';
import { MaskSwatch } from './maskSwatch';

const ticks = [0, 0.05, 0.25, 0.5, 1];
const width = 140;

export class InsideLegends {
  readonly element: HTMLElement;
  private readonly signed = new Legend('inside-signed-legend', width);
  private readonly weights = new Legend('inside-weight-legend', width);
  private readonly masked = new MaskSwatch(true, 'inside-masked-swatch');

  constructor() {
    this.element = element(
      'div',
      { class: 'inside-legends' },
      this.signed.element,
      this.weights.element,
      this.masked.element,
    );
  }

  update(theme: Theme): void {
    const pixel = divergingPixel(theme.diverging, 1);
    const [least, most] = strings.signedTicks;
    this.signed.update(
      (share) => pixel(2 * share - 1),
      [
        { at: 0.08, text: least },
        { at: 0.5, text: '0' },
        { at: 0.92, text: most },
      ],
      strings.signedLegend,
    );
    this.weights.update(
      (share) => theme.sequential.table[Math.round(share * (theme.sequential.table.length - 1))],
      ticks.map((weight) => ({ at: weightStep(weight) / weightStep(1), text: String(weight) })),
      strings.weightLegend,
    );
    this.masked.update(theme, strings.removed);
  }
}
