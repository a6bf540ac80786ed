// Aligns the tokens of two texts, of any tokenizers: by the words that both have in the same order, and inside of them by characters.
import type { AlignedItem, AlignedPart } from '../shared/contrast';
import type { TokenSequence, Unit } from '../shared/tokens';
import { alignSequences } from './changes';

/** A piece or a word with the text it covers; `start` is −1 for what covers none. */
interface Part extends AlignedPart {
  readonly start: number;
  readonly end: number;
}

/** What the longest common subsequence is made of: a word of the text, or a part that covers no letters. */
interface Atom {
  readonly key: string;
  /** Where it stands among the others. */
  readonly at: number;
  readonly from: { readonly start: number; readonly end: number } | { readonly part: number };
}

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * Every token of both texts, in reading order. Words of the longest common subsequence are the same; where two tokenizers cut
 * such a word otherwise, the smallest stretches with borders in common stand together. Special tokens are the same where the
 * vocabularies spell them alike. Between them, what only one text has is paired as far as both have some. Padding is left out.
 */
export function alignTexts(a: TokenSequence, b: TokenSequence, unit: Unit): readonly AlignedItem[] {
  const [partsA, partsB] = [partsOf(a, unit), partsOf(b, unit)];
  const [atomsA, atomsB] = [atomsOf(a, partsA), atomsOf(b, partsB)];
  const groups = new Groups(partsA.length, partsB.length);
  const [ownersA, ownersB] = [ownersOf(a.text, partsA), ownersOf(b.text, partsB)];
  const mapped = { a: new Set<number>(), b: new Set<number>() };
  /** Parts without letters that both texts have here. */
  const paired = new Set<Part>();
  for (const [i, j] of commonAtoms(atomsA, atomsB)) {
    const [first, second] = [atomsA[i].from, atomsB[j].from];
    if ('part' in first && 'part' in second) {
      groups.join([first.part], [second.part]);
      paired.add(partsA[first.part]).add(partsB[second.part]);
    } else if ('start' in first && 'start' in second) {
      for (let offset = 0; offset < first.end - first.start; offset++) {
        mapped.a.add(first.start + offset);
        mapped.b.add(second.start + offset);
        groups.join(ownersA[first.start + offset] ?? [], ownersB[second.start + offset] ?? []);
      }
    }
  }
  groups.close();
  const whole = (text: string, part: Part, known: ReadonlySet<number>) =>
    part.start < 0 ? paired.has(part) : lettersIn(text, part.start, part.end).every((at) => known.has(at));
  return itemsOf(
    partsA,
    partsB,
    groups,
    (part) => whole(a.text, part, mapped.a),
    (part) => whole(b.text, part, mapped.b),
  );
}

function partsOf({ tokens, words }: TokenSequence, unit: Unit): readonly Part[] {
  if (unit === 'pieces') {
    return tokens.flatMap(({ label, start, end, padding }, index) =>
      padding === true ? [] : [{ first: index, last: index, label, start, end }],
    );
  }
  return words.filter(({ first }) => tokens[first].padding !== true);
}

/** Places of the characters in a stretch of text that are no white space. */
function lettersIn(text: string, start: number, end: number): readonly number[] {
  const places: number[] = [];
  for (let at = start; at < end; at++) {
    if (/\S/u.test(text[at])) {
      places.push(at);
    }
  }
  return places;
}

/** The parts that cover each character; several where a character has several pieces. */
function ownersOf(text: string, parts: readonly Part[]): readonly (readonly number[] | undefined)[] {
  const owners: number[][] = [];
  parts.forEach(({ start, end }, index) => {
    for (const at of start < 0 ? [] : lettersIn(text, start, end)) {
      (owners[at] ??= []).push(index);
    }
  });
  return owners;
}

function atomsOf({ text, tokens }: TokenSequence, parts: readonly Part[]): readonly Atom[] {
  const atoms: Atom[] = [];
  for (const { segment, index } of segmenter.segment(text)) {
    if (segment.trim() !== '') {
      atoms.push({ key: `word ${segment}`, at: index, from: { start: index, end: index + segment.length } });
    }
  }
  let end = 0;
  parts.forEach((part, index) => {
    if (part.start < 0 || lettersIn(text, part.start, part.end).length === 0) {
      const pieces = tokens.slice(part.first, part.last + 1).map(({ piece }) => piece);
      // Behind the text before it, and before whatever begins there.
      atoms.push({ key: `piece ${pieces.join(' ')}`, at: end - 0.5, from: { part: index } });
    }
    end = Math.max(end, part.end);
  });
  // Sorting is stable: parts at one place stay in order.
  return atoms.sort((x, y) => x.at - y.at);
}

