// The legend of the chart, which carries the values of the step that is looked at, or else of the last.
import type { TrainingPoint } from '../../src/shared/training';
import { element, setAttributes, setText } from '../dom';
import { formatNumber } from '../format';
import { trainingStrings as strings } from '../strings/trainingStrings';
import type { ChartColours } from './chartPainter';
import { heldOutAt } from './curve';
import { formatRate } from './trainingFormat';

export interface ChartValues {
  readonly point: TrainingPoint;
  readonly heldOut: { readonly step: number; readonly loss: number } | undefined;
}

export function valuesAt(points: readonly TrainingPoint[], index: number): ChartValues {
  return { point: points[index], heldOut: heldOutAt(points, index) };
}

type Entry = 'loss' | 'heldOut' | 'rate';

export class ChartLegend {
  readonly element: HTMLElement;
  private readonly step = element('span', { class: 'legend-step' });
  private readonly texts: Readonly<Record<Entry, HTMLElement>>;
  private readonly entries: Readonly<Record<Entry, HTMLElement>>;

  constructor() {
    const text = () => element('span', {});
    this.texts = { loss: text(), heldOut: text(), rate: text() };
    const entry = (name: Entry) =>
      element(
        'span',
        { class: `legend-entry ${name}`, 'data-role': `legend-${name}` },
        element('span', { class: 'legend-key', 'aria-hidden': 'true' }),
        this.texts[name],
      );
    this.entries = { loss: entry('loss'), heldOut: entry('heldOut'), rate: entry('rate') };
    this.element = element(
      'div',
      { class: 'chart-legend caption' },
      this.step,
      this.entries.loss,
      this.entries.heldOut,
      this.entries.rate,
    );
  }

  /** Its keys look as the curves do. */
  colour({ loss, rate }: ChartColours): void {
    this.element.style.setProperty('--loss', loss);
    this.element.style.setProperty('--rate', rate);
  }

  /** `looked`: the values are of a step that was pointed at, so its number stands before them. */
  update(values: ChartValues | undefined, looked: boolean): void {
    this.step.hidden = !looked;
    if (!values) {
      setText(this.texts.loss, strings.loss);
      setText(this.texts.heldOut, strings.heldOut);
      setText(this.texts.rate, strings.rate);
      return;
    }
    const { point, heldOut } = values;
    setText(this.step, strings.chartStep(point.step));
    setText(this.texts.loss, strings.value(strings.loss, formatNumber(point.loss)));
    setAttributes(this.entries.loss, { title: strings.value(strings.norm, formatNumber(point.norm)) });
    setText(
      this.texts.heldOut,
      strings.value(strings.heldOut, heldOut ? formatNumber(heldOut.loss) : strings.notMeasured),
    );
    setAttributes(this.entries.heldOut, { title: heldOut && strings.chartStep(heldOut.step) });
    setText(this.texts.rate, strings.value(strings.rate, formatRate(point.rate)));
  }

  /** The same for screen readers, in one sentence. */
  spoken({ point, heldOut }: ChartValues): string {
    return strings.chartAt([
      strings.chartStep(point.step),
      strings.value(strings.loss, formatNumber(point.loss)),
      ...(heldOut ? [strings.valueAt(strings.heldOut, formatNumber(heldOut.loss), heldOut.step)] : []),
      strings.value(strings.rate, formatRate(point.rate)),
      strings.value(strings.norm, formatNumber(point.norm)),
    ]);
  }
}
