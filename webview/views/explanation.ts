// A folded explanation under a view: a few paragraphs with the formula and where it stands in the paper.
import { element } from '../dom';

/** `paragraphs` are plain text. */
export function explanation(title: string, paragraphs: readonly string[]): HTMLElement {
  return element(
    'details',
    { class: 'explanation' },
    element('summary', {}, title),
    ...paragraphs.map((text) => element('p', {}, text)),
  );
}
