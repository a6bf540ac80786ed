// The shipped tokenizer against SentencePiece itself: ids and ranges on 10,000 recorded lines.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';

interface Line {
  readonly raw: string;
  readonly text: string;
  readonly ids: readonly number[];
  readonly ranges: readonly number[];
  readonly tie?: boolean;
}

const root = new URL('../../../', import.meta.url);
const tokenizer = createTokenizer({
  tokenizerJson: readFileSync(new URL('models/translate-en-de-fr-zh/tokenizer.json', root)),
});
const lines: Line[] = gunzipSync(readFileSync(new URL('test/golden/tokenizer/lines.jsonl.gz', root)))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);

/** As the recording has them: what covers nothing is an empty range where the next token begins. */
function rangesOf(tokens: readonly { start: number; end: number }[]): number[] {
  let at = 0;
  return tokens.flatMap(({ start, end }) => {
    const range = start < 0 ? [at, at] : [start, end];
    at = range[1];
    return range;
  });
}

describe('the shipped tokenizer', () => {
  it('has 10,000 recorded lines to answer for', () => {
    expect(lines).toHaveLength(10_000);
  });

  it('gives SentencePiece\u2019s ids and ranges for every cleaned line, ties included', () => {
    const wrong = lines.filter(({ text, ids, ranges }) => {
      const { tokens } = tokenizer.encode(text, { addSpecial: false });
      return !same(idsOf(tokens), ids) || !same(rangesOf(tokens), ranges);
    });
    expect(wrong).toEqual([]);
  });

  it('gives the same ids for the line as it stands in a document', () => {
    const changed = lines.filter(({ raw, text }) => raw !== text);
    expect(changed.length).toBeGreaterThan(1000);
    const wrong = changed.filter(
      ({ raw, ids }) => !same(idsOf(tokenizer.encode(raw, { addSpecial: false }).tokens), ids),
    );
    expect(wrong).toEqual([]);
  });
});

function idsOf(tokens: readonly { id: number }[]): number[] {
  return tokens.map(({ id }) => id);
}

function same(got: readonly number[], wanted: readonly number[]): boolean {
  return got.length === wanted.length && got.every((value, i) => value === wanted[i]);
}
