import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import { decodeUtf8 } from '../../../src/tokenizer/utf8';
import { byteLevel, bytePieces, readJson, smallUnigram, spans, unigram, wordPiece } from './tokenizers';

interface Greedy {
  readonly ids: readonly number[];
  readonly translation: string;
}

describe('decoding', () => {
  it('writes the recorded translations as SentencePiece does, unknown pieces included', () => {
    const recorded = Object.values(readJson('test/golden/translation/greedy.json')).flat() as Greedy[];
    expect(recorded.length).toBeGreaterThanOrEqual(60);
    expect(recorded.map(({ ids }) => unigram.decode(ids))).toEqual(
      recorded.map(({ translation }) => translation),
    );
    expect(unigram.decode([unigram.special.unk ?? -1])).toContain('\u2047');
  });

  it('gives each token its range in the text', () => {
    const { tokens } = unigram.encode('The animal was tired.', { prefix: [2] });
    const decoded = unigram.decodeSequence(tokens.map(({ id }) => id));
    expect(decoded.text).toBe('The animal was tired.');
    expect(spans(decoded.tokens)).toEqual(spans(tokens));
    expect(decoded.words).toEqual(unigram.encode('The animal was tired.', { prefix: [2] }).words);
  });

  it('gives back what byte-level tokens were made from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const { tokens } = byteLevel.encode(text);
        const decoded = byteLevel.decodeSequence(tokens.map(({ id }) => id));
        expect(decoded.text).toBe(text);
        expect(spans(decoded.tokens)).toEqual(spans(tokens));
      }),
    );
  });

  it('joins the bytes of a character, all of which cover it', () => {
    const tokenizer = createTokenizer({ tokenizerJson: smallUnigram([...bytePieces, ['▁', -1]]) });
    const { tokens } = tokenizer.encode('é');
    expect(spans(tokens)).toEqual(['▁', '<0xC3>[0,1)', '<0xA9>[0,1)']);
    const decoded = tokenizer.decodeSequence(tokens.map(({ id }) => id));
    expect([decoded.text, ...spans(decoded.tokens)]).toEqual(['é', '▁', '<0xC3>[0,1)', '<0xA9>[0,1)']);
  });

  it('holds a character back until its last byte is there, if asked', () => {
    const ids = byteLevel.encode('a\u{1F469}', { addSpecial: false }).tokens.map(({ id }) => id);
    const texts = ids.map((_, i) => byteLevel.decodeSequence(ids.slice(0, i + 1), { partial: true }).text);
    expect(texts).toEqual([...ids.slice(1).map(() => 'a'), 'a\u{1F469}']);
    expect(byteLevel.decodeSequence(ids.slice(0, -1)).text).toBe('a\uFFFD');
  });

  it('leaves special tokens out of the text, and only those', () => {
    const ids = [2, ...unigram.encode('house').tokens.map(({ id }) => id), unigram.special.pad ?? -1];
    expect(unigram.decode(ids)).toBe('house');
    expect(unigram.decode(ids, { skipSpecial: false })).toContain('</s><pad>');
    expect(unigram.decodeSequence(ids).tokens.map(({ special }) => special)).toEqual(
      ids.map((id) => id === 2 || id === 0 || id === unigram.special.pad),
    );
  });

  it('joins word pieces', () => {
    const ids = wordPiece.encode('Every student reads a letter.').tokens.map(({ id }) => id);
    expect(wordPiece.decode(ids)).toBe('every student reads a letter.');
  });

  it('names an id that the vocabulary lacks instead of failing', () => {
    expect(unigram.decodeSequence([99_999]).tokens[0]).toMatchObject({ piece: '<99999>' });
  });
});

it('UTF-8 is decoded as TextDecoder does, malformed bytes included', () => {
  const bytes = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xed, 0xa0, 0x80),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 12 }), (list) => {
      const data = Uint8Array.from(list);
      const decoded = decodeUtf8(data);
      expect(decoded.map(({ character }) => character).join('')).toBe(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(data),
      );
      expect(decoded.at(-1)?.to ?? 0).toBe(data.length);
    }),
  );
});
