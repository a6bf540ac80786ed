// A text in which the words are marked that the other side does not have in this place.
import type { AlignedItem } from '../../../src/shared/contrast';
import type { TokenSequence } from '../../../src/shared/tokens';
import { element } from '../../dom';

/** Stretches of a text, each all marked or all unmarked. */
export function apartParts(
  { text, tokens }: TokenSequence,
  items: readonly AlignedItem[],
  side: 'a' | 'b',
): readonly { readonly text: string; readonly marked: boolean }[] {
  const marked = new Array<boolean>(text.length).fill(false);
  for (const item of items) {
    const part = item[side];
    for (const { start, end } of item.same || !part ? [] : tokens.slice(part.first, part.last + 1)) {
      if (start >= 0) {
        marked.fill(true, start, end);
      }
    }
  }
  const parts: { text: string; marked: boolean }[] = [];
  for (let at = 0; at < text.length; at++) {
    // The space between two marked words is part of the mark; before and after them it is not.
    const here = marked[at] && !(text[at] === ' ' && !parts.at(-1)?.marked);
    const last = parts.at(-1);
    if (last?.marked === here) {
      last.text += text[at];
    } else {
      parts.push({ text: text[at], marked: here });
    }
  }
  return parts;
}

export function apartText(
  sequence: TokenSequence,
  items: readonly AlignedItem[],
  side: 'a' | 'b',
): HTMLElement {
  return element(
    'p',
    { class: 'marked-text', 'data-role': `compare-text-${side}` },
    ...apartParts(sequence, items, side).map(({ text, marked }) =>
      marked ? element('mark', {}, text) : text,
    ),
  );
}
