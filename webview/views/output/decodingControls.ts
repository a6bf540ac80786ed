// Temperature, top-k and top-p: what decoding does to a distribution.
import type { DistributionSettings } from '../../../src/shared/insight';
import { element, setText } from '../../dom';
import { formatNumber } from '../../format';
import { outputStrings as strings } from '../../strings/outputStrings';

/** What leaves the distribution as it is. */
export const plainDecoding: DistributionSettings = { temperature: 1, topK: 0, topP: 1 };

/** The largest k that the slider offers; one step further keeps all. */
const mostKept = 50;

interface Slider {
  readonly row: HTMLElement;
  readonly input: HTMLInputElement;
  readonly value: HTMLElement;
}

export class DecodingControls {
  readonly element: HTMLElement;
  private readonly temperature: Slider;
  private readonly topK: Slider;
  private readonly topP: Slider;
  private readonly reset = element(
    'button',
    { class: 'link', 'data-control': 'reset-decoding' },
    strings.reset,
  );

  constructor(private readonly changed: (settings: DistributionSettings) => void) {
    const read = () => this.changed(this.read());
    // Equal ways on the slider are equal factors: 0.1 to 10.
    this.temperature = slider('temperature', strings.temperature, { min: -1, max: 1, step: 0.05 }, read);
    this.topK = slider('top-k', strings.topK, { min: 1, max: mostKept + 1, step: 1 }, read);
    this.topP = slider('top-p', strings.topP, { min: 0.05, max: 1, step: 0.01 }, read);
    this.reset.addEventListener('click', () => this.changed(plainDecoding));
    this.element = element(
      'div',
      { class: 'decoding', 'data-role': 'decoding' },
      this.temperature.row,
      this.topK.row,
      this.topP.row,
      this.reset,
    );
  }

  update({ temperature, topK, topP }: DistributionSettings): void {
    show(this.temperature, Math.log10(temperature), formatNumber(temperature));
    show(this.topK, topK === 0 ? mostKept + 1 : topK, topK === 0 ? strings.all : String(topK));
    show(this.topP, topP, topP === 1 ? strings.all : formatNumber(topP));
    this.reset.disabled = temperature === 1 && topK === 0 && topP === 1;
  }

  private read(): DistributionSettings {
    const k = Number(this.topK.input.value);
    return {
      temperature: Number((10 ** Number(this.temperature.input.value)).toPrecision(3)),
      topK: k > mostKept ? 0 : k,
      topP: Number(this.topP.input.value),
    };
  }
}

function slider(
  name: string,
  label: string,
  range: { readonly min: number; readonly max: number; readonly step: number },
  changed: () => void,
): Slider {
  const input = element('input', { type: 'range', 'aria-label': label, 'data-control': name, ...range });
  const value = element('span', { class: 'number' });
  input.addEventListener('input', changed);
  return {
    row: element('label', { class: 'slider-row' }, element('span', {}, label), input, value),
    input,
    value,
  };
}

function show({ input, value }: Slider, position: number, text: string): void {
  if (Math.abs(Number(input.value) - position) > 1e-6) {
    input.value = String(position);
  }
  setText(value, text);
  input.setAttribute('aria-valuetext', text);
}
