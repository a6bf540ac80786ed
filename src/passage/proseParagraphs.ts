// The paragraphs of prose: plain text, Markdown and HTML. Markers of blocks, fenced code, tables' rules and front matter stay outside.
import type { Markup, Paragraph, Span } from './paragraph';

/** Opens a line of Markdown without being its text: quotes, headings, bullets, numbers, boxes. */
const LEAD =
  /^(?:[ \t]*(?:>[ \t]?|#{1,6}[ \t]+|[-*+•–][ \t]+(?:\[[ xX]\][ \t]+)?|\d{1,3}[.)][ \t]+|\[\^[^\]]+\]:[ \t]+))*[ \t]*/u;
const BLOCK_START = /^[ \t]*(?:#{1,6}[ \t]|[-*+•–][ \t]|\d{1,3}[.)][ \t]|\|)/u;
const HEADING = /^[ \t>]*#{1,6}[ \t]/u;
const FENCE = /^[ \t>]*(`{3,}|~{3,})/u;
/** Rules, underlines of headings, rows of signs in tables, definitions of links. */
const NO_PROSE = /^[ \t>]*(?:[-=_*+|: \t]*|\[[^\]^][^\]]*\]:.*|\{[%{].*)$/u;

/** The paragraphs of a document; `markup` says which signs count as markers. */
export function proseParagraphs(text: string, markup: Exclude<Markup, 'comment'>): Paragraph[] {
  const markdown = markup === 'markdown';
  const paragraphs: { lines: Span[]; markup: Markup }[] = [];
  let open = false;
  let fence = '';
  let blankAbove = true;
  let inList = false;
  const add = (span: Span, joins: boolean) => {
    if (!/[\p{L}]/u.test(text.slice(span.start, span.end))) {
      return;
    }
    const last = paragraphs.at(-1);
    if (last && joins) {
      last.lines.push(span);
    } else {
      paragraphs.push({ lines: [span], markup });
    }
  };
  const hidden = markdown ? frontMatter(text) : markup === 'html' ? -1 : 0;
  for (const { start, end } of linesOf(text, markup === 'html' ? elementsOf(text) : undefined)) {
    const line = text.slice(start, end);
    const tick = FENCE.exec(line)?.[1];
    const isFence = markup !== 'html' && tick !== undefined && (fence === '' || tick.startsWith(fence));
    if (
      isFence ||
      fence !== '' ||
      start < hidden ||
      isIndentedCode(line, markdown && blankAbove && !inList)
    ) {
      fence = isFence ? (fence === '' ? tick.slice(0, 3) : '') : fence;
      open = false;
      continue;
    }
    blankAbove = line.trim() === '';
    inList = blankAbove
      ? inList
      : /^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]/u.test(line) || (inList && /^[ \t]/u.test(line));
    if (blankAbove || NO_PROSE.test(line)) {
      open = false;
      continue;
    }
    if (markdown && /^[ \t]*\|/u.test(line)) {
      cellsOf(line).forEach((cell) => add({ start: start + cell.start, end: start + cell.end }, false));
      open = false;
      continue;
    }
    const lead = LEAD.exec(line)?.[0].length ?? 0;
    const body = line.trimEnd();
    add(
      { start: start + Math.min(lead, body.length), end: start + body.length },
      open && !BLOCK_START.test(line),
    );
    open = !HEADING.test(line);
  }
  return paragraphs;
}

function isIndentedCode(line: string, possible: boolean): boolean {
  return possible && /^(?: {4}|\t)/u.test(line);
}

/** Lines without their ends; `within` keeps only those parts of them. */
function* linesOf(text: string, within?: readonly Span[]): Generator<Span> {
  for (const { start, end } of within ?? [{ start: 0, end: text.length }]) {
    let at = start;
    for (const line of text.slice(start, end).split(/(\r\n|\r|\n)/u)) {
      if (!/^[\r\n]/u.test(line)) {
        yield { start: at, end: at + line.length };
      }
      at += line.length;
    }
    if (within) {
      yield { start: end, end };
    }
  }
}

/** The offset at which the front matter of a document ends; 0 without one. */
function frontMatter(text: string): number {
  return /^---[ \t]*\r?\n[\s\S]*?\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/u.exec(text)?.[0].length ?? 0;
}

/** The cells of a row of a table, without white space. */
function cellsOf(line: string): Span[] {
  const cells: Span[] = [];
  for (const match of line.matchAll(/(?:\\\||`[^`]*`|[^|])+/gu)) {
    const cell = match[0];
    const lead = cell.length - cell.trimStart().length;
    if (cell.trim() !== '') {
      cells.push({ start: match.index + lead, end: match.index + cell.trimEnd().length });
    }
  }
  return cells;
}

/** The contents of an HTML document between the tags of blocks, without scripts and styles. */
function elementsOf(text: string): Span[] {
  const block =
    /<!--[\s\S]*?-->|<!doctype[^>]*>|<(script|style|pre|code|svg|math)\b[\s\S]*?<\/\1\s*>|<\/?(?:html|head|body|title|meta|link|base|p|div|section|article|header|footer|main|nav|aside|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|caption|form|label|button|input|select|option|textarea|fieldset|legend|blockquote|figure|figcaption|hr|br|img|details|summary|template|slot)\b[^>]*>/giu;
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(block)) {
    spans.push({ start: at, end: match.index });
    at = match.index + match[0].length;
  }
  return [...spans, { start: at, end: text.length }].filter(
    ({ start, end }) => text.slice(start, end).trim() !== '',
  );
}
