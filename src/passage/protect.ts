// Finds what must not be translated inside of a paragraph: code, addresses, names of things in programs, and marks of markup.
import type { Markup, Span } from './paragraph';

/** `code` is copied as one word of its sentence; `mark` stands between words without being one, such as `**`. */
export interface Protected extends Span {
  readonly kind: 'code' | 'mark';
}

/** Looks like a name with dots, and is none. */
const ABBREVIATION = /^(?:[ei]\.[eg]|[ap]\.m|[zu]\.[Ba]|d\.h|U\.S(?:\.A)?|Ph\.D|vs)$/u;

/** Code in back-ticks, which may hold what looks like marks. */
const TICKS = /(?<ticks>`+)(?!`)(?:[\s\S]{0,200}?[^`])?\k<ticks>(?!`)/u;

/** In code and prose alike; what comes first wins where two begin at the same place. */
const CODE: readonly RegExp[] = [
  /\b[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/u, // https://…
  /\bwww\.[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/u,
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/u, // name@host.org
  /\{@[A-Za-z]+[^{}]*\}/u, // {@link Name}
  /<\/?[A-Za-z][^<>\n]*>/u, // <tag>, <T>
  /\b[A-Za-z]:\\[^\s"'<>|]*[^\s"'<>|.,;:!?)]/u, // C:\folder
  /(?<![\w/.])(?:~|\.{1,2})?\/[\w@.+-]*\w(?:\/[\w@.+-]*\w)*\/?/u, // /folder/file, ./file
  /(?<![\w/.])[\w@.-]+(?:\/[\w@.-]*[\w-]){2,}\/?/u, // folder/folder/file
  /(?<![\w/.])[\w@-]+\/[\w@.-]*\.\w+/u, // folder/file.ts
  /(?<![\w-])--[A-Za-z][\w-]*(?:=[^\s,;)]+)?/u, // --flag=value
  /(?<![\w-])-[A-Za-z](?![\w-])/u, // -f
  /[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)*\((?!(?:s|es|ies|n|e|en)\))[^()\s]*\)/u, // foo(), a.b(c)
  /[A-Za-z_$][\w$]*(?:\[[\w$.]*\])+/u, // list[0]
  /[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+/u, // a.b.c, file.ts
  /(?<![\w.])\.(?:[a-z]{1,6}\d?)\b(?!\.)/u, // .json
  /[@$%#\\][A-Za-z_][\w$]*(?:\{[^{}]*\})?/u, // @tag, $name, \cmd{…}
  /\b\w*_\w*\b/u, // snake_case, CONSTANT_CASE
  /\b[A-Za-z0-9$]*[a-z][A-Za-z0-9$]*[A-Z][A-Za-z0-9$]*\b/u, // camelCase, PascalCase
  /\b0x[0-9a-fA-F]+\b/u,
  /\bv?\d+\.\d+\.\d+(?:[-.]\w+)*\b/u, // 1.2.3-beta
];

const MARKDOWN_CODE: readonly RegExp[] = [
  /!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/u, // pictures
  /\$\$?[^$\s](?:[^$]{0,200}[^$\s])?\$\$?/u, // formulas
  /&[A-Za-z#0-9]+;/u, // entities
];

const MARKDOWN_MARKS: readonly RegExp[] = [
  /\[\^[^\]]+\]/u, // footnotes
  /\]\((?:[^()\s]|\([^()]*\))*(?:\s+"[^"]*")?\)/u, // ](address)
  /\]\[[^\]]*\]/u, // ][name]
  /(?<!\\)\[(?=[^\]]*\](?:\(|\[))/u,
  /<\/?[A-Za-z][^<>\n]*>/u,
  /(?<!\\)\*{1,3}(?=[^\s*])|(?<=[^\s*\\])\*{1,3}/u,
  /(?<![\w\\])_{1,3}(?=[^\s_])|(?<=[^\s_\\])_{1,3}(?!\w)/u,
  /~~/u,
  /\\(?=[!-/:-@[-`{-~])/u, // escapes
];

const HTML_MARKS: readonly RegExp[] = [/<!--[\s\S]*?-->|<\/?[A-Za-z][^<>]*>/u];
const HTML_CODE: readonly RegExp[] = [/&[A-Za-z#0-9]+;/u];

const RULES: Readonly<Record<Markup, RegExp>> = {
  plain: rules([TICKS], [], CODE),
  comment: rules([TICKS], [], CODE),
  markdown: rules([TICKS, ...MARKDOWN_CODE], MARKDOWN_MARKS, CODE),
  html: rules([], HTML_MARKS, [...HTML_CODE, ...CODE]),
};

/** The protected ranges of a paragraph, in order, none over another. A line end in it must have been made a space. */
export function protectedRanges(text: string, markup: Markup): Protected[] {
  const found: Protected[] = [];
  for (const match of text.matchAll(RULES[markup])) {
    const kind = match.groups?.mark !== undefined ? 'mark' : 'code';
    const [covered] = match;
    if (covered !== '' && !ABBREVIATION.test(covered)) {
      found.push({ start: match.index, end: match.index + covered.length, kind });
    }
  }
  return found;
}

/** One pattern of all rules: code that may hold marks, marks, then all other code. */
function rules(first: readonly RegExp[], marks: readonly RegExp[], code: readonly RegExp[]): RegExp {
  const any = (list: readonly RegExp[]) => list.map(({ source }) => source).join('|');
  const parts = [any(first), marks.length > 0 ? `(?<mark>${any(marks)})` : '', any(code)];
  return new RegExp(parts.filter((part) => part !== '').join('|'), 'gu');
}
