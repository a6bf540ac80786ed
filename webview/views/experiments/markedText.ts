// A decoder's text in which the tokens that the other run does not have are marked.
import type { AlignedToken } from '../../../src/shared/comparison';
import type { TokenSequence } from '../../../src/shared/tokens';
import { element } from '../../dom';

/** Both decoders' texts. */
export interface BothTexts {
  readonly before: TokenSequence;
  readonly after: TokenSequence;
}

/** Stretches of the text, each all marked or all unmarked. A replaced token is paired with what replaces it. */
export function markedParts(
  both: BothTexts,
  aligned: readonly AlignedToken[],
  side: keyof BothTexts,
): { readonly text: string; readonly marked: boolean }[] {
  const { text, tokens } = both[side];
  const idOf = (which: keyof BothTexts, index: number | undefined) =>
    index === undefined ? undefined : both[which].tokens[index].id;
  const differing = new Set(
    aligned.flatMap((pair) =>
      idOf('before', pair.before) === idOf('after', pair.after) ? [] : [pair[side]],
    ),
  );
  const marked = new Array<boolean>(text.length).fill(false);
  tokens.forEach(({ start, end }, index) => {
    if (differing.has(index) && start >= 0) {
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
  both: BothTexts,
  aligned: readonly AlignedToken[],
  side: keyof BothTexts,
): HTMLElement {
  return element(
    'p',
    { class: 'marked-text', 'data-role': `translation-${side}` },
    ...markedParts(both, aligned, side).map(({ text, marked }) =>
      marked ? element('mark', {}, text) : text,
    ),
  );
}
