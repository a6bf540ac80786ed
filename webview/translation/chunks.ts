// The parts of all passages in blocks that the browser can leave out while they are not in sight.
import type { Passage, PassagePart } from '../../src/shared/translationPage';

/** Parts that are drawn in one block. */
export interface Chunk {
  readonly parts: readonly PassagePart[];
  /** Whether another selected place begins with it. */
  readonly begins: boolean;
}

/**
 * Blocks of about `sentences` sentences. A block ends only at a line break of the text, or with its passage, so that drawing
 * the blocks below each other is drawing the text.
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
      const end = part.kind === 'kept' && count >= sentences ? part.text.lastIndexOf('\n') + 1 : 0;
      if (end > 0) {
        open.push({ kind: 'kept', text: part.text.slice(0, end) });
        close();
        if (end < part.text.length) {
          open.push({ kind: 'kept', text: part.text.slice(end) });
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
