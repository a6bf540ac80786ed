// Limits of a text: nothing to read, too long, and where to cut so that whole words remain; runs kept within a budget.
import { describe, expect, test } from 'vitest';
import { cutAt, encodeTexts } from '../../../src/engine/sequences';
import { TraceStore } from '../../../src/engine/traceStore';
import type { Token, TokenSequence } from '../../../src/shared/tokens';

/** Words of two letters per piece, with a special token at each end. */
function encode(text: string): TokenSequence {
  const tokens: Token[] = [];
  const words = [];
  const special = { id: 0, piece: '</s>', label: '</s>', start: -1, end: -1, special: true };
  tokens.push({ ...special, word: 0 });
  words.push({ label: '</s>', first: 0, last: 0, start: -1, end: -1 });
  for (const { 0: label, index } of text.matchAll(/\S+/g)) {
    const first = tokens.length;
    for (let start = index; start < index + label.length; start += 2) {
      const end = Math.min(start + 2, index + label.length);
      tokens.push({ id: 1, piece: '', label: '', start, end, special: false, word: words.length });
    }
    words.push({ label, first, last: tokens.length - 1, start: index, end: index + label.length });
  }
  tokens.push({ ...special, word: words.length });
  return { text, tokens, words };
}

describe('cutAt', () => {
  const sequence = encode('one three fifteen');

  test.each([
    [20, 17],
    [11, 17],
    [10, 9],
    [7, 9],
    [6, 3],
    [4, 3],
  ])('with %i tokens, the text fits up to %i', (limit, offset) => {
    expect(cutAt(sequence, limit)).toBe(offset);
  });

  test('a first word that does not fit is cut between pieces', () => {
    expect(cutAt(sequence, 3)).toBe(2);
  });

  test('without room for anything, nothing fits', () => {
    expect(cutAt(sequence, 2)).toBe(0);
  });

  test('what fits, fits', () => {
    for (let limit = 3; limit < 12; limit++) {
      const part = encode(sequence.text.slice(0, cutAt(sequence, limit)));
      expect(part.tokens.length).toBeLessThanOrEqual(limit);
    }
  });
});

describe('encodeTexts', () => {
  test('says which of several texts is too long', () => {
    expect(() => encodeTexts(['one', 'one three fifteen'], 6, encode)).toThrow(
      expect.objectContaining({
        code: 'textTooLong',
        details: { tokens: 11, limit: 6, cutAt: 3, text: 1, side: 'encoder' },
      }) as Error,
    );
  });

  test('refuses a text of white space', () => {
    expect(() => encodeTexts(['one', ' \n'], 6, encode)).toThrow(
      expect.objectContaining({ code: 'emptyText', details: { text: 1, side: 'encoder' } }) as Error,
    );
  });
});

describe('TraceStore', () => {
  const sized = (bytes: number) => ({
    bytes,
    trimmed: 0,
    trim(excess: number) {
      this.trimmed += excess;
    },
  });

  test('drops what was not used for longest', () => {
    const store = new TraceStore(10);
    store.add('a', sized(4));
    store.add('b', sized(4));
    store.get('a');
    store.add('c', sized(4));
    expect(() => store.get('b')).toThrow(expect.objectContaining({ code: 'traceGone' }) as Error);
    expect(store.get('a').bytes + store.get('c').bytes).toBe(8);
  });

  test('a single run over the budget stays, but gives up what it can', () => {
    const store = new TraceStore<ReturnType<typeof sized>>(10);
    const large = sized(25);
    store.add('small', sized(1));
    store.add('large', large);
    expect(store.get('large')).toBe(large);
    expect(large.trimmed).toBe(15);
    expect(() => store.get('small')).toThrow();
  });

  test('a run and the one it is compared with stay, and others go', () => {
    const store = new TraceStore<ReturnType<typeof sized>>(10);
    store.add('base', sized(5));
    store.add('other', sized(1));
    store.add('changed', sized(5), 'base');
    expect(() => store.get('other')).toThrow();
    const base = store.get('base');
    base.bytes = 8;
    expect(store.shrink(['base'])).toBe(3);
    expect(store.get('changed').trimmed).toBe(3);
    store.add('next', sized(5));
    expect(() => store.get('base')).toThrow();
  });

  test('a run that does not fit beside its base is refused, and the base stays', () => {
    const store = new TraceStore(10);
    store.add('base', sized(6));
    expect(() => store.add('changed', sized(6), 'base')).toThrow(/transformerExplorer\.traceMemory/);
    expect(store.get('base').bytes).toBe(6);
    expect(() => store.get('changed')).toThrow();
  });
});
