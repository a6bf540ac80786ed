// Makes the sequences of a batch equally long; what the padding is masked with is not decided here.
import type { TokenSequence } from '../shared/tokens';

/** Appends padding tokens, each a word of its own, up to the length of the longest sequence. */
export function padSequences(
  sequences: readonly TokenSequence[],
  padding: { readonly id: number; readonly piece: string },
): TokenSequence[] {
  const longest = sequences.reduce((length, { tokens }) => Math.max(length, tokens.length), 0);
  const label = padding.piece;
  return sequences.map(({ text, tokens, words }) => {
    const missing = Array.from({ length: longest - tokens.length }, (_, i) => i);
    return {
      text,
      tokens: [
        ...tokens,
        ...missing.map((i) => ({
          ...padding,
          label,
          start: -1,
          end: -1,
          word: words.length + i,
          special: true,
          padding: true,
        })),
      ],
      words: [
        ...words,
        ...missing.map((i) => ({
          label,
          first: tokens.length + i,
          last: tokens.length + i,
          start: -1,
          end: -1,
        })),
      ],
    };
  });
}
