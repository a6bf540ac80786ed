// Where running text is cut to see how a model goes on from it.
import { expect, test } from 'vitest';
import { cutText } from '../../../../src/engine/training/continuations';

test('a text is cut between two words of one sentence, near its middle', () => {
  expect(cutText('one two three four')).toEqual({ begin: 'one two', rest: 'three four' });
  expect(cutText('  one two. three four ')).toEqual({ begin: 'one', rest: 'two. three four' });
});

test('of a long text only what is near the cut is taken', () => {
  const words = Array.from({ length: 100 }, (_, i) => `w${i}`);
  expect(cutText(words.join(' '))).toEqual({
    begin: words.slice(34, 50).join(' '),
    rest: words.slice(50, 66).join(' '),
  });
});

test('a text of one word, or of ends of sentences alone, has no place to be cut', () => {
  expect(cutText('')).toBeUndefined();
  expect(cutText('word')).toBeUndefined();
  expect(cutText('No. No. No.')).toBeUndefined();
});
