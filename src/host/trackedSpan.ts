// Keeps a range of text in place while the document around it is edited; pure arithmetic on offsets.
import type { Span } from './sentence';

/** One replacement, in offsets before it: the part of VS Code's content change that matters here. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/**
 * Where `span` is after one change. Text before it moves it; text after it leaves it alone. A change inside keeps its
 * start, so that undoing the change brings the same span back; what it then holds is for the caller to compare.
 */
export function shiftSpan(span: Span, change: TextChange): Span {
  const changeEnd = change.rangeOffset + change.rangeLength;
  const delta = change.text.length - change.rangeLength;
  if (changeEnd <= span.start) {
    return { start: span.start + delta, end: span.end + delta };
  }
  if (change.rangeOffset >= span.end) {
    return span;
  }
  const start = Math.min(span.start, change.rangeOffset);
  return { start, end: Math.max(start, span.end + delta) };
}

/**
 * Where `span` is after all changes of one event, which VS Code gives in offsets of the document before the event,
 * last one first.
 */
export function shiftSpanAll(span: Span, changes: readonly TextChange[]): Span {
  const ordered = [...changes].sort((a, b) => b.rangeOffset - a.rangeOffset);
  return ordered.reduce(shiftSpan, span);
}
