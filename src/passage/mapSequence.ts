// Takes the tokens of one text over to another that differs from it in known places: code for its placeholder, a line end for a space.
import type { Token, TokenSequence, Word } from '../shared/tokens';

/** `[start, end)` of the one text stands as `text` in the other. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with its edits made; edits are in order and do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let at = 0;
  let result = '';
  for (const { start, end, text: instead } of edits) {
    result += text.slice(at, start) + instead;
    at = end;
  }
  return result + text.slice(at);
}

/** The sequence over the edited text: tokens of what was replaced cover what stands there now. */
export function mapSequence(sequence: TokenSequence, edits: readonly Edit[]): TokenSequence {
  const text = applyEdits(sequence.text, edits);
  const range = ({ start, end }: { readonly start: number; readonly end: number }) =>
    start < 0 ? { start, end } : spanOf(moved(edits, start, 'start'), moved(edits, end, 'end'));
  const tokens = sequence.tokens.map((token): Token => {
    const at = range(token);
    return { ...token, ...at, label: labelOf(token, at, text) };
  });
  const words = sequence.words.map((word): Word => {
    const at = range(word);
    return { ...word, ...at, label: labelOf(word, at, text) };
  });
  return { text, tokens, words };
}

/** The sequences as one, each over its part of `text`, which begins at `starts[i]`. */
export function joinSequences(
  text: string,
  sequences: readonly TokenSequence[],
  starts: readonly number[],
): TokenSequence {
  const tokens: Token[] = [];
  const words: Word[] = [];
  sequences.forEach((sequence, index) => {
    const shift = (offset: number) => (offset < 0 ? offset : offset + starts[index]);
    const first = tokens.length;
    const firstWord = words.length;
    for (const token of sequence.tokens) {
      tokens.push({
        ...token,
        start: shift(token.start),
        end: shift(token.end),
        word: token.word + firstWord,
      });
    }
    for (const word of sequence.words) {
      words.push({
        ...word,
        start: shift(word.start),
        end: shift(word.end),
        first: word.first + first,
        last: word.last + first,
      });
    }
  });
  return { text, tokens, words };
}

/** A token that covers nothing stays where it ends. */
function spanOf(start: number, end: number): { readonly start: number; readonly end: number } {
  return { start: Math.min(start, end), end };
}

function moved(edits: readonly Edit[], offset: number, side: 'start' | 'end'): number {
  let by = 0;
  for (const { start, end, text } of edits) {
    // What is put between two tokens belongs to neither.
    const isBehind = start === end ? offset > start || (offset === start && side === 'start') : offset >= end;
    if (isBehind) {
      by += text.length - (end - start);
      continue;
    }
    // What covers a part of the placeholder covers all that stands for it.
    return offset <= start ? offset + by : (side === 'end' ? start + text.length : start) + by;
  }
  return offset + by;
}

function labelOf(
  item: { readonly start: number; readonly label: string },
  { start, end }: { readonly start: number; readonly end: number },
  text: string,
): string {
  return item.start < 0 ? item.label : text.slice(start, end);
}
