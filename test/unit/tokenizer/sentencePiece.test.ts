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

  it('gives SentencePiece\u2019s ids for every line, cleaned or as it stands in a document, ties included', () => {
    const wrong = lines.filter(({ raw, text, ids }) =>
      [raw, text].some(
        (input) =>
          JSON.stringify(tokenizer.encode(input, { addSpecial: false }).tokens.map(({ id }) => id)) !==
          JSON.stringify(ids),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('gives SentencePiece\u2019s ranges in the cleaned line', () => {
    const wrong = lines.filter(
      ({ text, ranges }) =>
        JSON.stringify(rangesOf(tokenizer.encode(text, { addSpecial: false }).tokens)) !==
        JSON.stringify(ranges),
    );
    expect(wrong).toEqual([]);
  });
});
