// From texts to the token sequences of a batch, with the limits that a model sets.
import { UserError } from '../shared/errors';
import type { Side } from '../shared/modelSummary';
import type { TokenSequence } from '../shared/tokens';

/**
 * Tokenises every text and checks that each is neither empty nor too long; does not pad. The errors' details name the
 * text and the side of the model that was to read it.
 */
export function encodeTexts(
  texts: readonly string[],
  limit: number,
  encode: (text: string) => TokenSequence,
  side: Side = 'encoder',
): TokenSequence[] {
  if (texts.length === 0) {
    throw emptyText(0, side);
  }
  return texts.map((text, index) => {
    const sequence = encode(text);
    if (!sequence.tokens.some(({ special }) => !special)) {
      throw emptyText(index, side);
    }
    if (sequence.tokens.length > limit) {
      throw tooLong(sequence, limit, index, side);
    }
    return sequence;
  });
}

function emptyText(text: number, side: Side): UserError {
  const message = `There is nothing to read in ${nameOf(side)}. Give it at least one word.`;
  return new UserError('emptyText', message, { text, side });
}

function tooLong(sequence: TokenSequence, limit: number, text: number, side: Side): UserError {
  const tokens = sequence.tokens.length;
  const name = nameOf(side);
  const message = `${name[0].toUpperCase()}${name.slice(1)} has ${tokens} tokens, but this model reads at most ${limit}. Explore the first part of it, or select less.`;
  return new UserError('textTooLong', message, { tokens, limit, cutAt: cutAt(sequence, limit), text, side });
}

const nameOf = (side: Side): string => (side === 'encoder' ? 'the text' : "the decoder's input");

/**
 * The UTF-16 offset up to which the text fits into `limit` tokens, special ones included: the end of the last whole
 * word; of the last piece, where not even one word fits.
 */
export function cutAt({ text, tokens, words }: TokenSequence, limit: number): number {
  const read = tokens.filter(({ special }) => !special);
  const room = limit - (tokens.length - read.length);
  const first = read[room];
  const last = read[room - 1];
  if (!first) {
    return text.length;
  }
  if (!last) {
    return 0;
  }
  const whole = read.slice(0, room).findLast(({ word }) => word !== first.word);
  return whole ? (words[whole.word]?.end ?? whole.end) : last.end;
}

/** Ids of a batch `[batch][length]`. */
export function idsOf(sequences: readonly TokenSequence[]): number[][] {
  return sequences.map(({ tokens }) => tokens.map(({ id }) => id));
}

/** Which tokens of a batch are not padding. */
export function realOf(sequences: readonly TokenSequence[]): boolean[][] {
  return sequences.map(({ tokens }) => tokens.map(({ padding }) => padding !== true));
}
