// How tokens are chosen: the method and its settings, each checked before it is sent. Shows only those that apply.
import type { Decoding } from '../../src/shared/translation';
import { DEFAULT_DECODING } from '../../src/shared/translation';
import { element } from '../dom';
import { NumberSetting } from '../side/numberSetting';
import { translationStrings as strings } from '../strings/translationStrings';
import type { Chooser } from '../toolkit';
import { button, radioButtons } from '../toolkit';
import type { NumberField } from './decodingFields';
import { changeOf, fieldsOf, readField, written } from './decodingFields';

const methods = ['greedy', 'beam', 'sample'] as const;

export class DecodingForm {
  readonly element: HTMLElement;
  private readonly method: Chooser;
  private readonly rows = new Map<NumberField, NumberSetting>();
  private readonly list = element('div', { class: 'setting-rows' });
  private readonly reset;
  private decoding: Decoding = DEFAULT_DECODING;
  private shown = '';

  constructor(private readonly change: (change: Partial<Decoding>) => void) {
    this.method = radioButtons('method', strings.fields.method, (value) => {
      const method = methods.find((each) => each === value);
      if (method) {
        change({ method });
      }
    });
    this.reset = button(strings.reset, () => {
      this.rows.forEach((row) => row.forget());
      change(DEFAULT_DECODING);
    });
    this.reset.dataset['control'] = 'reset';
    const end = element('div', { class: 'setting-end' }, this.reset);
    this.element = element('div', { class: 'decoding-form' }, this.method.element, this.list, end);
  }

  update(decoding: Decoding): void {
    this.decoding = decoding;
    this.method.update(
      methods.map((value) => ({ value, label: strings.methods[value], hint: strings.methodHints[value] })),
      decoding.method,
    );
    const fields = fieldsOf(decoding.method);
    if (this.shown !== decoding.method) {
      this.shown = decoding.method;
      this.list.replaceChildren(...fields.map((field) => this.row(field).element));
    }
    for (const field of fields) {
      this.row(field).update(strings.fields[field], strings.hints[field], written(decoding[field]), false);
    }
    this.reset.disabled = JSON.stringify(decoding) === JSON.stringify({ ...decoding, ...DEFAULT_DECODING });
  }

  private row(field: NumberField): NumberSetting {
    const known = this.rows.get(field);
    if (known) {
      return known;
    }
    const row = new NumberSetting(
      field,
      strings.fields[field],
      (text) => readField(field, text, this.decoding),
      (value) => this.enter(field, value),
    );
    this.rows.set(field, row);
    return row;
  }

  private enter(field: NumberField, value: number): void {
    if (value !== this.decoding[field]) {
      const change = changeOf(field, value, this.decoding);
      // Enter reports the text, and leaving the field reports it again.
      this.decoding = { ...this.decoding, ...change };
      this.change(change);
    }
  }
}
