// Puts the marks of a sentence around the words of its translation that stand for those they were around in the original.
import type { Word } from '../shared/tokens';
import type { AlignedWords } from './alignWords';
import type { Edit } from './mapSequence';
import type { SentenceMark } from './sentenceMarks';

/** Where marks go in a translation. */
export interface PlacedMarks {
  readonly edits: readonly Edit[];
  /** False where the words of a mark have no counterpart: it is left out. */
  readonly complete: boolean;
}

/** Words `[first, last]` of a translation. */
interface Range {
  readonly first: number;
  readonly last: number;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
  /** Among what stands at the same place: ends, the inner ones first, then what stands alone, then beginnings. */
  readonly order: number;
}

/** More pairs than that are inside of each other in no sentence. */
const DEEPEST = 1_000;
/** A word that looks less at the words of a mark does not stand for them. */
const LEAST_LOOK = 0.1;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const LETTER = /[\p{L}\p{N}]/u;

/**
 * The edits that put marks into a translation.
 *
 * A pair goes around the stretch of words that stand for words inside it rather than for others: the one with the largest sum
 * of margins between the two. A mark that stands alone goes where the fewest words end up on the wrong side of it.
 *
 * @param source,target The two texts that the words are of.
 */
export function placeMarks(
  marks: readonly SentenceMark[],
  source: string,
  target: string,
  words: AlignedWords,
): PlacedMarks {
  let complete = true;
  const insertions: Insertion[] = [];
  const placed: { readonly mark: SentenceMark & { kind: 'pair' }; readonly range: Range }[] = [];
  for (const [depth, mark] of marks.entries()) {
    if (mark.kind === 'pair') {
      const around = placed.filter((other) => mark.start >= other.mark.start && mark.end <= other.mark.end);
      const beside = placed.filter((other) => mark.start >= other.mark.end || mark.end <= other.mark.start);
      const range = rangeFor(mark, words, around.at(-1)?.range, beside);
      if (!range) {
        complete = false;
        continue;
      }
      placed.push({ mark, range });
      insertions.push(...inserted(mark, range, words, source, target, depth));
    } else if (mark.kind === 'point') {
      insertions.push({ at: pointFor(mark.start, words, source, target), text: mark.text, order: 0 });
    }
  }
  const escapes = placeEscapes(marks, source, target);
  const edits = [...insertions, ...(escapes ?? [])]
    .sort((a, b) => a.at - b.at || a.order - b.order)
    .map(({ at, text }) => ({ start: at, end: at, text }));
  return { edits, complete: complete && escapes !== undefined };
}

/** The words that a pair goes around, inside of those around it and apart from those beside it. */
function rangeFor(
  { start, end }: { readonly start: number; readonly end: number },
  words: AlignedWords,
  within: Range = { first: 0, last: words.to.length - 1 },
  beside: readonly { readonly range: Range }[],
): Range | undefined {
  const { from, to, shares } = words;
  const inside = from.map((word) => word.start < end && start < word.end);
  if (!inside.includes(true)) {
    return undefined;
  }
  if (!inside.includes(false)) {
    return to.length > 0 ? within : undefined;
  }
  const margins = shares.map((share, word) => {
    const taken = beside.some(({ range }) => word >= range.first && word <= range.last);
    const best = (which: boolean) =>
      share.reduce((most, value, index) => (inside[index] === which ? Math.max(most, value) : most), 0);
    return taken ? -Infinity : best(true) - best(false);
  });
  let best: (Range & { readonly sum: number }) | undefined;
  let first = within.first;
  let sum = 0;
  for (let word = within.first; word <= within.last; word++) {
    sum += margins[word];
    if (sum > (best?.sum ?? 0)) {
      best = { first, last: word, sum };
    }
    if (!(sum > 0)) {
      first = word + 1;
      sum = 0;
    }
  }
  return best ?? singleWord(words, inside, within, margins);
}

