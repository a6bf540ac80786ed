// What to show for a token of a text: the covered text, with white space made visible where there is nothing else.
import { trimRange } from './words';

const visibleSpace: Readonly<Record<string, string>> = { ' ': '␣', '\t': '⇥', '\n': '⏎', '\r': '␍' };

/** The text of `[start, end)` without the white space round it; white space alone becomes visible signs. */
export function tokenLabel(text: string, start: number, end: number): string {
  const trimmed = trimRange(text, start, end);
  const label = text.slice(trimmed.start, trimmed.end);
  return label.trim() === '' ? label.replace(/[^]/g, (character) => visibleSpace[character] ?? '␣') : label;
}
