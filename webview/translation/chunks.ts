// The parts of all passages in blocks that the browser can leave out while they are not in sight.
import type { Passage, PassagePart } from '../../src/shared/translationPage';

/** Parts that are drawn in one block. */
export interface Chunk {
  readonly parts: readonly PassagePart[];
  /** Whether another selected place begins with it. */
  readonly begins: boolean;
}

/** So many times as many sentences as wished make a block even where no line ends: a line of 10 kB would be slow to draw. */
const LONGEST = 4;

/**
 * Blocks of about `sentences` sentences. A block ends at a line break of the text, or with its passage, so that drawing the
 * blocks below each other is drawing the text; only in lines of very many sentences it ends between two of them.
 */
export function chunksOf(passages: readonly Passage[], sentences: number): Chunk[] {
  return passages.flatMap(({ parts }) => {
    const chunks: Chunk[] = [];
    let open: PassagePart[] = [];
    let count = 0;
    const close = () => {
      chunks.push({ parts: open, begins: chunks.length === 0 });
      open = [];
      count = 0;
    };
    for (const part of parts) {
      const kept = part.kind === 'kept' ? part.text : '';
      const line = count >= sentences ? kept.lastIndexOf('\n') + 1 : 0;
      const end = line === 0 && count >= LONGEST * sentences ? kept.length : line;
      if (end > 0) {
        open.push({ kind: 'kept', text: kept.slice(0, end) });
        close();
        if (end < kept.length) {
          open.push({ kind: 'kept', text: kept.slice(end) });
        }
      } else {
        open.push(part);
        count += part.kind === 'sentence' ? 1 : 0;
      }
    }
    if (open.length > 0) {
      close();
    }
    return chunks;
  });
}
