// The text of a growing sequence equals what is decoded at once, at a cost per step that does not grow.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TextStream } from '../../../../src/engine/translation/textStream';
import { createTokenizer } from '../../../../src/tokenizer/createTokenizer';
import { mulberry32 } from '../../../../src/shared/shuffle';
import type { TextTokenizer } from '../../../../src/tokenizer/textTokenizer';
import { root, shippedModel } from '../testEngine';

function tokenizerOf(folder: string): TextTokenizer {
  const read = (name: string) => new Uint8Array(readFileSync(path.join(root, folder, name)));
  return createTokenizer({
    tokenizerJson: read('tokenizer.json'),
    configJson: read('tokenizer_config.json'),
  });
}

const tokenizers = {
  sentencePiece: tokenizerOf(shippedModel),
  byteLevel: tokenizerOf('models/english-gpt-mini'),
};
const text = `Naïve 猫 and 🙂🙂 don't  stop, "they" said… `.repeat(8);

describe.each(Object.entries(tokenizers))('%s', (_name, tokenizer) => {
  test('every prefix of a text, parts of characters held back', () => {
    const ids = tokenizer.encode(text, { addSpecial: false }).tokens.map(({ id }) => id);
    const stream = new TextStream(tokenizer);
    expect(ids.length).toBeGreaterThan(60);
    ids.forEach((_id, i) => {
      const sofar = ids.slice(0, i + 1);
      expect(stream.read(sofar)).toBe(tokenizer.decode(sofar).replace(/\uFFFD+$/, ''));
    });
  });

  test('random tokens, and sequences that change to others', () => {
    const random = mulberry32(1);
    const pick = () => Math.floor(random() * tokenizer.size);
    const stream = new TextStream(tokenizer);
    let ids: number[] = [];
    for (let step = 0; step < 300; step++) {
      // A beam search goes back now and then to what it had left behind.
      ids = random() < 0.05 ? [...ids.slice(0, Math.floor(random() * ids.length)), pick()] : [...ids, pick()];
      expect(stream.read(ids)).toBe(tokenizer.decode(ids).replace(/\uFFFD+$/, ''));
    }
  });

  test('a step costs as much at the end as at the beginning', () => {
    let spelled = 0;
    const counting = Object.create(tokenizer, {
      decode: {
        value: (ids: readonly number[]) => {
          spelled += ids.length;
          return tokenizer.decode(ids);
        },
      },
    }) as TextTokenizer;
    const stream = new TextStream(counting);
    const ids = Array.from({ length: 400 }, (_, i) => 100 + (i % 50));
    const cost = ids.map((_id, i) => {
      const before = spelled;
      stream.read(ids.slice(0, i + 1));
      return spelled - before;
    });
    expect(Math.max(...cost.slice(300))).toBeLessThanOrEqual(Math.max(...cost.slice(0, 100)));
    expect(Math.max(...cost)).toBeLessThan(60);
  });

  test('going on from a text: only what was written, with the space before it', () => {
    const [before, after] = ['The cat', ' sleeps on the mat'];
    const both = tokenizer.encode(before + after, { addSpecial: false }).tokens.map(({ id }) => id);
    const first = tokenizer.encode(before, { addSpecial: false }).tokens.map(({ id }) => id);
    const stream = new TextStream(tokenizer, first);
    expect(both.slice(0, first.length)).toEqual(first);
    expect(stream.read(both.slice(first.length))).toBe(after);
  });
});
