// One setting that is a number: its name, the field, and below them what is wrong with what was typed.
import { element, setAttributes, setText } from '../dom';
import type { TextField } from '../toolkit';
import { textField } from '../toolkit';

export type ReadText = (text: string) => { readonly value: number } | { readonly problem: string };

export class NumberSetting {
  readonly element: HTMLElement;
  private readonly name = element('span', { class: 'setting-name', 'aria-hidden': 'true' });
  private readonly field: TextField;
  private readonly problem = element('p', { class: 'setting-problem', role: 'alert', hidden: true });
  private wrong = false;

  constructor(
    control: string,
    label: string,
    private readonly read: ReadText,
    private readonly entered: (value: number) => void,
  ) {
    this.field = textField(control, label, '', (text) => this.enter(text));
    this.element = element('div', { class: 'setting' }, this.name, this.field.element, this.problem);
  }

  /** What cannot be used stays, with its reason, until it is mended or {@link forget | forgotten}. */
  update(label: string, hint: string, value: string, disabled: boolean): void {
    setText(this.name, label);
    setAttributes(this.element, { title: hint });
    setAttributes(this.field.element, { 'aria-label': label, 'aria-description': hint, disabled });
    if (!this.wrong) {
      this.field.update(value);
    }
  }

  forget(): void {
    this.report('');
  }

  private enter(text: string): void {
    const read = this.read(text);
    this.report('problem' in read ? read.problem : '');
    if ('value' in read) {
      this.entered(read.value);
    }
  }

  private report(problem: string): void {
    this.wrong = problem !== '';
    this.problem.hidden = !this.wrong;
    setText(this.problem, problem);
    setAttributes(this.field.element, { 'aria-invalid': this.wrong ? 'true' : undefined });
  }
}
