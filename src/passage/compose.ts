// Puts translated sentences into the place of their originals: kept text stays, and hard-wrapped paragraphs are wrapped again.
import { isWide, widthOf } from './paragraph';
import type { SplitPart, SplitPassage, Wrapping } from './splitPassage';
import { inOneLine } from './splitPassage';

/** Punctuation that does not begin a line. */
const NOT_FIRST = /^[,.;:!?)\]}»”’，。、；：！？）】》…]/u;

/** Signs of emphasis: nobody knows here whether they open or close. */
const MARK = /[*_~]/u;

/**
 * The text of a passage with its sentences replaced.
 * @param translated The translation of the sentence with that number in the passage, in one line; undefined keeps the original.
 */
export function compose(passage: SplitPassage, translated: (index: number) => string | undefined): string {
  let sentence = 0;
  const pieces = passage.parts.map((part) => {
    if (part.kind === 'kept') {
      return { part, text: undefined };
    }
    const text = translated(sentence++);
    return { part, text: text === undefined || text === inOneLine(part.pieces) ? undefined : text };
  });
  const changed = new Set(pieces.flatMap(({ part, text }) => (text === undefined ? [] : [part.flow ?? -1])));
  let result = '';
  for (let at = 0; at < pieces.length;) {
    const { part, text } = pieces[at];
    const wrapping = part.flow === undefined ? undefined : passage.flows[part.flow];
    if (!wrapping || part.flow === undefined || !changed.has(part.flow)) {
      result += text ?? part.text;
      at++;
      continue;
    }
    const words: string[] = [];
    for (; at < pieces.length && pieces[at].part.flow === part.flow; at++) {
      words.push(pieces[at].text ?? lineOf(pieces[at].part));
    }
    result += wrapped(words.join(''), wrapping);
  }
  return result;
}

function lineOf(part: SplitPart): string {
  if (part.kind === 'sentence') {
    return inOneLine(part.pieces);
  }
  // Between two sentences of a paragraph: white space and markers of comments, or signs without words.
  return /[\r\n]/u.test(part.text) ? ' ' : part.text;
}

/** A paragraph in lines of at most the width it had; words that are longer stand alone. */
export function wrapped(text: string, { width, column, gaps }: Wrapping): string {
  const lines: string[] = [];
  let line = '';
  let room = width - column;
  for (const { word, space } of wordsOf(text)) {
    const next = line + space + word;
    if (line !== '' && widthOf(next) > room) {
      lines.push(line);
      line = word;
      room = width - columnAfter(gapAt(gaps, lines.length - 1));
    } else {
      line = next;
    }
  }
  lines.push(line);
  return lines.reduce((so, next, index) => (index === 0 ? next : so + gapAt(gaps, index - 1) + next), '');
}

/** The places where a line may end: white space, and between characters of scripts without spaces. */
function wordsOf(text: string): { readonly word: string; readonly space: string }[] {
  const words: { word: string; space: string }[] = [];
  for (const match of text.matchAll(/(\s*)(\S+)/gu)) {
    let space = words.length === 0 ? '' : match[1];
    let word = '';
    for (const character of match[2]) {
      const breaks =
        word !== '' &&
        (isWide(character) || isWide(word.slice(-1))) &&
        !NOT_FIRST.test(character) &&
        !MARK.test(character + word.slice(-1));
      if (breaks) {
        words.push({ word, space });
        word = '';
        space = '';
      }
      word += character;
    }
    words.push({ word, space });
  }
  return words;
}

/** More lines than before repeat the last margin. */
function gapAt(gaps: readonly string[], index: number): string {
  return gaps[Math.min(index, gaps.length - 1)];
}

function columnAfter(gap: string): number {
  return widthOf(gap.slice(gap.lastIndexOf('\n') + 1));
}
