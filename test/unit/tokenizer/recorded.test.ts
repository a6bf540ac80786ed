// Every kind of stage against other programs: ids (and decoded text) as recorded from Hugging Face's tokenizers and SentencePiece.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';

interface Recording {
  readonly name: string;
  readonly tokenizer: unknown;
  readonly ids: readonly (readonly number[])[];
  readonly decoded: readonly string[] | null;
}

const { lines, linesWithoutControls, pipelines, sentencePiece } = JSON.parse(
  gunzipSync(readFileSync(new URL('recorded/pipelines.json.gz', import.meta.url))).toString('utf8'),
) as {
  readonly lines: readonly string[];
  readonly linesWithoutControls: readonly string[];
  readonly pipelines: readonly Recording[];
  readonly sentencePiece: Recording;
};

/** @param order ids as they are compared. */
function compare(
  { tokenizer: json, ids, decoded }: Recording,
  texts: readonly string[],
  order: (row: readonly number[]) => readonly number[] = (row) => row,
): void {
  const tokenizer = createTokenizer({ tokenizerJson: json });
  const wrong = texts.flatMap((text, i) => {
    const got = order(tokenizer.encode(text).tokens.map(({ id }) => id));
    const wanted = order(ids[i]);
    return JSON.stringify(got) === JSON.stringify(wanted) ? [] : [{ text, got, wanted }];
  });
  expect(wrong).toEqual([]);
  if (decoded !== null) {
    expect(ids.map((row) => tokenizer.decode(row, { skipSpecial: false }))).toEqual(decoded);
  }
}

/** The same pieces in another order are a tie, which double precision decides otherwise than SentencePiece. */
const anyOrder = (row: readonly number[]) => row.toSorted((a, b) => a - b);

describe('ids and decoded text as Hugging Face\u2019s tokenizers gives them', () => {
  it('for some two hundred lines', () => {
    expect(lines.length).toBeGreaterThan(200);
  });
  it.each(pipelines)('$name', (recording) =>
    compare(recording, lines, recording.name.startsWith('Unigram') ? anyOrder : undefined),
  );
});

it('ids as SentencePiece gives them with a character map and byte fallback', () => {
  compare(sentencePiece, linesWithoutControls);
});
