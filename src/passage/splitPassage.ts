// Parts what is selected into sentences to be translated and text to be kept; the parts, one after the other, are the text.
import { commentParagraphs } from './commentParagraphs';
import { commentSyntaxOf } from './commentSyntax';
import type { Markup, Paragraph, Span } from './paragraph';
import { pairMarks } from './pairMarks';
import { columnOf, isWide, unwrap, widest } from './paragraph';
import { proseParagraphs } from './proseParagraphs';
import { protectedRanges } from './protect';
import { sentencesOf } from './sentences';

/** A piece of a sentence: words, code that is copied, a mark between words, or a line end with what surrounds it. */
export interface Piece {
  readonly kind: 'prose' | 'code' | 'mark' | 'gap';
  readonly text: string;
}

/** The lines that a paragraph was broken into; undefined for a paragraph of one line, whose translation has one, too. */
export interface Wrapping {
  /** Columns of its longest line. */
  readonly width: number;
  /** The column at which its first part begins. */
  readonly column: number;
  /** What parts its lines: line end, indentation, marker. */
  readonly gaps: readonly string[];
}

export type SplitPart =
  /** `flow`: the paragraph it lies inside of, as an index into `flows`. */
  | { readonly kind: 'kept'; readonly text: string; readonly flow?: number }
  | {
      readonly kind: 'sentence';
      readonly text: string;
      readonly flow: number;
      readonly pieces: readonly Piece[];
    };

/** One selected place, taken apart. */
export interface SplitPassage {
  readonly text: string;
  readonly parts: readonly SplitPart[];
  readonly flows: readonly (Wrapping | undefined)[];
}

/** What the text is from. */
export interface SplitOptions {
  /** VS Code's name of the language; of a programming language only the comments are parted into sentences. */
  readonly languageId: string;
  /** BCP 47, the language of the sentences; the machine's where left out. */
  readonly locale?: string;
}

/**
 * Something to translate: a word of at least two letters without digits, or a letter of a script in which one may be a word. Of `p99`, a
 * single variable or a row of signs a model would make something up.
 */
const WORD = /\p{Lo}|(?<![\p{L}\p{N}])\p{L}{2,}(?![\p{L}\p{N}])/u;

const MARKDOWN = new Set(['markdown', 'mdx', 'quarto', 'rmd', 'restructuredtext', 'asciidoc']);

/** Parts some places of a document. The rest of the document tells what is a comment and what is code. */
export function splitPassages(
  document: string,
  places: readonly Span[],
  { languageId, locale }: SplitOptions,
): SplitPassage[] {
  const syntax = commentSyntaxOf(languageId);
  const markup: Exclude<Markup, 'comment'> = MARKDOWN.has(languageId)
    ? 'markdown'
    : ['html', 'handlebars', 'razor', 'php-html'].includes(languageId)
      ? 'html'
      : 'plain';
  const paragraphs = syntax ? commentParagraphs(document, syntax) : proseParagraphs(document, markup);
  const flows = paragraphs.flatMap((paragraph) => unwrap(document, paragraph));
  return places.map((place) => splitPlace(document, place, flows, locale));
}

function splitPlace(
  document: string,
  place: Span,
  paragraphs: readonly Paragraph[],
  locale: string | undefined,
): SplitPassage {
  const parts: SplitPart[] = [];
  const flows: (Wrapping | undefined)[] = [];
  let at = place.start;
  const keep = (until: number, flow?: number) => {
    if (until > at) {
      parts.push({ kind: 'kept', text: document.slice(at, until), ...(flow === undefined ? {} : { flow }) });
      at = until;
    }
  };
  for (const paragraph of paragraphs) {
    const lines = clip(document, paragraph.lines, place);
    if (lines.length === 0) {
      continue;
    }
    const flow = flows.push(wrappingOf(document, lines)) - 1;
    const { start } = lines[0];
    const { text, masked, signs } = readable(document, lines, paragraph.markup);
    let begun = false;
    let sign = 0;
    for (const sentence of sentencesOf(masked, locale)) {
      while (sign < signs.length && signs[sign].start < sentence.start) {
        sign++;
      }
      const first = sign;
      while (sign < signs.length && signs[sign].start < sentence.end) {
        sign++;
      }
      const { words, pieces } = piecesOf(text, sentence, signs.slice(first, sign));
      if (pieces.some((piece) => piece.kind === 'prose' && WORD.test(piece.text))) {
        keep(start + words.start, begun ? flow : undefined);
        at = start + words.end;
        parts.push({ kind: 'sentence', text: text.slice(words.start, words.end), flow, pieces });
        begun = true;
      }
    }
  }
  keep(place.end);
  return { text: document.slice(place.start, place.end), parts, flows };
}

