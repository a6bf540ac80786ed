// Finds added tokens (special tokens, tags) in a text before the model sees it; the longest match at each place wins.
import type { AlignedText } from './alignedText';
import type { AddedToken } from './tokenizerFile';

/** A part of the text: an added token, or text for the next stage. */
export interface Section {
  readonly text: AlignedText;
  readonly token: AddedToken | undefined;
}

/** Added tokens by the unit they begin with, longest first. */
export type AddedTokenTable = ReadonlyMap<string, readonly { content: string; token: AddedToken }[]>;

const endsInWord = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const startsInWord = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** @param contentOf what to search for: the token's content, or its normalised form. */
export function addedTokenTable(
  tokens: readonly AddedToken[],
  contentOf: (token: AddedToken) => string = ({ content }) => content,
): AddedTokenTable {
  const table = new Map<string, { content: string; token: AddedToken }[]>();
  for (const token of tokens) {
    const content = contentOf(token);
    if (content !== '') {
      const entries = table.get(content[0]) ?? [];
      entries.push({ content, token });
      table.set(content[0], entries);
    }
  }
  for (const entries of table.values()) {
    entries.sort((a, b) => b.content.length - a.content.length);
  }
  return table;
}

/** Cuts `text` at its added tokens. `lstrip` and `rstrip` tokens take the white space beside them. */
export function splitAddedTokens(text: AlignedText, table: AddedTokenTable): Section[] {
  const source = text.text;
  const sections: Section[] = [];
  let done = 0;
  for (let at = 0; table.size > 0 && at < source.length;) {
    const match = table.get(source[at])?.find(({ content }) => source.startsWith(content, at));
    if (match === undefined) {
      at++;
      continue;
    }
    const { token, content } = match;
    let from = at;
    let to = at + content.length;
    at = to;
    if (
      token.singleWord &&
      (endsInWord.test(source.slice(Math.max(0, from - 2), from)) ||
        startsInWord.test(source.slice(to, to + 2)))
    ) {
      continue;
    }
    while (token.lstrip && from > done && /\p{White_Space}/u.test(source[from - 1])) {
      from--;
    }
    while (token.rstrip && to < source.length && /\p{White_Space}/u.test(source[to])) {
      to++;
    }
    if (from > done) {
      sections.push({ text: text.slice(done, from), token: undefined });
    }
    sections.push({ text: text.slice(from, to), token });
    done = to;
    at = to;
  }
  if (done < source.length) {
    sections.push({ text: text.slice(done, source.length), token: undefined });
  }
  return sections;
}
