// Cuts aligned text at the matches of a pattern, in the five ways that tokenizer.json knows.
import type { AlignedText } from './alignedText';
import { stringOf, unsupported, type Stage } from './tokenizerFile';

const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;

/** What becomes of the matches. */
export type Behavior = (typeof behaviors)[number];

interface Span {
  from: number;
  to: number;
  match: boolean;
}

export function behaviorOf(stage: Stage, otherwise: Behavior): Behavior {
  const name = stringOf(stage, 'behavior', otherwise);
  const found = behaviors.find((behavior) => behavior.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    throw unsupported('way to split', name);
  }
  return found;
}

/** With `invert`, what lies between the matches counts as matches and the other way round. Empty parts are left out. */
export function splitByPattern(
  text: AlignedText,
  pattern: RegExp,
  behavior: Behavior,
  invert = false,
): AlignedText[] {
  return join(spansOf(text.text, pattern, invert), behavior)
    .filter(({ from, to }) => to > from)
    .map(({ from, to }) => text.slice(from, to));
}

function spansOf(text: string, pattern: RegExp, invert: boolean): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (index > at) {
      spans.push({ from: at, to: index, match: invert });
    }
    spans.push({ from: index, to: index + found.length, match: !invert });
    at = index + found.length;
  }
  if (at < text.length) {
    spans.push({ from: at, to: text.length, match: invert });
  }
  return spans;
}

function join(spans: readonly Span[], behavior: Behavior): Span[] {
  switch (behavior) {
    case 'Isolated':
      return [...spans];
    case 'Removed':
      return spans.filter(({ match }) => !match);
    case 'Contiguous':
      return merge(spans, (previous, next) => previous.match === next.match);
    case 'MergedWithPrevious':
      return merge(spans, (previous, next) => next.match && !previous.match);
    case 'MergedWithNext':
      return merge(spans, (previous, next) => previous.match && !next.match);
    default:
      return behavior satisfies never;
  }
}

function merge(spans: readonly Span[], joins: (previous: Span, next: Span) => boolean): Span[] {
  const merged: Span[] = [];
  let previous: Span | undefined;
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && previous !== undefined && joins(previous, span)) {
      last.to = span.to;
    } else {
      merged.push({ ...span });
    }
    previous = span;
  }
  return merged;
}
