// Names with their values in two or three columns, filled in place: rows neither come nor go while pointing.
import { element, setAttributes, setText } from '../dom';

/** One row. `title` is shown where the value had to be cut. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  /** The same fact about the second pin. */
  readonly second?: string;
  readonly title?: string;
  /** In the editor's font, e.g. names of tensors. */
  readonly code?: boolean;
}

export class FactList {
  readonly element: HTMLElement;
  private rows: readonly { name: HTMLElement; value: HTMLElement; second: HTMLElement; row: HTMLElement }[] =
    [];

  constructor(role: string) {
    this.element = element('dl', { class: 'facts', 'data-role': role });
  }

  update(facts: readonly Fact[]): void {
    if (facts.length !== this.rows.length) {
      this.rows = facts.map(() => {
        const name = element('dt');
        const value = element('dd', { class: 'number' });
        const second = element('dd', { class: 'number second' });
        return { name, value, second, row: element('div', { class: 'fact' }, name, value, second) };
      });
      this.element.replaceChildren(...this.rows.map(({ row }) => row));
    }
    facts.forEach((fact, index) => {
      const { name, value, second, row } = this.rows[index];
      setText(name, fact.name);
      setText(value, fact.value);
      setText(second, fact.second ?? '');
      second.hidden = fact.second === undefined;
      value.classList.toggle('code', fact.code === true);
      setAttributes(row, { title: fact.title, 'data-fact': fact.name });
    });
  }
}
