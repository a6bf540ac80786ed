// What there is to translate in the comments of a program: prose without markers, tags of documentation, and code that was commented out.
import type { Comment } from './comments';
import { commentsOf } from './comments';
import type { CommentSyntax } from './commentSyntax';
import type { Paragraph, Span } from './paragraph';
import { columnOf } from './paragraph';

/** What may stand between the margin of a comment and its words. */
const MARGIN = /^(?:[/!*#;%|-]{1,4}(?=\s|$)|[/!*#]{1,3})?[ \t]*/u;

/** Opens a line without being its text, and parts it from the one above. */
const LEAD =
  /^(?:[-*+•–]\s+|\d{1,3}[.)]\s+|>\s+|(?:TODO|FIXME|NOTE|HACK|XXX|WARNING|BUG)(?:\([^)]*\))?:?\s+|@(?:param|arg|argument|prop|property|template|typeParam|tparam|field)\s+(?:\{[^}]*\}\s*)?(?:\[[^\]]*\]|[\w$.]+)(?:\s+-(?=\s))?\s*|@(?:returns?|throws?|exception|yields?|type|typedef|enum|default|this)\s*(?:\{[^}]*\}\s*)?|@[\w-]+\s*|\\(?:param|return|brief|throws?|note)(?:\[[^\]]*\])?\s+|:(?:param|return|returns|raises?|type|rtype|var|ivar)(?:\s+[\w.* ]+)?:\s*|[A-Za-z_]\w*\s*(?:\([^)]*\))?\s*:\s+(?=[A-Z]))/u;

/** Nothing in such a line is for readers: instructions to tools, rules, code. */
const NO_PROSE: readonly RegExp[] = [
  /^(?:eslint|prettier|biome|tslint|jshint|jscs|istanbul|c8|v8|webpack|vite|stylelint|sourceMappingURL)\b/u,
  /^(?:@ts-|#?(?:region|endregion|pragma)\b|noqa\b|nolint\b|type:\s*ignore|pylint:|mypy:|pyright:|flake8|go:|clang-|NOLINT|SPDX-|-\*-|vim?:|coding[:=])/u,
  /^@(?:see|type|typedef|import|module|class|extends|implements|override|private|public|protected|internal|readonly|static|async|since|version|author|license|copyright)\b/u,
  /^(?:>>>|\.\.\.) /u,
  /[;{}]\s*$|^\s*[)\]}]|=>|^\s*(?:import|from|const|let|var|return|if|for|while|def|#include)\b.*[;:({=]/u,
];
const FENCE = /^(?:```|~~~)/u;
const EXAMPLE = /^(?:@example|@code|\\code)\b/u;
const TAG = /^(?:@\w|:param|:return|:rtype|:raises)/u;

/** The paragraphs of all comments. */
export function commentParagraphs(text: string, syntax: CommentSyntax): Paragraph[] {
  return grouped(text, commentsOf(text, syntax)).flatMap((comments) =>
    paragraphsOf(
      text,
      comments.flatMap((comment) => linesOf(text, comment)),
    ),
  );
}

/** Comments of one line below each other, with the same indentation, are one text. */
function grouped(text: string, comments: readonly Comment[]): Comment[][] {
  const groups: Comment[][] = [];
  for (const comment of comments) {
    const above = groups.at(-1)?.at(-1);
    const goesOn =
      above?.line &&
      above.alone &&
      comment.line &&
      comment.alone &&
      /^\r?\n[ \t]*$/u.test(text.slice(above.end, comment.opens)) &&
      columnOf(text, above.opens) === columnOf(text, comment.opens);
    if (goesOn) {
      groups.at(-1)?.push(comment);
    } else {
      groups.push([comment]);
    }
  }
  return groups;
}

/** The lines of a comment between its margins; empty ones are kept, for they part paragraphs. */
function linesOf(text: string, { start, end }: Comment): Span[] {
  const lines: Span[] = [];
  let at = start;
  for (const line of text.slice(start, end).split(/\r\n|\r|\n/u)) {
    // The first line has had its sign taken off already, but for doubled ones such as `///` and `/**`.
    const body = line.trimEnd();
    const indent = body.length - body.trimStart().length;
    const margin = MARGIN.exec(body.slice(indent))?.[0].length ?? 0;
    const from = at + Math.min(indent + margin, body.length);
    // A block comment may be closed by more than one star.
    const until =
      at +
      body.replace(/\s*[*=#/-]+$/u, (sign) => (/^\s*[*/=#]+$/u.test(sign) || sign.length > 2 ? '' : sign))
        .length;
    lines.push({ start: from, end: Math.max(from, until) });
    at += line.length;
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return lines;
}

function paragraphsOf(text: string, lines: readonly Span[]): Paragraph[] {
  const paragraphs: Span[][] = [];
  let open = false;
  let code: 'no' | 'fence' | 'example' = 'no';
  for (const { start, end } of lines) {
    const line = text.slice(start, end);
    if (FENCE.test(line)) {
      code = code === 'fence' ? 'no' : 'fence';
      open = false;
      continue;
    }
    code = code === 'example' && TAG.test(line) ? 'no' : code;
    code = code === 'no' && EXAMPLE.test(line) ? 'example' : code;
    if (code !== 'no' || !/\p{L}/u.test(line) || NO_PROSE.some((pattern) => pattern.test(line))) {
      open = false;
      continue;
    }
    const lead = LEAD.exec(line)?.[0] ?? '';
    if (!open || lead !== '') {
      paragraphs.push([]);
    }
    open = true;
    if (start + lead.length < end) {
      paragraphs.at(-1)?.push({ start: start + lead.length, end });
    }
  }
  return paragraphs.filter(({ length }) => length > 0).map((span) => ({ lines: span, markup: 'comment' }));
}
