// A sequence whose text began with words that are not the user's: they become special tokens, and ranges those of the rest.
import type { TokenSequence } from '../shared/tokens';
import { tokenLabel } from './tokenLabel';
import { wordsOf } from './words';

/** @param length UTF-16 units of the text that lead to the rest. A token over both, such as one with a space in front, belongs to the rest. */
export function withoutLead(sequence: TokenSequence, length: number): TokenSequence {
  const text = sequence.text.slice(length);
  return wordsOf(
    text,
    sequence.tokens.map(({ id, piece, label, start, end, special }) => {
      if (special || start < 0) {
        return { id, piece, label, start, end, special };
      }
      if (end <= length) {
        return { id, piece, label: piece, start: -1, end: -1, special: true };
      }
      const from = Math.max(0, start - length);
      return {
        id,
        piece,
        label: tokenLabel(text, from, end - length),
        start: from,
        end: end - length,
        special,
      };
    }),
  );
}
