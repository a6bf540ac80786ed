// Cutting texts that are too long: at the place named, never through a character, only the text that is meant.
import { describe, expect, test } from 'vitest';
import { beyondReach, firstPart } from '../../../src/host/firstPart';

const texts = [
  { text: 'one two three', start: 0 },
  { text: 'four five six', start: 20 },
];

const subject = {
  texts,
  decoder: { from: 'selection', language: undefined, text: 'eins zwei drei' } as const,
  decoderText: { text: 'eins zwei drei', start: 40 },
};

describe('firstPart', () => {
  test('cuts the text that the error names', () => {
    expect(firstPart(subject, { cutAt: 8, text: 1 }).texts.map(({ text }) => text)).toEqual([
      'one two three',
      'four fiv',
    ]);
  });
  test('cuts every text where the error names none, and drops white space at the cut', () => {
    expect(firstPart(subject, { cutAt: 4 }).texts.map(({ text }) => text)).toEqual(['one', 'four']);
  });
  test("cuts the decoder's input where that was too long, and nothing else", () => {
    const part = firstPart(subject, { cutAt: 9, text: 0, side: 'decoder' });
    expect([part.decoder.text, part.decoderText]).toEqual(['eins zwei', { text: 'eins zwei', start: 40 }]);
    expect(part.texts).toEqual(texts);
  });
  test('never cuts an emoji in two', () => {
    const emoji = [{ text: 'ab😀cd', start: 0 }];
    expect(firstPart({ ...subject, texts: emoji }, { cutAt: 3 }).texts[0].text).toBe('ab');
    expect(firstPart({ ...subject, texts: emoji }, { cutAt: 4 }).texts[0].text).toBe('ab😀');
  });
});

test('texts of up to 200,000 characters are counted, longer ones are not', () => {
  expect(beyondReach([{ text: 'x'.repeat(200_000), start: 0 }])).toBe(-1);
  expect(beyondReach([texts[0], { text: 'x'.repeat(200_001), start: 0 }])).toBe(1);
});
