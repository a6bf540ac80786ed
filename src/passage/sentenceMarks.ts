// The marks of a sentence that is translated without them: around which words, or between which words, each of them stood.
import { pairMarks } from './pairMarks';
import type { Piece } from './splitPassage';

/** Offsets are into the text that the model reads, where the marks take no room. */
export type SentenceMark =
  /** Around `[start, end)`. */
  | {
      readonly kind: 'pair';
      readonly start: number;
      readonly end: number;
      readonly open: string;
      readonly close: string;
    }
  /** Before the character at `start`, and a part of how it is written. */
  | { readonly kind: 'escape'; readonly start: number; readonly text: string }
  /** Between what is before and behind `start`. */
  | { readonly kind: 'point'; readonly start: number; readonly text: string };

/** @param starts Where each piece begins in the text that the model reads. Pairs stand before those inside of them. */
export function sentenceMarks(pieces: readonly Piece[], starts: readonly number[]): SentenceMark[] {
  return pairMarks(pieces).flatMap((role, index): SentenceMark[] => {
    const { text } = pieces[index];
    const start = starts[index];
    if (role?.kind === 'open') {
      return [
        { kind: 'pair', start, end: starts[role.partner], open: text, close: pieces[role.partner].text },
      ];
    }
    return role && role.kind !== 'close' ? [{ kind: role.kind, start, text }] : [];
  });
}
