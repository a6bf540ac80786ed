// One cell step by step, as a list of lines that are made once and filled.
import { element, setText } from '../dom';
import { insideStrings as strings } from '../strings/insideStrings';
import type { CellStep } from './insideSteps';

export class InsideStepList {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title tokens' });
  private readonly list = element('dl', { class: 'inside-steps' });
  private readonly note = element('p', { class: 'caption inside-note' });
  private shown = '';

  /** `links` stand under the list. */
  constructor(...links: readonly HTMLElement[]) {
    this.element = element(
      'section',
      { class: 'pane inside-pane', 'data-role': 'inside-steps' },
      element('div', { class: 'pane-header' }, this.title),
      this.list,
      this.note,
      element('div', { class: 'inside-links' }, ...links),
    );
  }

  update(query: string, key: string, steps: readonly CellStep[], note: string): void {
    setText(this.title, strings.steps(query, key));
    const ids = steps.map(({ id }) => id).join();
    if (ids !== this.shown) {
      this.shown = ids;
      this.list.replaceChildren(
        ...steps.map(({ id }) =>
          element('div', { 'data-step': id }, element('dt'), element('dd', { class: 'code' })),
        ),
      );
    }
    steps.forEach(({ name, text }, index) => {
      const { firstElementChild: term, lastElementChild: value } = this.list.children[index];
      if (term && value) {
        setText(term, name);
        setText(value, text);
      }
    });
    setText(this.note, note);
    this.note.hidden = note === '';
  }
}
