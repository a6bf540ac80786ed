// Parts a text into sentences by Intl.Segmenter, repaired where it takes the full stop of an abbreviation for the end of one.
import type { Span } from './paragraph';

/** Longer sentences are parted at a comma or a space, so that every model can read them; in UTF-16 units. */
const LONGEST = 400;

/** What stands before a full stop without ending a sentence, in the languages of the texts that are read most. */
const ABBREVIATIONS = new Set(
  (
    'mr mrs ms dr prof st jr sr vs cf ca approx resp fig figs eq eqs sec ch vol no nos pp ed eds al e.g i.e incl excl max min ' +
    'dept est inc ltd co gen col sgt capt rev hon nr abb bzw z.b d.h u.a usw evtl ggf vgl bspw mme mlle env ex'
  ).split(' '),
);

/** Ranges of the sentences in document order, without white space around them; everything else in the text is white space. */
export function sentencesOf(text: string, locale?: string): Span[] {
  const joined: { start: number; end: number }[] = [];
  let goesOn = false;
  for (const { index, segment } of segmentsOf(text, segmenterFor(locale))) {
    const last = joined.at(-1);
    if (last && goesOn) {
      last.end = index + segment.length;
    } else {
      joined.push({ start: index, end: index + segment.length });
    }
    goesOn = endsInAbbreviation(segment);
  }
  return joined.flatMap((span) => parted(text, trimmed(text, span))).filter(({ start, end }) => end > start);
}

/** Characters that are looked at together: Intl.Segmenter needs far more than twice the time for twice the text. */
const WINDOW = 4_000;

function* segmentsOf(
  text: string,
  segmenter: Intl.Segmenter,
): Generator<{ readonly index: number; readonly segment: string }> {
  for (let at = 0; at < text.length;) {
    const found = [...segmenter.segment(text.slice(at, at + WINDOW))];
    // The last one may go on behind the window.
    const whole = at + WINDOW < text.length && found.length > 1 ? found.slice(0, -1) : found;
    for (const { index, segment } of whole) {
      yield { index: at + index, segment };
    }
    at += whole.reduce((sum, { segment }) => sum + segment.length, 0);
  }
}

/** A locale that this machine knows nothing of is no reason to stop. */
function segmenterFor(locale: string | undefined): Intl.Segmenter {
  try {
    return new Intl.Segmenter(locale, { granularity: 'sentence' });
  } catch {
    return new Intl.Segmenter(undefined, { granularity: 'sentence' });
  }
}

function endsInAbbreviation(segment: string): boolean {
  const word = /(?:^|[\s(["'“„])([\p{L}.]+)\.\s*$/u.exec(segment)?.[1];
  // One capital letter is an initial, unless it is the whole sentence.
  return word !== undefined && (ABBREVIATIONS.has(word.toLowerCase()) || /^\p{Lu}$/u.test(word));
}

/** A sentence that is too long, parted after punctuation where there is some, else between words, else anywhere. */
function parted(text: string, { start, end }: Span): Span[] {
  if (end - start <= LONGEST) {
    return [{ start, end }];
  }
  const window = text.slice(start, start + LONGEST);
  const cut =
    lastMatch(window, /[;:—,、，；：](?=\s|[^\s\p{N}])/gu) ??
    lastMatch(window, /\s(?=\S)/gu) ??
    wholeCharacters(window);
  return [
    trimmed(text, { start, end: start + cut }),
    ...parted(text, trimmed(text, { start: start + cut, end })),
  ];
}

/** The end of the last match in the second half. */
function lastMatch(text: string, pattern: RegExp): number | undefined {
  const ends = [...text.matchAll(pattern)].map((match) => match.index + match[0].length);
  return ends.filter((end) => end > text.length / 2).at(-1);
}

function wholeCharacters(text: string): number {
  return /[\ud800-\udbff]$/u.test(text) || (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800
    ? text.length - 1
    : text.length;
}

function trimmed(text: string, { start, end }: Span): Span {
  const part = text.slice(start, end);
  const lead = part.length - part.trimStart().length;
  return { start: start + lead, end: Math.max(start + lead, start + part.trimEnd().length) };
}
