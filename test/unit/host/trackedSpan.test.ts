// A span follows its text through edits: compared with marking the text in the document itself.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shiftSpan, shiftSpanAll } from '../../../src/host/trackedSpan';

const span = { start: 10, end: 20 };

describe('shiftSpan', () => {
  test('moves with text inserted or deleted before it', () => {
    expect(shiftSpan(span, { rangeOffset: 0, rangeLength: 0, text: 'abc' })).toEqual({ start: 13, end: 23 });
    expect(shiftSpan(span, { rangeOffset: 2, rangeLength: 8, text: '' })).toEqual({ start: 2, end: 12 });
  });
  test('is moved by text inserted right before it, not by text right after it', () => {
    expect(shiftSpan(span, { rangeOffset: 10, rangeLength: 0, text: 'x' })).toEqual({ start: 11, end: 21 });
    expect(shiftSpan(span, { rangeOffset: 20, rangeLength: 0, text: 'x' })).toEqual(span);
  });
  test('comes back when a change inside is undone', () => {
    const changed = shiftSpan(span, { rangeOffset: 12, rangeLength: 3, text: 'longer' });
    expect(changed).toEqual({ start: 10, end: 23 });
    expect(shiftSpan(changed, { rangeOffset: 12, rangeLength: 6, text: 'abc' })).toEqual(span);
  });
});

test('several changes of one event, none of which touches the span, leave it on its text', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, word, word, word, (before, gone1, after, gone2, new1, new2) => {
      const old = `${before}${gone1}[text]${gone2}${after}`;
      const changes = [
        { rangeOffset: before.length, rangeLength: gone1.length, text: new1 },
        { rangeOffset: old.indexOf('[text]') + 6, rangeLength: gone2.length, text: new2 },
      ];
      const moved = shiftSpanAll({ start: old.indexOf('[text]'), end: old.indexOf('[text]') + 6 }, changes);
      const now = `${before}${new1}[text]${new2}${after}`;
      expect(now.slice(moved.start, moved.end)).toBe('[text]');
    }),
  );
});
