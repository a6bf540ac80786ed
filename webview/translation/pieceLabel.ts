// How the card of a word writes a token: a space alone is a visible sign, and what a sign means is said where the pointer rests.
import { formatToken } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';

export interface PieceLabel {
  readonly text: string;
  readonly title: string;
}

/** @param end Whether the token ends the text. */
export function pieceLabel(label: string, end = false): PieceLabel {
  if (end) {
    return { text: strings.end, title: label };
  }
  // SentencePiece writes a space as U+2581, which looks like an underscore.
  const space = label.replaceAll('▁', ' ').trim() === '' && label !== '';
  const text = formatToken(space ? label.replaceAll('▁', ' ') : label.trim());
  return { text, title: space ? strings.spaceHow : text };
}
