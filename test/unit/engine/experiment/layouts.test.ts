// Interventions reach the heads, texts and positions they name in every way of writing attention down, told by arithmetic.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import type { Intervention } from '../../../../src/shared/intervention';
import type { Matrix } from '../../../../src/shared/tensor';
import type { TraceSummary } from '../../../../src/shared/trace';
import { loadLayout } from '../layoutEngine';
import { MODEL, startEngine } from '../testEngine';

const on = { enabled: true, texts: 'all' } as const;

describe.each([
  { layout: 'bloom', texts: ['w5 w6 w7 w9', 'w8 w4'] },
  { layout: 'distilbert', texts: ['w5 w6 w7 w9', 'w8 w4'] },
  { layout: 'llama', texts: ['w5 w6 w7 w9', 'w8 w4'] },
  { layout: 'sdpa', texts: ['w5 w6 w7 w9', 'w8 w4'] },
  { layout: 'bart', texts: ['w5 w6 w7 w9'] },
  { layout: 'marian', texts: ['w5 w6 w7 w9'] },
  { layout: 'merged', texts: ['w5 w6 w7 w9'] },
  { layout: 't5', texts: ['w5 w6 w7 w9'] },
])('$layout', ({ layout, texts }) => {
  let engine: ExplorerEngine;
  let before: TraceSummary;
  let attention: string;
  let heads: number;
  beforeAll(async () => {
    engine = await startEngine();
    await loadLayout(engine, layout);
    before = await engine.explore({ model: MODEL, texts });
    ({ attention, heads } = (await engine.controls({ model: MODEL })).attentions[0]);
  });
  afterAll(() => engine.dispose());

  const change = (...interventions: Intervention[]) => engine.intervene({ trace: before.id, interventions });
  const weights = (trace: TraceSummary, head: number, batch: number) =>
    engine.matrix({ trace: trace.id, attention, head, batch, stage: 'weights', unit: 'pieces' });
  const context = (trace: TraceSummary, head: number, batch: number) =>
    engine.vectors({ trace: trace.id, attention, head, batch, of: 'context' });
  const values = ({ data }: Matrix) => Array.from(data);
  const each = async (check: (head: number, batch: number) => Promise<void>) => {
    for (const batch of texts.keys()) {
      for (let head = 0; head < heads; head++) {
        await check(head, batch);
      }
    }
  };

  test('a gate scales one head of every text', async () => {
    const after = await change({
      kind: 'headGate',
      enabled: true,
      attentions: [attention],
      heads: [2],
      factor: -0.5,
    });
    await each(async (head, batch) => {
      const [first, second] = [await context(before, head, batch), await context(after, head, batch)];
      expect(values(second)).toEqual(values(first).map((x) => (head === 2 ? -0.5 * x : x)));
    });
  });

  test('a mask removes keys from one head of one text, and a row with nothing left reads nothing', async () => {
    const text = texts.length - 1;
    const mask = {
      preset: 'rows',
      rows: [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
      ],
    } as const;
    const after = await change({
      kind: 'mask',
      enabled: true,
      attentions: [attention],
      heads: [1],
      texts: [text],
      mask,
    });
    await each(async (head, batch) => {
      const [first, second] = [await weights(before, head, batch), await weights(after, head, batch)];
      const { columns } = first;
      const expected = values(first);
      if (head === 1 && batch === text) {
        expected.fill(0, 0, 2 * columns);
        expected[columns] = 1;
      }
      values(second).forEach((x, i) => expect(x).toBeCloseTo(expected[i], 6));
      const row = values(await context(after, head, batch)).slice(0, 3);
      expect(row.every((x) => x === 0)).toBe(head === 1 && batch === text);
    });
  });

  test('normalised ReLU is what its formula says, in the heads that use it', async () => {
    const after = await change({
      kind: 'normaliser',
      ...on,
      attentions: [attention],
      heads: [3],
      by: 'relu',
    });
    await each(async (head, batch) => {
      const place = { attention, head, batch, stage: 'masked', unit: 'pieces' } as const;
      const { rows, columns, data } = await engine.matrix({ trace: before.id, ...place });
      const found = values(await weights(after, head, batch));
      const old = values(await weights(before, head, batch));
      for (let row = 0; row < rows; row++) {
        const positive = Array.from(data.subarray(row * columns, (row + 1) * columns), (x) => Math.max(0, x));
        const total = positive.reduce((a, b) => a + b, 0);
        positive.forEach((x, i) => {
          const at = row * columns + i;
          expect(found[at]).toBeCloseTo(head === 3 ? (total > 0 ? x / total : 0) : old[at], 5);
        });
      }
    });
  });

  test('a temperature divides scores and their position bias, but not the mask', async () => {
    const temperature = 4;
    const after = await change({
      kind: 'temperature',
      ...on,
      attentions: [attention],
      heads: [0],
      temperature,
    });
    await each(async (head, batch) => {
      const place = { attention, head, batch, stage: 'masked', unit: 'pieces' } as const;
      const { rows, columns, data } = await engine.matrix({ trace: before.id, ...place });
      const found = values(await weights(after, head, batch));
      for (let row = 0; row < rows; row++) {
        const scores = Array.from(data.subarray(row * columns, (row + 1) * columns), (x) =>
          Math.exp(x / (head === 0 ? temperature : 1)),
        );
        const total = scores.reduce((a, b) => a + b, 0);
        scores.forEach((x, i) => expect(found[row * columns + i]).toBeCloseTo(x / total, 5));
      }
    });
  });

  test('without positions, the same word everywhere attends evenly', async () => {
    const same = await engine.explore({ model: MODEL, texts: ['w9 w9 w9 w9'] });
    const { side } = (await engine.controls({ model: MODEL })).positions[0];
    const after = await engine.intervene({
      trace: same.id,
      interventions: [{ kind: 'positions', enabled: true, side, change: { to: 'remove' } }],
    });
    const isUneven = ({ data, columns }: Matrix) =>
      Array.from(data).some((x, i) => {
        const row = data.subarray(i - (i % columns), i - (i % columns) + columns);
        const seen = row.filter((weight) => weight > 0).length;
        return x > 0 && Math.abs(x - 1 / seen) > 1e-5;
      });
    expect(isUneven(await weights(same, 0, 0))).toBe(true);
    for (let head = 0; head < heads; head++) {
      expect(isUneven(await weights(after, head, 0))).toBe(false);
    }
  });
});

