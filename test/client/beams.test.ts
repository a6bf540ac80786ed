// Beam search of the shipped translator against PyTorch's: 200 sentences, four hypotheses of each, token for token. Too slow for the unit tests.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import { expectSameSearches, hasTie, recordedSearches } from '../unit/engine/goldenBeams';
import { engineWith, shippedModel } from '../unit/engine/testEngine';

let engine: ExplorerEngine;

beforeAll(async () => {
  engine = await engineWith(shippedModel);
});

afterAll(() => engine.dispose());

test('all recorded searches are made again', async () => {
  let differ = 0;
  for (const language of ['de', 'fr', 'zh']) {
    differ += await expectSameSearches(engine, recordedSearches, language);
  }
  const ties = recordedSearches.filter(hasTie).length;
  console.info(`Beam search: ${differ} of ${recordedSearches.length} sentences differ; ${ties} have a tie.`);
  expect(differ).toBeLessThanOrEqual(ties);
}, 300_000);
