// The beam searches that PyTorch recorded, and how the engine's are compared with them: token for token.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { DEFAULT_DECODING } from '../../../src/shared/translation';
import { MODEL, root } from './testEngine';

/** One source with its hypotheses, best first. */
export interface RecordedSearch {
  readonly text: string;
  readonly language: string;
  readonly hypotheses: readonly {
    readonly ids: readonly number[];
    readonly score: number;
    readonly ended: boolean;
  }[];
}

/** Hypotheses whose scores in the reference itself are closer than this may change places in another runtime. */
const TIE = 1e-4;
/** How far a score may be off, relative to itself. */
const PRECISION = 1e-4;
const BATCH = 16;

/** How the recorded searches were made. */
export const recordedDecoding = { ...DEFAULT_DECODING, beams: 4, hypotheses: 4 };

export const recordedSearches = JSON.parse(
  readFileSync(path.join(root, 'test/golden/translation/beam.json'), 'utf8'),
) as readonly RecordedSearch[];

/** Whether the reference itself could hardly tell two hypotheses apart. */
export function hasTie({ hypotheses }: RecordedSearch): boolean {
  return hypotheses.some(({ score }, rank) => rank > 0 && hypotheses[rank - 1].score - score < TIE);
}

/**
 * Expects the engine to find the same hypotheses with the same scores.
 *
 * @returns How many sentences differ although they may, because of a tie.
 */
export async function expectSameSearches(
  engine: ExplorerEngine,
  searches: readonly RecordedSearch[],
  language: string,
): Promise<number> {
  let differ = 0;
  // Equally long texts stand together, so that little is padding.
  const wanted = searches
    .filter((each) => each.language === language)
    .sort((a, b) => a.text.length - b.text.length);
  expect(wanted.length).toBeGreaterThan(5);
  for (let start = 0; start < wanted.length; start += BATCH) {
    const batch = wanted.slice(start, start + BATCH);
    const texts = batch.map(({ text }) => text);
    const found = await engine.translate({ model: MODEL, texts, language, decoding: recordedDecoding });
    for (const [i, search] of batch.entries()) {
      const here = found[i].hypotheses.map(({ ids, ended }) => ({ ids, ended }));
      const there = search.hypotheses.map(({ ids, ended }) => ({ ids, ended }));
      if (hasTie(search) && JSON.stringify(here) !== JSON.stringify(there)) {
        differ++;
        continue;
      }
      expect(here, search.text).toEqual(there);
      for (const [rank, { score }] of search.hypotheses.entries()) {
        const off = Math.abs(found[i].hypotheses[rank].score / score - 1);
        expect(off, `${search.text}, hypothesis ${rank + 1}`).toBeLessThan(PRECISION);
      }
    }
  }
  return differ;
}
