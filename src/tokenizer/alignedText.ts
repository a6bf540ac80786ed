// Text that remembers, for each of its UTF-16 units, the range of the original text that the unit stands for.

/** A half-open range `[start, end)` of UTF-16 units; `start === end` where nothing is covered. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Replaces units `[from, to)` of the current text by `text`; `from === to` inserts, an empty `text` removes. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const loneSurrogates = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * Immutable. The ranges of units that cover something never decrease; an inserted unit covers nothing. What
 * replaces a stretch of text covers all of that stretch: the alignment may get coarser, never wrong.
 */
export class AlignedText {
  private constructor(
    readonly text: string,
    private readonly starts: Int32Array,
    private readonly ends: Int32Array,
  ) {}

  /** The original text itself. Both halves of a character beyond U+FFFF cover it whole; a lone surrogate reads as U+FFFD. */
  static of(original: string): AlignedText {
    const length = original.length;
    const starts = new Int32Array(length);
    const ends = new Int32Array(length);
    for (let i = 0; i < length;) {
      const width = (original.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
      starts.fill(i, i, i + width);
      ends.fill(i + width, i, i + width);
      i += width;
    }
    return new AlignedText(original.replace(loneSurrogates, '\uFFFD'), starts, ends);
  }

  /** `text` of which every unit stands for `[start, end)` of the original. */
  static whole(text: string, { start, end }: TextRange): AlignedText {
    return new AlignedText(
      text,
      new Int32Array(text.length).fill(start),
      new Int32Array(text.length).fill(end),
    );
  }

  static join(parts: readonly AlignedText[]): AlignedText {
    const [first] = parts;
    if (first !== undefined && parts.length === 1) {
      return first;
    }
    const text = parts.map((part) => part.text).join('');
    const starts = new Int32Array(text.length);
    const ends = new Int32Array(text.length);
    let at = 0;
    for (const part of parts) {
      starts.set(part.starts, at);
      ends.set(part.ends, at);
      at += part.length;
    }
    return new AlignedText(text, starts, ends);
  }

  get length(): number {
    return this.text.length;
  }

  /** Shares memory with this text. */
  slice(from: number, to: number): AlignedText {
    if (from === 0 && to === this.length) {
      return this;
    }
    return new AlignedText(
      this.text.slice(from, to),
      this.starts.subarray(from, to),
      this.ends.subarray(from, to),
    );
  }

  /** What units `[from, to)` stand for in the original; empty where they were all inserted. */
  range(from = 0, to = this.length): TextRange {
    let start = -1;
    let end = -1;
    for (let i = from; i < to; i++) {
      if (this.starts[i] < this.ends[i]) {
        start = start < 0 ? this.starts[i] : Math.min(start, this.starts[i]);
        end = Math.max(end, this.ends[i]);
      }
    }
    return start < 0 ? { start: this.boundary(from), end: this.boundary(from) } : { start, end };
  }

  /**
   * Applies edits that are sorted and do not overlap. With `absorb`, removed text is added to what the unit before
   * it covers (a stripped accent stays with its letter); otherwise nothing covers it any more.
   */
  edit(edits: readonly Edit[], absorb = false): AlignedText {
    if (edits.length === 0) {
      return this;
    }
    const length = edits.reduce((sum, { from, to, text }) => sum + text.length - (to - from), this.length);
    const starts = new Int32Array(length);
    const ends = new Int32Array(length);
    const texts: string[] = [];
    let read = 0;
    let write = 0;
    const copyUpTo = (to: number) => {
      texts.push(this.text.slice(read, to));
      starts.set(this.starts.subarray(read, to), write);
      ends.set(this.ends.subarray(read, to), write);
      write += to - read;
      read = to;
    };
    for (const { from, to, text } of edits) {
      copyUpTo(from);
      const { start, end } = this.range(from, to);
      texts.push(text);
      starts.fill(start, write, write + text.length);
      ends.fill(end, write, write + text.length);
      if (absorb && text === '' && write > 0 && starts[write - 1] < ends[write - 1]) {
        ends[write - 1] = Math.max(ends[write - 1], end);
      }
      write += text.length;
      read = to;
    }
    copyUpTo(this.length);
    return new AlignedText(texts.join(''), starts, ends);
  }

  /** Replaces every match of a global pattern by a fixed text. */
  replaceAll(pattern: RegExp, content: string): AlignedText {
    return this.edit(
      Array.from(this.text.matchAll(pattern), (match) => ({
        from: match.index,
        to: match.index + match[0].length,
        text: content,
      })),
    );
  }

  /** Replaces each character (code point) by what `map` makes of it. */
  mapCharacters(map: (character: string) => string, absorb = false): AlignedText {
    const edits: Edit[] = [];
    let at = 0;
    for (const character of this.text) {
      const text = map(character);
      if (text !== character) {
        edits.push({ from: at, to: at + character.length, text });
      }
      at += character.length;
    }
    return this.edit(edits, absorb);
  }

  /** Without white space at the chosen ends. */
  trim(left = true, right = true): AlignedText {
    const from = left ? (/^\p{White_Space}*/u.exec(this.text)?.[0].length ?? 0) : 0;
    let to = this.length;
    while (right && to > from && /\p{White_Space}/u.test(this.text[to - 1])) {
      to--;
    }
    return this.slice(from, to);
  }

  /** For each of the original's first `count` units, the range of this text that stands for it. */
  inverse(count: number): TextRange[] {
    const ranges = Array.from({ length: count }, () => ({ start: -1, end: -1 }));
    for (let unit = 0; unit < this.length; unit++) {
      for (let i = this.starts[unit]; i < this.ends[unit] && i < count; i++) {
        ranges[i] = { start: ranges[i].start < 0 ? unit : ranges[i].start, end: unit + 1 };
      }
    }
    return ranges;
  }

  /** The place in the original before unit `at`. */
  private boundary(at: number): number {
    if (at < this.length) {
      return this.starts[at];
    }
    return this.length > 0 ? this.ends[this.length - 1] : 0;
  }
}
