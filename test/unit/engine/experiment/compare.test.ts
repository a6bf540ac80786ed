// What changed between two runs, sweeps and shuffles: numbers that must agree with each other, on the shipped models.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { isCancelled } from '../../../../src/shared/errors';
import type { Intervention } from '../../../../src/shared/intervention';
import type { TraceSummary } from '../../../../src/shared/trace';
import { engineWith, MODEL, sharedEngine, shippedModel } from '../testEngine';

const TEXT = 'The animal did not cross the street.';
const SMALL = 'models/english-bert-mini';
const NO_SCALE: Intervention = {
  kind: 'scoreScale',
  enabled: true,
  attentions: 'all',
  heads: 'all',
  scale: 'none',
};
const gate = (attention: string, head: number, factor = 0): Intervention => ({
  kind: 'headGate',
  enabled: true,
  attentions: [attention],
  heads: [head],
  factor,
});

describe.each([shippedModel, SMALL, 'models/english-gpt-mini'])('%s', (folder) => {
  let engine: ExplorerEngine;
  let before: TraceSummary;
  let attentions: readonly string[];
  beforeAll(async () => {
    engine = await sharedEngine(folder);
    before = await engine.explore({ model: MODEL, texts: ['A dog.', TEXT] });
    attentions = engine.model(MODEL).summary.attentions.map(({ name }) => name);
  }, 60_000);

  const change = (...interventions: Intervention[]) => engine.intervene({ trace: before.id, interventions });
  const compare = (after: TraceSummary) => engine.compare({ trace: before.id, after: after.id, batch: 1 });

  test('nothing changes where nothing is switched on', async () => {
    const after = await change({ ...gate(attentions[0], 0), enabled: false });
    expect(after.interventions).toBeUndefined();
    const { heads, output, facts, translation } = await compare(after);
    expect(heads).toHaveLength(
      engine.model(MODEL).summary.attentions.reduce((sum, { heads }) => sum + heads, 0),
    );
    expect(heads.every(({ largest, mean }) => largest === 0 && mean === 0)).toBe(true);
    expect(output?.largestKl).toBe(0);
    expect(facts.after).toEqual(facts.before);
    expect(translation?.changed ?? 0).toBe(0);
  });

  test('a removed head changes what comes after it, and nothing before', async () => {
    const attention = attentions[1];
    const after = await change(gate(attention, 1));
    expect(after.interventions).toEqual([gate(attention, 1)]);
    const { heads, output } = await compare(after);
    const largest = (name: string) =>
      Math.max(...heads.filter((head) => head.attention === name).map((head) => head.largest));
    expect(largest(attentions[0])).toBe(0);
    expect(largest(attention)).toBe(0);
    expect(largest(attentions[2])).toBeGreaterThan(1e-4);
    expect(output?.meanKl).toBeGreaterThan(0);
    expect(output?.positions.map(({ position }) => position)).toEqual(
      (before.decoder[1] ?? before.encoder[1]).tokens.map((_, i) => i),
    );
  });

  test('the difference of a head is the one matrix minus the other', async () => {
    const after = await change({
      kind: 'temperature',
      enabled: true,
      attentions: 'all',
      heads: 'all',
      temperature: 3,
    });
    const place = { attention: attentions[0], head: 2, batch: 1, unit: 'pieces' } as const;
    const matrix = (trace: string) => engine.matrix({ trace, ...place, stage: 'weights' });
    const [first, second] = [await matrix(before.id), await matrix(after.id)];
    const difference = await engine.difference({ trace: before.id, after: after.id, ...place });
    expect([difference.rows, difference.columns]).toEqual([first.rows, first.columns]);
    difference.data.forEach((x, i) => expect(x).toBeCloseTo(second.data[i] - first.data[i], 6));
    const { heads, facts } = await compare(after);
    const own = heads.find(({ attention, head }) => attention === place.attention && head === 2);
    expect(own?.largest).toBeCloseTo(Math.max(...difference.data.map(Math.abs)), 6);
    // A higher temperature evens weights out.
    expect(facts.after.entropy).toBeGreaterThan(facts.before.entropy);
    expect(facts.after.largestWeight).toBeLessThan(facts.before.largestWeight);
  });

  test('a replaced mask is what every answer shows', async () => {
    const attention = attentions[0];
    const mask = { preset: 'rows', rows: [[1, 0], [], [0, 0, 1]] } as const;
    const after = await change({
      kind: 'mask',
      enabled: true,
      attentions: [attention],
      heads: [1],
      texts: [1],
      mask,
    });
    const matrix = (head: number, batch: number) =>
      engine.matrix({ trace: after.id, attention, head, batch, stage: 'weights', unit: 'pieces' });
    const own = await matrix(1, 1);
    expect([own.masked[1], own.masked[2 * own.columns], own.masked[2 * own.columns + 1]]).toEqual([1, 1, 1]);
    expect(own.data[1]).toBe(0);
    expect(own.masked[2 * own.columns + 2]).toBe(0);
    const other = await matrix(0, 1);
    expect(other.masked[2 * own.columns]).toBe(0);
    expect((await matrix(1, 0)).masked[2 * own.columns]).toBe(0);
    const shown = await engine.masks({ trace: after.id, attention, batch: 1 });
    expect(shown.why).toContain('intervention');
  });

  test('a sweep over heads finds for each what removing it does', async () => {
    const seen: number[] = [];
    const result = await engine.sweep(
      { trace: before.id, batch: 1, sweep: { over: 'heads' }, translate: true, first: 1, count: 3 },
      { onProgress: ({ done }) => seen.push(done) },
    );
    expect(result.points).toHaveLength(3);
    expect(seen).toEqual([0, 1, 2]);
    const [, point] = result.points;
    expect([point.attention, point.head]).toEqual([attentions[0], 2]);
    const { output, translation } = await compare(await change(point.intervention));
    expect(point.meanKl).toBeCloseTo(output?.meanKl ?? NaN, 5);
    expect(point.translation).toBe(translation?.after);
    expect(point.changedTokens).toBe(translation && Math.max(translation.changed, translation.added));
  });

  test('sweeps over sub-layers and scales', async () => {
    const place = { trace: before.id, batch: 1, translate: false };
    const layers = await engine.sweep({ ...place, sweep: { over: 'subLayers' }, count: 2 });
    expect(layers.total).toBe((await engine.controls({ model: MODEL })).subLayers.length);
    expect(layers.points.every(({ meanKl = 0, subLayer }) => meanKl > 0 && subLayer !== undefined)).toBe(
      true,
    );
    const whole = await engine.sweep({ ...place, sweep: { over: 'layers' } });
    const { encoder, decoder } = engine.model(MODEL).summary.layers;
    expect(whole.points.map(({ layer }) => layer?.split('.')[1])).toEqual(
      [encoder, decoder].flatMap((count) => Array.from({ length: count }, (_, layer) => `${layer}`)),
    );
    const { points } = await engine.sweep({ ...place, sweep: { over: 'scale', scales: [0.01, 1] } });
    const [even, sharp] = points.map(({ facts }) => facts?.largestWeight ?? NaN);
    expect(even).toBeLessThan(sharp);
  });

  test('a sweep can be stopped', async () => {
    const stop = new AbortController();
    const stopped = engine.sweep(
      { trace: before.id, batch: 1, sweep: { over: 'heads' }, translate: false },
      { signal: stop.signal, onProgress: ({ done }) => done === 2 && stop.abort() },
    );
    await expect(stopped).rejects.toSatisfy(isCancelled);
  });

  test('what does not fit is refused, naming it', async () => {
    await expect(change(gate(attentions[0], 99))).rejects.toThrow(/no head 99/);
    await expect(change(gate('encoder.99.self', 0))).rejects.toThrow(/no attention "encoder\.99\.self"/);
    const other = await engine.explore({ model: MODEL, texts: ['Another text.', TEXT] });
    await expect(compare(other)).rejects.toThrow(/different texts/);
  });

  test('shuffled tokens give the same outputs only without positions', async () => {
    const ask = (positions: 'remove' | 'keep') =>
      engine.equivariance({ trace: before.id, batch: 1, seed: 5, positions });
    if (!engine.model(MODEL).encoder) {
      await expect(ask('remove')).rejects.toThrow(/no encoder/);
      return;
    }
    const [removed, kept] = [await ask('remove'), await ask('keep')];
    expect(removed.largest).toBeLessThan(1e-5 * removed.scale);
    expect(kept.largest).toBeGreaterThan(0.01 * kept.scale);
    expect([...removed.order].sort((a, b) => a - b)).toEqual(removed.order.map((_, i) => i));
  });
});

