// The text of a sequence that grows token by token: each step spells only the last few tokens, whatever the length.
import type { TextTokenizer } from '../../tokenizer/textTokenizer';

/** Tokens that are spelled together with what follows them: marks of spaces and tidied punctuation need a neighbour. */
const CONTEXT = 4;
/** Tokens after which the beginning is not spelled again. */
const WINDOW = 24;

export class TextStream {
  private settled: readonly number[] = [];
  private text = '';

  /** @param before What the text goes on from; not part of it. */
  constructor(
    private readonly tokenizer: TextTokenizer,
    private readonly before: readonly number[] = [],
  ) {}

  /** The text of `ids`, which as a rule go on from those of the last call. The part of a character that is not complete is held back. */
  read(ids: readonly number[]): string {
    if (!this.settled.every((id, i) => ids[i] === id)) {
      this.settled = [];
      this.text = '';
    }
    const text = this.text + this.after(this.settled, ids.slice(this.settled.length));
    const whole = text.replace(/\uFFFD+$/, '');
    if (whole === text && ids.length >= this.settled.length + WINDOW) {
      this.settled = [...ids];
      this.text = text;
    }
    return whole;
  }

  private after(settled: readonly number[], ids: readonly number[]): string {
    const context = [...this.before, ...settled].slice(-CONTEXT);
    const head = this.tokenizer.decode(context);
    const both = this.tokenizer.decode([...context, ...ids]);
    return both.startsWith(head) ? both.slice(head.length) : this.tokenizer.decode(ids);
  }
}
