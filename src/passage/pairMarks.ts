// Which marks of a sentence belong together: what opens with what closes, tags by their names; the others stand alone.
import type { Piece } from './splitPassage';

/** What a mark does to the words around it. */
export type MarkRole =
  /** Opens or closes words; `partner` is the index of the other piece. */
  | { readonly kind: 'open' | 'close'; readonly partner: number }
  /** Belongs to the character behind it. */
  | { readonly kind: 'escape' }
  /** Stands between words: a line break, a footnote, or a mark whose partner is in another sentence. */
  | { readonly kind: 'point' };

const POINT: MarkRole = { kind: 'point' };
/** Elements without an end. */
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/iu;

/** The role of each piece that is a mark; undefined for the others. */
export function pairMarks(pieces: readonly Piece[]): readonly (MarkRole | undefined)[] {
  const roles: (MarkRole | undefined)[] = pieces.map(() => undefined);
  const open: { readonly index: number; readonly name: string }[] = [];
  pieces.forEach(({ kind, text }, index) => {
    if (kind !== 'mark') {
      return;
    }
    roles[index] = text === '\\' ? { kind: 'escape' } : POINT;
    const names = namesOf(text, pieces[index - 1]?.text ?? '', pieces[index + 1]?.text ?? '');
    const at = open.findLastIndex(({ name }) => name === names.closes);
    if (names.closes !== undefined && at >= 0) {
      const partner = open[at].index;
      roles[partner] = { kind: 'open', partner: index };
      roles[index] = { kind: 'close', partner };
      // What was opened in between and not closed stands alone.
      open.splice(at);
    } else if (names.opens !== undefined) {
      open.push({ index, name: names.opens });
    }
  });
  return roles;
}

/** What a mark can open, and what it can close. */
function namesOf(
  mark: string,
  before: string,
  after: string,
): { readonly opens?: string | undefined; readonly closes?: string | undefined } {
  const tag = /^<(\/?)([A-Za-z][\w-]*)[^>]*?(\/?)>$/u.exec(mark);
  if (tag) {
    const [, closing, name, empty] = tag;
    if (empty !== '' || VOID.test(name)) {
      return {};
    }
    return closing === '' ? { opens: `<${name.toLowerCase()}` } : { closes: `<${name.toLowerCase()}` };
  }
  if (mark === '[') {
    return { opens: '[' };
  }
  if (mark.startsWith('](') || mark.startsWith('][')) {
    return { closes: '[' };
  }
  if (/^(?:\*+|_+|~~)$/u.test(mark)) {
    return {
      opens: /^\s|^$/u.test(after) ? undefined : mark,
      closes: /\s$|^$/u.test(before) ? undefined : mark,
    };
  }
  return {};
}
