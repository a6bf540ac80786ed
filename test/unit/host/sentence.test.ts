// The sentence at a place: paragraphs, line markers, hard wraps, CRLF, scripts without spaces, places at the edges.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paragraphAt, sentenceAt } from '../../../src/host/sentence';

const linesOf = (text: string) => {
  const lines = text.split('\n');
  return { count: lines.length, line: (index: number) => lines[index] };
};
const sentence = (text: string, at: string) => {
  const span = sentenceAt(text, text.indexOf(at));
  return span && text.slice(span.start, span.end);
};

describe('sentenceAt', () => {
  test('ends where the next sentence begins', () => {
    const text = 'The dog barks. The cat sleeps! Does it?';
    expect(sentence(text, 'dog')).toBe('The dog barks.');
    expect(sentence(text, 'cat')).toBe('The cat sleeps!');
    expect(sentence(text, 'it?')).toBe('Does it?');
  });

  test('at the very end of the text belongs to the last sentence', () => {
    const text = 'One. Two.';
    expect(sentenceAt(text, text.length)).toEqual({ start: 5, end: 9 });
  });

  test.each([
    ['- The animal did not cross.', 'The animal did not cross.'],
    ['## What it refers to', 'What it refers to'],
    ['> 1. A quoted item', 'A quoted item'],
    ['// a comment about tokens', 'a comment about tokens'],
    [' * part of a block comment', 'part of a block comment'],
    ['*Emphasis* stays.', '*Emphasis* stays.'],
    ['-5 degrees', '-5 degrees'],
    ['3.5 is a number', '3.5 is a number'],
  ])('%s', (text, expected) => {
    const span = sentenceAt(text, text.length - 2);
    expect(span && text.slice(span.start, span.end)).toBe(expected);
  });

  test('goes on over hard-wrapped lines, with either line end', () => {
    expect(sentence('The animal\ndid not cross. Next.', 'did')).toBe('The animal\ndid not cross.');
    expect(sentence('The animal\r\ndid not cross. Next.', 'animal')).toBe('The animal\r\ndid not cross.');
  });

  test('knows Chinese full stops', () => {
    expect(sentence('动物没有过街。因为它太累了。', '累')).toBe('因为它太累了。');
  });

  test('is nothing where there are only signs', () => {
    expect(sentenceAt('--- *** ---', 3)).toBeUndefined();
    expect(sentenceAt('', 0)).toBeUndefined();
  });

  test('stays within reach in a line of a megabyte', () => {
    const text = 'x '.repeat(500_000);
    const span = sentenceAt(text, 600_000);
    expect(span && span.end - span.start).toBeLessThanOrEqual(4_000);
  });

  test('always holds the place or lies inside the text, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat(200), (text, at) => {
        const span = sentenceAt(text, Math.min(at, text.length));
        if (span) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeLessThanOrEqual(text.length);
          expect(text.slice(span.start, span.end).trim()).toBe(text.slice(span.start, span.end));
        }
      }),
    );
  });
});

describe('paragraphAt', () => {
  const text = [
    '# Title',
    'First line',
    'second line',
    '',
    '- item one',
    '  goes on',
    '- item two',
    '```',
    'code',
  ];
  const at = (line: number) => paragraphAt(linesOf(text.join('\n')), line);

  test('joins the lines between blank ones, without the heading', () => {
    expect(at(1)).toEqual({ first: 1, last: 2 });
    expect(at(2)).toEqual({ first: 1, last: 2 });
  });
  test('a heading stands alone', () => expect(at(0)).toEqual({ first: 0, last: 0 }));
  test('a list item ends where the next begins', () => {
    expect(at(4)).toEqual({ first: 4, last: 5 });
    expect(at(5)).toEqual({ first: 4, last: 5 });
    expect(at(6)).toEqual({ first: 6, last: 6 });
  });
  test('blank lines, fences and lines outside have none', () => {
    expect(at(3)).toBeUndefined();
    expect(at(7)).toBeUndefined();
    expect(at(99)).toBeUndefined();
  });
  test('ends after forty lines in text without breaks', () => {
    const paragraph = paragraphAt({ count: 100_000, line: () => 'word' }, 50_000);
    expect(paragraph).toEqual({ first: 49_960, last: 50_040 });
  });
});