describe('rotations', () => {
  let engine: ExplorerEngine;
  beforeAll(async () => {
    engine = await startEngine();
    await loadLayout(engine, 'llama');
  });
  afterAll(() => engine.dispose());

  const runs = async (to: 'shift' | 'shuffle' | 'scale') => {
    const before = await engine.explore({ model: MODEL, texts: ['w5 w6 w7 w9 w8 w4'] });
    const change = { shift: { to, by: 9 }, shuffle: { to, seed: 3 }, scale: { to, factor: 0.5 } }[to] as
      | { readonly to: 'shift'; readonly by: number }
      | { readonly to: 'shuffle'; readonly seed: number }
      | { readonly to: 'scale'; readonly factor: number };
    const after = await engine.intervene({
      trace: before.id,
      interventions: [{ kind: 'positions', enabled: true, side: 'decoder', change }],
    });
    const { heads } = await engine.compare({ trace: before.id, after: after.id, batch: 0 });
    return Math.max(...heads.map(({ largest }) => largest));
  };

  test('know distances only: a shift of all positions changes no weight', async () => {
    expect(await runs('shift')).toBeLessThan(1e-5);
  });

  test('a shuffle and a scale change weights', async () => {
    expect(await runs('shuffle')).toBeGreaterThan(1e-3);
    expect(await runs('scale')).toBeGreaterThan(1e-3);
  });

  test('cannot be multiplied with the embedding: that is said', async () => {
    await expect(
      engine.explore({
        model: MODEL,
        texts: ['w5'],
        interventions: [{ kind: 'positions', enabled: true, side: 'decoder', change: { to: 'multiply' } }],
      }),
    ).rejects.toThrow(/cannot be changed by "multiply"/);
  });
});
