// A word swapped inside the shipped model: only its own states are patched, so that it matters after which layer.
import { beforeAll, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import type { Bench } from '../../../../webview/views/experiments/experiment';
import { swappedWord } from '../../../../webview/views/experiments/streamExperiments';
import { MODEL, sharedEngine, shippedModel } from '../testEngine';

let engine: ExplorerEngine;
let bench: Bench;
beforeAll(async () => {
  engine = await sharedEngine(shippedModel);
  bench = {
    lab: engine,
    summary: engine.model(MODEL).summary,
    controls: await engine.controls({ model: MODEL }),
    trace: await engine.explore({ model: MODEL, texts: ['The dog sleeps in the house.'] }),
    batch: 0,
    token: undefined,
    values: { word: 'dog', other: 'cat' },
  };
}, 60_000);

test('the later the states of the other word come, the less they change', async () => {
  const { series } = await swappedWord.run(bench, {});
  const values = series?.points.map(({ value }) => value) ?? [];
  expect(values).toHaveLength(bench.summary.layers.encoder);
  expect(new Set(values.map((value) => value.toFixed(4))).size).toBeGreaterThan(1);
  expect(values.at(-1)).toBeLessThan(values[0]);
}, 60_000);

test('words with different numbers of tokens are refused, with both numbers', async () => {
  const values = { word: 'dog', other: 'extraordinary grandmother' };
  await expect(swappedWord.run({ ...bench, values }, {})).rejects.toThrow(/“dog” has 1 token.*equally many/);
}, 60_000);