/** The lines of a paragraph as far as they are selected. */
function clip(document: string, lines: readonly Span[], place: Span): Span[] {
  return lines
    .map(({ start, end }) => ({ start: Math.max(start, place.start), end: Math.min(end, place.end) }))
    .filter(({ start, end }) => end > start && document.slice(start, end).trim() !== '');
}

function wrappingOf(document: string, lines: readonly Span[]): Wrapping | undefined {
  if (lines.length < 2) {
    return undefined;
  }
  return {
    width: widest(document, lines),
    column: columnOf(document, lines[0].start),
    gaps: lines.slice(1).map(({ start }, index) => document.slice(lines[index].end, start)),
  };
}

/** A sign inside of a paragraph that is not its prose. */
interface Sign extends Span {
  readonly kind: 'code' | 'mark' | 'gap';
}

/** A paragraph's text, and the same with all that is not prose hidden from those who look for sentences, of equal length. */
function readable(document: string, lines: readonly Span[], markup: Markup) {
  const { start } = lines[0];
  const text = document.slice(start, lines[lines.length - 1].end);
  const gaps = lines
    .slice(1)
    .map((line, index): Sign => ({ start: lines[index].end - start, end: line.start - start, kind: 'gap' }));
  const joined = hidden(text, gaps);
  const inner = protectedRanges(joined, markup);
  return { text, masked: hidden(joined, inner), signs: withGaps(gaps, inner) };
}

/** What hides a sign: a word joiner is no character to the rules of sentences. */
const HIDDEN = { code: 'x', mark: '\u2060', gap: ' ' } as const;

function hidden(text: string, signs: readonly Sign[]): string {
  let at = 0;
  const parts: string[] = [];
  for (const { start, end, kind } of signs) {
    parts.push(text.slice(at, start), HIDDEN[kind].repeat(end - start));
    at = end;
  }
  return parts.join('') + text.slice(at);
}

/** Both in order. Code that goes over a line end counts as prose: it is no code that anyone could copy. */
function withGaps(gaps: readonly Sign[], inner: readonly Sign[]): Sign[] {
  const signs: Sign[] = [];
  let next = 0;
  for (const sign of inner) {
    while (next < gaps.length && gaps[next].end <= sign.start) {
      signs.push(gaps[next++]);
    }
    if (next === gaps.length || gaps[next].start >= sign.end) {
      signs.push(sign);
    }
  }
  return [...signs, ...gaps.slice(next)];
}

/** A sentence without the marks around it, in pieces; `signs` are those that begin in it. */
function piecesOf(
  text: string,
  sentence: Span,
  signs: readonly Sign[],
): { readonly words: Span; readonly pieces: readonly Piece[] } {
  const spans: (Span & { readonly kind: Piece['kind'] })[] = [];
  let at = sentence.start;
  for (const sign of signs) {
    if (sign.start < at || sign.end > sentence.end) {
      continue;
    }
    if (sign.start > at) {
      spans.push({ start: at, end: sign.start, kind: 'prose' });
    }
    spans.push(sign);
    at = sign.end;
  }
  if (at < sentence.end) {
    spans.push({ start: at, end: sentence.end, kind: 'prose' });
  }
  const pieces = spans.map(({ start, end, kind }): Piece => ({ kind, text: text.slice(start, end) }));
  const [first, last] = withoutOuter(pieces);
  const words = { start: spans[first]?.start ?? sentence.start, end: spans[last - 1]?.end ?? sentence.start };
  return { words, pieces: pieces.slice(first, last) };
}

/** `[first, last)` of the pieces without what is around the sentence: white space, marks around all of it, and single marks. */
function withoutOuter(pieces: readonly Piece[]): readonly [first: number, last: number] {
  const isSpace = (piece: Piece | undefined) =>
    piece?.kind === 'gap' || (piece?.kind === 'prose' && piece.text.trim() === '');
  let [first, last] = [0, pieces.length];
  for (let before = -1; before !== last - first && first < last;) {
    before = last - first;
    const roles = pairMarks(pieces.slice(first, last));
    const begins = roles[0];
    if (isSpace(pieces[first]) || begins?.kind === 'point') {
      first++;
    } else if (isSpace(pieces[last - 1]) || roles.at(-1)?.kind === 'point') {
      last--;
    } else if (begins?.kind === 'open' && begins.partner === roles.length - 1) {
      first++;
      last--;
    }
  }
  return [first, last];
}

/** The sentence in one line, as it is read. */
export function inOneLine(pieces: readonly Piece[]): string {
  return pieces.reduce((text, piece) => text + readPiece(piece, text), '');
}

/** A line end is a space, but between characters of scripts that have none. */
export function readPiece({ kind, text }: Piece, before: string): string {
  return kind !== 'gap' ? text : isWide(before.slice(-1)) || before === '' ? '' : ' ';
}