test('the sessions with controls go with the model', async () => {
  const engine = await engineWith(SMALL);
  const { id } = await engine.explore({ model: MODEL, texts: [TEXT] });
  const after = await engine.intervene({ trace: id, interventions: [NO_SCALE] });
  await engine.unloadModel({ model: MODEL });
  await expect(engine.compare({ trace: id, after: after.id, batch: 0 })).rejects.toThrow(/no longer/);
  engine.dispose();
}, 60_000);

describe('with little memory for runs', () => {
  const MEGABYTE = 1_000_000;

  /** The engine, and the bytes of an unchanged run and a changed one. */
  async function explored(traceBytes: number) {
    const engine = await engineWith(SMALL, traceBytes);
    const { id } = await engine.explore({ model: MODEL, texts: [TEXT.repeat(4)] });
    return { engine, id, bytes: engine.trace(id).bytes };
  }

  test('a changed run gives up what can be captured again, and its base is not lost', async () => {
    const { engine: roomy, bytes, id: plain } = await explored(1000 * MEGABYTE);
    const wide = await roomy.intervene({ trace: plain, interventions: [NO_SCALE] });
    expect(roomy.trace(wide.id).bytes).toBeGreaterThan(1.5 * bytes);
    roomy.dispose();

    const { engine, id } = await explored(2.5 * bytes);
    const unrelated = await engine.explore({ model: MODEL, texts: ['A dog.'] });
    for (let round = 0; round < 2; round++) {
      const after = await engine.intervene({ trace: id, interventions: [NO_SCALE] });
      const { output } = await engine.compare({ trace: id, after: after.id, batch: 0 });
      expect(output?.meanKl).toBeGreaterThan(0);
      expect(engine.trace(id).bytes + engine.trace(after.id).bytes).toBeLessThanOrEqual(2.5 * bytes);
    }
    expect(() => engine.trace(unrelated.id)).toThrow(/no longer/);
    engine.dispose();
  }, 60_000);

  test('a changed run that cannot fit beside its base is refused, naming the setting', async () => {
    const { engine, id } = await explored(1000);
    await expect(engine.intervene({ trace: id, interventions: [NO_SCALE] })).rejects.toThrow(
      /transformerExplorer\.traceMemory/,
    );
    expect(engine.trace(id).summary.id).toBe(id);
    engine.dispose();
  }, 60_000);
});
