// Running text in blocks that a model can read at once, each with the part of the text that it covers.
import type { TokenSequence } from '../../shared/tokens';
import type { Example } from './example';

/** At most so many tokens in a row: the places `[from, to)` of the tokenised text. */
export interface Block {
  readonly from: number;
  readonly to: number;
}

/** Blocks of `most` places, of which the last may be shorter, that cover all from `first` on. */
export function blocks(places: number, most: number, first = 0): Block[] {
  const count = Math.ceil(places / most);
  return Array.from({ length: count }, (_, i) => ({
    from: first + i * most,
    to: first + Math.min(places, (i + 1) * most),
  }));
}

/**
 * The parts of an example that blocks cover, each an example of its own: it is learned from, or held out, by itself.
 *
 * @param found In the order of the text.
 * @param isPlain Whether the example's text stands in the data as it is, so that a part has a line and a range of its own there.
 */
export function partsOf(
  example: Example,
  { tokens }: TokenSequence,
  found: readonly Block[],
  isPlain: boolean,
): Example[] {
  let { line } = example;
  let counted = 0;
  return found.map(({ from, to }) => {
    const covered = tokens.slice(from, to).filter(({ start }) => start >= 0);
    const start = covered[0]?.start ?? counted;
    const end = Math.max(start, covered.at(-1)?.end ?? start);
    const source = example.source.slice(start, end);
    if (!isPlain) {
      return { ...example, source };
    }
    // A line break before the first word may belong to its token.
    const word = start + (/^\s*/u.exec(source)?.[0] ?? '').length;
    line += example.source.slice(counted, word).match(/\r\n|\n|\r/g)?.length ?? 0;
    counted = Math.max(counted, word);
    return { ...example, line, start: example.start + start, end: example.start + end, source };
  });
}
