// Finds the comments of a program as ranges; what is in them is for others to read. Knows strings, so that they are no comments.
import type { CommentSyntax } from './commentSyntax';
import type { Span } from './paragraph';
import { startOfLine } from './paragraph';

/** A comment without the signs that open and close it. */
export interface Comment extends Span {
  /** Whether it ends with its line. */
  readonly line: boolean;
  /** Where its opening sign begins. */
  readonly opens: number;
  /** Whether nothing but white space stands before it in its line. */
  readonly alone: boolean;
}

/** All comments of a document, in order. */
export function commentsOf(text: string, syntax: CommentSyntax): Comment[] {
  const comments: Comment[] = [];
  const signs = signsOf(syntax);
  signs.lastIndex = 0;
  for (let match = signs.exec(text); match; match = signs.exec(text)) {
    const [sign] = match;
    const opens = match.index;
    const alone = text.slice(startOfLine(text, opens), opens).trim() === '';
    const block = syntax.blocks.find(({ open, ownLine }) => open === sign && (!ownLine || alone));
    if (block) {
      const start = opens + sign.length;
      const end = indexOrEnd(text, block.close, start);
      comments.push({ start, end, opens, alone, line: false });
      signs.lastIndex = Math.max(end + block.close.length, start);
    } else if (syntax.line.includes(sign)) {
      const end = lineEnd(text, opens);
      if (opens === 0 && text.startsWith('#!')) {
        signs.lastIndex = end; // names the interpreter
      } else if (isLineComment(text, opens, sign)) {
        comments.push({ start: opens + sign.length, end, opens, alone, line: true });
        signs.lastIndex = end;
      }
    } else {
      signs.lastIndex = endOfString(text, opens + sign.length, sign, syntax.longQuotes.includes(sign));
    }
  }
  return comments;
}

/** `#` inside of a word and `--` before a sign begin nothing; `::` and `'` only at the beginning of a line or after a space. */
function isLineComment(text: string, opens: number, sign: string): boolean {
  const before = opens === 0 ? '\n' : text[opens - 1];
  return sign === '//' ? before !== ':' : /[\s;{}()[\],]/u.test(before);
}

function signsOf({ line, blocks, quotes, longQuotes }: CommentSyntax): RegExp {
  const signs = [...blocks.map(({ open }) => open), ...line, ...longQuotes, ...quotes];
  const longestFirst = [...new Set(signs)].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((sign) => sign.replace(/[$()*+./?[\\\]^{|}]/gu, '\\$&'));
  return new RegExp(escaped.join('|'), 'gu');
}

function endOfString(text: string, from: number, quote: string, long: boolean): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') {
      at++;
    } else if (text.startsWith(quote, at)) {
      return at + quote.length;
    } else if (!long && /[\r\n]/u.test(text[at])) {
      return at;
    }
  }
  return text.length;
}

function indexOrEnd(text: string, sign: string, from: number): number {
  const at = text.indexOf(sign, from);
  return at < 0 ? text.length : at;
}

function lineEnd(text: string, from: number): number {
  const end = indexOrEnd(text, '\n', from);
  return end > from && text[end - 1] === '\r' ? end - 1 : end;
}
