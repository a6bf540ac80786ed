// The passages of a translation as the page shows them, and where in them a sentence is.
import type { SplitPassage } from '../../passage/splitPassage';
import type { Passage } from '../../shared/translationPage';

export interface SentencePlace {
  /** Which of the selected places. */
  readonly place: number;
  /** UTF-16 offset in its text. */
  readonly offset: number;
}

/** Passages with their sentences numbered through. */
export function passagesOf(passages: readonly SplitPassage[]): readonly Passage[] {
  let sentence = 0;
  return passages.map(({ parts }) => ({
    parts: parts.map((part) =>
      part.kind === 'kept'
        ? { kind: 'kept', text: part.text }
        : { kind: 'sentence', text: part.text, sentence: sentence++ },
    ),
  }));
}

/** The place that a sentence is in, and its offset there. */
export function placeOfSentence(
  passages: readonly SplitPassage[],
  sentence: number,
): SentencePlace | undefined {
  let number = 0;
  for (const [place, { parts }] of passages.entries()) {
    let offset = 0;
    for (const part of parts) {
      if (part.kind === 'sentence' && number++ === sentence) {
        return { place, offset };
      }
      offset += part.text.length;
    }
  }
  return undefined;
}
