// Groups tokens into words: Unicode's word boundaries, widened wherever one token covers several words.
import type { Token, TokenSequence, Word } from '../shared/tokens';

/** A token before it knows its word. */
export type Unassigned = Omit<Token, 'word'>;

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * The words of a tokenised text. Consecutive tokens that share a word of the text form one word ("didn't" in two
 * pieces); a token over several words joins them; special tokens are words of their own. A token that covers nothing,
 * and one that is only the space before a word (`▁`, `Ġ`), joins the word after it, else the one before; other white
 * space is a word of its own, one for each run.
 *
 * @param tokens in reading order, their ranges inside `text`.
 */
export function wordsOf(text: string, tokens: readonly Unassigned[]): TokenSequence {
  const segmentAt = segmentIndex(text);
  const words: Word[] = [];
  const wordOf: number[] = [];
  let open: { first: number; last: number; start: number; end: number; lastSegment: number } | undefined;
  /** First token of those that wait for the next word. */
  let waiting: number | undefined;

  const close = () => {
    if (open !== undefined) {
      words.push({ label: text.slice(open.start, open.end), ...wordRange(open) });
      open = undefined;
    }
  };
  const closeWaiting = (end: number) => {
    const first = waiting;
    waiting = undefined;
    if (first === undefined) {
      return;
    }
    if (open !== undefined) {
      open.last = end - 1;
    } else {
      for (let i = first; i < end; i++) {
        words.push({ label: tokens[i].label, first: i, last: i, start: -1, end: -1 });
      }
    }
  };

  tokens.forEach((token, i) => {
    if (token.special) {
      closeWaiting(i);
      close();
      words.push({ label: token.label, first: i, last: i, start: -1, end: -1 });
      return;
    }
    if (token.start < 0 || isLeadingSpace(text, token)) {
      waiting ??= i;
      return;
    }
    const { start, end } = trimRange(text, token.start, token.end);
    const firstSegment = segmentAt(start);
    const lastSegment = segmentAt(Math.max(start, end - 1));
    if (open !== undefined && firstSegment <= open.lastSegment) {
      waiting = undefined;
      open.last = i;
      open.end = Math.max(open.end, end);
      open.lastSegment = Math.max(open.lastSegment, lastSegment);
      return;
    }
    close();
    open = { first: waiting ?? i, last: i, start, end, lastSegment };
    waiting = undefined;
  });
  closeWaiting(tokens.length);
  close();

  words.forEach(({ first, last }, word) => {
    for (let i = first; i <= last; i++) {
      wordOf[i] = word;
    }
  });
  return { text, tokens: tokens.map((token, i) => ({ ...token, word: wordOf[i] })), words };
}

/** A single space that the vocabulary did not join to the piece after it. */
function isLeadingSpace(text: string, { piece, start, end }: Unassigned): boolean {
  return /^[\u2581\u0120 ]$/.test(piece) && text.slice(start, end).trim() === '';
}

function wordRange({ first, last, start, end }: Omit<Word, 'label'>): Omit<Word, 'label'> {
  return { first, last, start, end };
}

/** Without white space at its ends, unless there is nothing else. */
export function trimRange(text: string, start: number, end: number): { start: number; end: number } {
  let from = start;
  let to = end;
  while (from < to && /\p{White_Space}/u.test(text[from])) {
    from++;
  }
  if (from === to) {
    return { start, end };
  }
  while (/\p{White_Space}/u.test(text[to - 1])) {
    to--;
  }
  return { start: from, end: to };
}

/** Unit → number of its segment; runs of white space count as one segment. */
function segmentIndex(text: string): (unit: number) => number {
  const index = new Int32Array(text.length);
  let segment = -1;
  let afterSpace = false;
  for (let at = 0; at < text.length;) {
    const chunk = text.slice(at, chunkEnd(text, at));
    let next = at + chunk.length;
    for (const { segment: content, index: offset } of segmenter.segment(chunk)) {
      const from = at + offset;
      if (offset > 0 && from + content.length === next && next < text.length && content.trim() !== '') {
        // The chunk may have cut this segment in two: it begins the next chunk.
        next = from;
        break;
      }
      const space = content.trim() === '';
      if (!space || !afterSpace) {
        segment++;
      }
      afterSpace = space;
      index.fill(segment, from, from + content.length);
    }
    at = next;
  }
  return (unit) => index[unit] ?? segment;
}

/** Units that the segmenter gets at a time: going through its segments takes time quadratic in the text's length. */
const chunkLength = 1000;

/** After the last white space of the chunk that begins at `at`, if there is any, else where the chunk is full. */
function chunkEnd(text: string, at: number): number {
  const full = at + chunkLength;
  if (full >= text.length) {
    return text.length;
  }
  for (let end = full; end > at + chunkLength / 2; end--) {
    if (/\p{White_Space}/u.test(text[end - 1])) {
      return end;
    }
  }
  return full;
}
