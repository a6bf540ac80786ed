// A paragraph of a document: the ranges of its lines without what surrounds them, and where a line goes on in the next one.

/** UTF-16 range `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Which signs inside a paragraph are not its words: emphasis and links in Markdown, tags in HTML. */
export type Markup = 'plain' | 'markdown' | 'html' | 'comment';

/** Lines that belong together: indentation, markers and line ends lie outside of their ranges. In document order, none empty. */
export interface Paragraph {
  readonly lines: readonly Span[];
  readonly markup: Markup;
}

/** Lines shorter than that are not taken for lines that were broken because they were full, in columns. */
const NARROWEST = 40;

/** Columns of a tab. */
const TAB = 4;

/**
 * Parts a paragraph where a line end is meant, and leaves those together where the text only had no more room: a line goes
 * on in the next one when the next word would not have fitted, or when it goes on in lower case without a full stop before.
 */
export function unwrap(text: string, { lines, markup }: Paragraph): Paragraph[] {
  const width = widest(text, lines);
  const flows: Span[][] = [];
  for (const line of lines) {
    const flow = flows.at(-1);
    const above = flow?.at(-1);
    if (flow && above && goesOn(text, above, line, width)) {
      flow.push(line);
    } else {
      flows.push([line]);
    }
  }
  return flows.map((flow) => ({ lines: flow, markup }));
}

/** The column at which the longest line ends. */
export function widest(text: string, lines: readonly Span[]): number {
  return lines.reduce((width, { end }) => Math.max(width, columnOf(text, end)), 0);
}

function goesOn(text: string, above: Span, below: Span, width: number): boolean {
  const first = text.slice(above.start, above.end);
  const second = text.slice(below.start, below.end);
  // Two spaces or a backslash at the end of a line break it in Markdown.
  if (/(?: {2}|\\|<br\s*\/?>)$/u.test(text.slice(above.start, endOfLine(text, above.end)))) {
    return false;
  }
  const word = /^\S+/u.exec(second)?.[0] ?? '';
  const wouldEndAt =
    columnOf(text, above.end) +
    (endsWide(first) ? 0 : 1) +
    widthOf(endsWide(second[0] ?? '') ? second[0] : word);
  const full = width >= NARROWEST && wouldEndAt > width;
  return full || (/^\p{Ll}/u.test(second) && !/[.!?…:。！？]["'”’)\]]*$/u.test(first));
}

/** The end of the line that holds `offset`. */
export function endOfLine(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && !isLineEnd(text, at)) {
    at++;
  }
  return at;
}

/** The start of the line that holds `offset`. */
export function startOfLine(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && !isLineEnd(text, at - 1)) {
    at--;
  }
  return at;
}

function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 10 || code === 13;
}

/** The column of a place of the document, from 0: East Asian characters are two wide, tabs four. */
export function columnOf(text: string, offset: number): number {
  return widthOf(text.slice(startOfLine(text, offset), offset));
}

/** How many columns a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    width += character === '\t' ? TAB : isWide(character) ? 2 : 1;
  }
  return width;
}

/** Whether a text ends in a script that puts no spaces between its words. */
export function endsWide(text: string): boolean {
  return isWide(text.slice(-1));
}

/** Whether a character belongs to a script that is written without spaces, or to its punctuation. */
export function isWide(character: string): boolean {
  return /^[\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]/u.test(character);
}
