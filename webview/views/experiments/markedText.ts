// A decoder's text in which the tokens that the other run does not have are marked.
import type { AlignedToken } from '../../../src/shared/comparison';
import type { TokenSequence } from '../../../src/shared/tokens';
import { element } from '../../dom';

/** Stretches of the text, each all marked or all unmarked. */
export function markedParts(
  { text, tokens }: TokenSequence,
  aligned: readonly AlignedToken[],
  side: 'before' | 'after',
): { readonly text: string; readonly marked: boolean }[] {
  const other = side === 'before' ? 'after' : 'before';
  const alone = new Set(
    aligned.flatMap((pair) => (pair[side] !== undefined && pair[other] === undefined ? [pair[side]] : [])),
  );
  const marked = new Array<boolean>(text.length).fill(false);
  tokens.forEach(({ start, end }, index) => {
    if (alone.has(index) && start >= 0) {
      marked.fill(true, start, end);
    }
  });
  const parts: { text: string; marked: boolean }[] = [];
  for (let at = 0; at < text.length; at++) {
    const last = parts.at(-1);
    if (last && last.marked === marked[at]) {
      last.text += text[at];
    } else {
      parts.push({ text: text[at], marked: marked[at] });
    }
  }
  return parts;
}

export function markedText(
  sequence: TokenSequence,
  aligned: readonly AlignedToken[],
  side: 'before' | 'after',
): HTMLElement {
  return element(
    'p',
    { class: 'marked-text', 'data-role': `translation-${side}` },
    ...markedParts(sequence, aligned, side).map(({ text, marked }) =>
      marked ? element('mark', {}, text) : text,
    ),
  );
}