function commonAtoms(a: readonly Atom[], b: readonly Atom[]): readonly (readonly [number, number])[] {
  const numbers = new Map<string, number>();
  const numbered = ({ key }: Atom) => {
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
  return alignSequences(a.map(numbered), b.map(numbered)).flatMap(({ before, after }) =>
    before !== undefined && after !== undefined && a[before].key === b[after].key
      ? [[before, after] as const]
      : [],
  );
}

/** Which parts of both texts belong together. */
class Groups {
  private readonly parent: number[];

  /** Parts of the second text come after those of the first. */
  constructor(
    private readonly first: number,
    private readonly second: number,
  ) {
    this.parent = Array.from({ length: first + second }, (_, index) => index);
  }

  join(a: readonly number[], b: readonly number[]): void {
    const all = [...a, ...b.map((index) => this.first + index)];
    all.slice(1).forEach((each) => (this.parent[this.root(each)] = this.root(all[0])));
  }

  ofFirst(index: number): number {
    return this.root(index);
  }

  ofSecond(index: number): number {
    return this.root(this.first + index);
  }

  /** A part between two others of a group belongs to it. */
  close(): void {
    for (let joined = true; joined;) {
      joined = this.closeRange(0, this.first) || this.closeRange(this.first, this.first + this.second);
    }
  }

  private closeRange(begin: number, end: number): boolean {
    const lastOf = new Map<number, number>();
    for (let index = begin; index < end; index++) {
      lastOf.set(this.root(index), index);
    }
    for (let index = begin; index < end; index++) {
      const group = this.root(index);
      const next = index + 1;
      if (next <= (lastOf.get(group) ?? index) && this.root(next) !== group) {
        this.parent[this.root(next)] = group;
        return true;
      }
    }
    return false;
  }

  private root(index: number): number {
    let at = index;
    while (this.parent[at] !== at) {
      at = this.parent[at];
    }
    this.parent[index] = at;
    return at;
  }
}

function itemsOf(
  a: readonly Part[],
  b: readonly Part[],
  groups: Groups,
  isWholeA: (part: Part) => boolean,
  isWholeB: (part: Part) => boolean,
): readonly AlignedItem[] {
  const inB = new Set(b.map((_, index) => groups.ofSecond(index)));
  const shared = new Set(a.map((_, index) => groups.ofFirst(index)).filter((group) => inB.has(group)));
  const items: AlignedItem[] = [];
  const alone = { a: [] as Part[], b: [] as Part[] };
  const flush = (): void => {
    for (let row = 0; row < Math.max(alone.a.length, alone.b.length); row++) {
      const [first, second] = [alone.a.at(row), alone.b.at(row)];
      items.push({ a: first && partOf([first]), b: second && partOf([second]), same: false });
    }
    alone.a.length = 0;
    alone.b.length = 0;
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const groupA = i < a.length ? groups.ofFirst(i) : undefined;
    const groupB = j < b.length ? groups.ofSecond(j) : undefined;
    if (groupA !== undefined && !shared.has(groupA)) {
      alone.a.push(a[i++]);
    } else if (groupB !== undefined && groupA !== groupB) {
      alone.b.push(b[j++]);
    } else if (groupB === undefined) {
      alone.a.push(a[i++]);
    } else {
      flush();
      const [fromA, fromB] = [i, j];
      while (i < a.length && groups.ofFirst(i) === groupA) {
        i++;
      }
      while (j < b.length && groups.ofSecond(j) === groupA) {
        j++;
      }
      const [first, second] = [a.slice(fromA, i), b.slice(fromB, j)];
      const same = first.every(isWholeA) && second.every(isWholeB);
      items.push({ a: partOf(first), b: partOf(second), same });
    }
  }
  flush();
  return items;
}

function partOf(parts: readonly Part[]): AlignedPart {
  const [{ first }] = parts;
  const label = parts.map((part) => part.label).join('');
  return { first, last: parts[parts.length - 1].last, label };
}