/** Where one word stands for several of the original: the one that stands most for those inside, if it looks at them at all. */
function singleWord(
  { shares, looks }: AlignedWords,
  inside: readonly boolean[],
  within: Range,
  margins: readonly number[],
): Range | undefined {
  const on = (of: Float32Array) => of.reduce((sum, value, index) => (inside[index] ? sum + value : sum), 0);
  let best = -1;
  let most = 0;
  for (let word = within.first; word <= within.last; word++) {
    const share = on(shares[word]);
    if (margins[word] > -Infinity && on(looks[word]) >= LEAST_LOOK && share > most) {
      best = word;
      most = share;
    }
  }
  return best < 0 ? undefined : { first: best, last: best };
}

/** Where a pair begins and ends in the text: with the punctuation that it held in the original. */
function inserted(
  mark: SentenceMark & { readonly kind: 'pair' },
  { first, last }: Range,
  { to }: AlignedWords,
  source: string,
  target: string,
  depth: number,
): Insertion[] {
  const inner = source.slice(mark.start, mark.end);
  let { start } = to[first];
  let { end } = to[last];
  if (PUNCTUATION.test(inner.trimStart()[0] ?? '')) {
    start = backOver(target, start);
  }
  // A star that follows punctuation closes nothing where a letter follows it.
  const closesAnywhere = !/^[*_~]/u.test(mark.close);
  if (PUNCTUATION.test(inner.trimEnd().at(-1) ?? '')) {
    const after = overPunctuation(target, end);
    end = closesAnywhere || !LETTER.test(target[after] ?? ' ') ? after : end;
  }
  const beside = LETTER.test(target[start - 1] ?? ' ') || LETTER.test(target[end] ?? ' ');
  const plain = (text: string) => (beside && /^_+$/u.test(text) ? '*'.repeat(text.length) : text);
  return [
    { at: start, text: plain(mark.open), order: depth + 1 },
    { at: end, text: plain(mark.close), order: -DEEPEST - depth },
  ];
}

/** Where a mark that stands alone goes. */
function pointFor(start: number, { from, to, shares }: AlignedWords, source: string, target: string): number {
  const before = from.map((word) => (word.start + word.end) / 2 < start);
  const share = (word: number, which: boolean) =>
    shares[word].reduce((sum, value, index) => (before[index] === which ? sum + value : sum), 0);
  let wrong = to.reduce((sum, _, word) => sum + share(word, true), 0);
  let least = wrong;
  let gap = 0;
  for (let word = 0; word < to.length; word++) {
    wrong += share(word, false) - share(word, true);
    if (wrong < least) {
      least = wrong;
      gap = word + 1;
    }
  }
  const [left, right] = [source[start - 1] ?? ' ', source[start] ?? ' '];
  const after: Word | undefined = to[gap];
  const opensWord = /\s/u.test(left) && !/\s/u.test(right);
  if (gap === 0 || (opensWord && after)) {
    return after?.start ?? 0;
  }
  const { end } = to[gap - 1];
  return PUNCTUATION.test(left) ? overPunctuation(target, end) : end;
}

/** Escapes go before the same characters; undefined where another number of them came back. */
function placeEscapes(
  marks: readonly SentenceMark[],
  source: string,
  target: string,
): Insertion[] | undefined {
  const escaped = new Map<string, Set<number>>();
  for (const mark of marks) {
    if (mark.kind === 'escape') {
      const character = source[mark.start] ?? '';
      escaped.set(character, (escaped.get(character) ?? new Set()).add(mark.start));
    }
  }
  const insertions: Insertion[] = [];
  for (const [character, places] of escaped) {
    const there = placesOf(source, character);
    const here = placesOf(target, character);
    const all = there.every((place) => places.has(place));
    if (!all && here.length !== there.length) {
      return undefined;
    }
    here.forEach((at, index) => {
      if (all || places.has(there[index])) {
        insertions.push({ at, text: '\\', order: 2 * DEEPEST });
      }
    });
  }
  return insertions;
}

function placesOf(text: string, character: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(character); at >= 0 && character !== ''; at = text.indexOf(character, at + 1)) {
    places.push(at);
  }
  return places;
}

function overPunctuation(text: string, from: number): number {
  let at = from;
  while (at < text.length && PUNCTUATION.test(text[at])) {
    at++;
  }
  return at;
}

function backOver(text: string, from: number): number {
  let at = from;
  while (at > 0 && PUNCTUATION.test(text[at - 1])) {
    at--;
  }
  return at;
}
