// Finds the paragraph and the sentence around a place in a text; knows lines and Intl.Segmenter, not editors.

/** UTF-16 range `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text by its lines, without line ends; a document can be one without being copied. */
export interface Lines {
  readonly count: number;
  line(index: number): string;
}

/** Characters on each side of the place that are searched for the ends of its sentence. */
const REACH = 2_000;

/** Lines on each side that a paragraph may have. */
const MAX_LINES = 40;

/** What opens a line without belonging to its sentence: list bullets, headings, quotes and comment signs. */
const MARKER = /^(?:\s|[-+•–]\s|\d{1,3}[.)]\s|[#>*/;%]+(?=\s|$)|--(?=\s))*/u;

/** Lines that stand alone or begin a block: headings, list items, table rows. */
const BLOCK_START = /^\s*(?:#{1,6}\s|[-*+•]\s|\d{1,3}[.)]\s|\|)/u;
const HEADING = /^\s*#{1,6}\s/u;
/** Code fences, rules, underlines of headings: never part of a sentence. */
const SEPARATOR = /^\s*(?:`{3,}.*|~{3,}.*|[-=_*]{3,})?\s*$/u;

/**
 * The first and last line of the paragraph around line `at`: lines that belong together because no blank line,
 * list bullet, heading or code fence parts them. Undefined where that line has no text.
 */
export function paragraphAt(
  lines: Lines,
  at: number,
): { readonly first: number; readonly last: number } | undefined {
  if (at < 0 || at >= lines.count || SEPARATOR.test(lines.line(at))) {
    return undefined;
  }
  let first = at;
  while (first > 0 && at - first < MAX_LINES && !BLOCK_START.test(lines.line(first))) {
    const above = lines.line(first - 1);
    if (SEPARATOR.test(above) || HEADING.test(above)) {
      break;
    }
    first--;
  }
  let last = at;
  while (last + 1 < lines.count && last - at < MAX_LINES && !HEADING.test(lines.line(last))) {
    const below = lines.line(last + 1);
    if (SEPARATOR.test(below) || BLOCK_START.test(below)) {
      break;
    }
    last++;
  }
  return { first, last };
}

/**
 * The sentence of `paragraph` that holds `offset`, without surrounding white space and without the marker that opens
 * its line. Line ends inside the paragraph count as spaces. A sentence is looked for within 2,000 characters on each
 * side. Undefined when there is no letter or digit in it.
 */
export function sentenceAt(paragraph: string, offset: number): Span | undefined {
  const from = Math.max(0, offset - REACH);
  const window = paragraph.slice(from, offset + REACH).replace(/[\r\n\u2028\u2029]/gu, ' ');
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
  // At the very end of the text the place belongs to the last sentence.
  const place = Math.max(0, Math.min(offset - from, window.length - 1));
  const segment = segmenter.segment(window).containing(place);
  if (!segment) {
    return undefined;
  }
  let start = from + segment.index;
  let end = start + segment.segment.length;
  if (isLineStart(paragraph, start)) {
    start += MARKER.exec(paragraph.slice(start, end))?.[0].length ?? 0;
  }
  while (start < end && /\s/u.test(paragraph[start])) {
    start++;
  }
  while (end > start && /\s/u.test(paragraph[end - 1])) {
    end--;
  }
  return /[\p{L}\p{N}]/u.test(paragraph.slice(start, end)) ? { start, end } : undefined;
}

function isLineStart(text: string, offset: number): boolean {
  return offset === 0 || /[\r\n]/u.test(text[offset - 1]);
}
