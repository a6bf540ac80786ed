// How tokens are chosen: the method and its settings, each checked before it is sent. Shows only those that apply.
import type { Decoding } from '../../src/shared/translation';
import { DEFAULT_DECODING } from '../../src/shared/translation';
import { element, setAttributes, setText } from '../dom';
import { formatFactor } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import type { Chooser, TextField } from '../toolkit';
import { button, radioButtons, textField } from '../toolkit';
import type { NumberField } from './decodingFields';
import { changeOf, fieldsOf, readField } from './decodingFields';

const methods = ['greedy', 'beam', 'sample'] as const;

interface Row {
  readonly element: HTMLElement;
  readonly field: TextField;
  readonly problem: HTMLElement;
  /** What was typed and cannot be used. */
  wrong: boolean;
}

export class DecodingForm {
  readonly element: HTMLElement;
  private readonly method: Chooser;
  private readonly rows = new Map<NumberField, Row>();
  private readonly list = element('div', { class: 'setting-rows' });
  private readonly reset;
  private decoding: Decoding = DEFAULT_DECODING;

  constructor(private readonly change: (change: Partial<Decoding>) => void) {
    this.method = radioButtons('method', strings.fields.method, (value) => {
      const method = methods.find((each) => each === value);
      if (method) {
        change({ method });
      }
    });
    this.reset = button(strings.reset, () => {
      this.rows.forEach((row) => this.report(row, ''));
      change(DEFAULT_DECODING);
    });
    this.reset.dataset['control'] = 'reset';
    this.element = element(
      'div',
      { class: 'decoding-form' },
      this.method.element,
      this.list,
      element('div', { class: 'setting-end' }, this.reset),
    );
  }

  update(decoding: Decoding): void {
    this.decoding = decoding;
    this.method.update(
      methods.map((value) => ({ value, label: strings.methods[value] })),
      decoding.method,
    );
    const shown = fieldsOf(decoding.method).map((name) => [name, this.row(name)] as const);
    const rows = shown.map(([, row]) => row.element);
    if (
      rows.some((row, index) => this.list.children[index] !== row) ||
      rows.length !== this.list.children.length
    ) {
      this.list.replaceChildren(...rows);
    }
    for (const [name, row] of shown) {
      if (!row.wrong) {
        row.field.update(written(decoding[name]));
      }
    }
    this.reset.disabled = JSON.stringify(decoding) === JSON.stringify({ ...decoding, ...DEFAULT_DECODING });
  }

  private row(name: NumberField): Row {
    const known = this.rows.get(name);
    if (known) {
      return known;
    }
    const field = textField(name, strings.fields[name], '', (text) => this.enter(name, text));
    const problem = element('p', { class: 'setting-problem', role: 'alert', hidden: true });
    const row: Row = {
      element: element(
        'div',
        { class: 'setting', title: strings.hints[name] },
        element('span', { class: 'setting-name', 'aria-hidden': 'true' }, strings.fields[name]),
        field.element,
        problem,
      ),
      field,
      problem,
      wrong: false,
    };
    this.rows.set(name, row);
    return row;
  }

  private enter(name: NumberField, text: string): void {
    const row = this.row(name);
    const read = readField(name, text, this.decoding);
    this.report(row, 'problem' in read ? read.problem : '');
    if ('value' in read && read.value !== this.decoding[name]) {
      const change = changeOf(name, read.value, this.decoding);
      // Enter reports the text, and leaving the field reports it again.
      this.decoding = { ...this.decoding, ...change };
      this.change(change);
    }
  }

  private report(row: Row, problem: string): void {
    row.wrong = problem !== '';
    row.problem.hidden = problem === '';
    setText(row.problem, problem);
    setAttributes(row.field.element, { 'aria-invalid': problem === '' ? undefined : 'true' });
  }
}

/** Whole numbers, such as a seed, with all their digits. */
function written(value: number): string {
  return Number.isInteger(value) && value >= 0 ? String(value) : formatFactor(value);
}
