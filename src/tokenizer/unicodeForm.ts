// Unicode normalisation forms that keep the alignment with the original text.
import type { AlignedText } from './alignedText';
import { type Edit } from './alignedText';

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** What may combine with the character before it: marks, Hangul vowels and finals, half-width voicing signs. */
const combining = '\\p{M}\\u1160-\\u11FF\\uD7B0-\\uD7FF\\uFF9E\\uFF9F';
/** A base with what combines with it; lone ASCII characters never change and are skipped. */
const clusters = new RegExp(`[\\0-\\x7F][${combining}]+|[^\\0-\\x7F][${combining}]*`, 'gu');

/**
 * Normalises cluster by cluster: each changed cluster covers its whole source. Where the clusters do not add up to
 * the form of the whole text (a composition across clusters), the part that differs becomes one block.
 */
export function toUnicodeForm(text: AlignedText, form: UnicodeForm): AlignedText {
  const wanted = text.text.normalize(form);
  if (wanted === text.text) {
    return text;
  }
  const edits: Edit[] = [];
  for (const { 0: cluster, index } of text.text.matchAll(clusters)) {
    const normalized = cluster.normalize(form);
    if (normalized !== cluster) {
      edits.push({ from: index, to: index + cluster.length, text: normalized });
    }
  }
  const result = text.edit(edits);
  return result.text === wanted ? result : alignByEnds(result, wanted);
}

/** Aligns `wanted` with a nearly equal text: common start and end unit by unit, the middle as one block. */
export function alignByEnds(text: AlignedText, wanted: string): AlignedText {
  const shorter = Math.min(text.length, wanted.length);
  let head = 0;
  while (head < shorter && text.text[head] === wanted[head]) {
    head++;
  }
  let tail = 0;
  while (tail < shorter - head && text.text[text.length - 1 - tail] === wanted[wanted.length - 1 - tail]) {
    tail++;
  }
  return text.edit([{ from: head, to: text.length - tail, text: wanted.slice(head, wanted.length - tail) }]);
}
