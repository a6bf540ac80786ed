// Which tokens a replaced word has in a text and in the text with the other word. Patches nothing itself.
import { UserError } from '../../../src/shared/errors';
import type { TokenSequence } from '../../../src/shared/tokens';

/** A text, and a word in it. */
interface WordOf {
  readonly text: TokenSequence;
  readonly word: string;
}

/**
 * The pieces of the first place where the word stands, and of the other word that replaced it there: position `from` of the
 * other text belongs to position `to` of this one.
 *
 * @throws UserError `badRequest` where the words have different numbers of pieces: then no piece takes the place of another.
 */
export function swappedTokens(own: WordOf, other: WordOf): { readonly from: number; readonly to: number }[] {
  const start = own.text.text.indexOf(own.word);
  const to = piecesIn(own.text, start, start + own.word.length);
  const from = piecesIn(other.text, start, start + other.word.length);
  if (to.length !== from.length || to.length === 0) {
    const message = `“${own.word}” has ${to.length} token(s) in this text, “${other.word}” has ${from.length}: each state takes the place of one other. Choose two words with equally many tokens.`;
    throw new UserError('badRequest', message);
  }
  return to.map((place, index) => ({ from: from[index], to: place }));
}

/** Tokens that cover any of the UTF-16 range `[start, end)`. */
function piecesIn({ tokens }: TokenSequence, start: number, end: number): number[] {
  return tokens.flatMap((token, index) => (token.start < end && token.end > start ? [index] : []));
}
