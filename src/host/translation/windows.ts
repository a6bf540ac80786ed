// Which sentences are translated side by side: the first one alone, so that its first word comes soon, then more and more.
import type { SentenceWork } from './sentenceWork';

/** Sentences of a full window; every one is continued in several beams. */
const SENTENCES = 16;

/** Characters of a window when all its sentences are padded to the longest one. */
const CHARACTERS = 3_000;

/**
 * The next sentences that wait, in their order.
 * @param done How many windows there have been.
 */
export function nextWindow(works: readonly SentenceWork[], done: number): SentenceWork[] {
  const most = done === 0 ? 1 : Math.min(SENTENCES, 4 * 2 ** done);
  const window: SentenceWork[] = [];
  let longest = 0;
  for (const work of works) {
    if (work.status !== 'waiting') {
      continue;
    }
    const longer = Math.max(longest, ...work.texts.map(({ text }) => text.length));
    const full = window.length >= most || longer * (window.length + 1) > CHARACTERS;
    if (window.length > 0 && (full || work.force)) {
      break;
    }
    window.push(work);
    if (work.force) {
      break; // what a translation begins with can be told for one at a time
    }
    longest = longer;
  }
  return window;
}
