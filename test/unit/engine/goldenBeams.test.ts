// Beam search of the shipped translator against PyTorch's, for every eighth recorded sentence; all of them in test/client/beams.test.ts.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { expectSameSearches, hasTie, recordedDecoding, recordedSearches } from './goldenBeams';
import { MODEL, sharedEngine, shippedModel } from './testEngine';

const some = recordedSearches.filter((_, i) => i % 8 === 0);

test('200 sentences are recorded, few of them with a tie', () => {
  expect(new Set(recordedSearches.map(({ text }) => text)).size).toBe(200);
  expect(recordedSearches.filter(hasTie).length).toBeLessThan(10);
  expect(recordedSearches.every(({ hypotheses }) => hypotheses.length === 4)).toBe(true);
});

describe('beam search of the shipped model', () => {
  let engine: ExplorerEngine;

  beforeAll(async () => {
    engine = await sharedEngine(shippedModel);
  }, 60_000);

  test.each(['de', 'fr', 'zh'])(
    'equals the recorded hypotheses, token for token, into %s',
    async (language) => {
      const differ = await expectSameSearches(engine, some, language);
      expect(differ).toBeLessThanOrEqual(some.filter(hasTie).length);
    },
    120_000,
  );

  test('with one beam is greedy decoding', async () => {
    const request = { model: MODEL, texts: some.slice(0, 10).map(({ text }) => text), language: 'de' };
    const beam = { ...recordedDecoding, beams: 1, hypotheses: 1 };
    const one = await engine.translate({ ...request, decoding: beam });
    const greedy = await engine.translate({ ...request, decoding: { ...beam, method: 'greedy' } });
    const idsOf = (found: typeof one) => found.map(({ hypotheses: [best] }) => best.ids);
    expect(idsOf(one)).toEqual(idsOf(greedy));
  }, 60_000);
});
