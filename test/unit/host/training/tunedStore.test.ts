// Stored weights and checkpoints: what is kept, what a full disk or a kill at any operation leaves, and what is found broken.
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { kept, nextSave } from '../../../../src/host/training/checkpointPlan';
import { parseManifest, toBytes } from '../../../../src/host/training/tunedManifest';
import { TunedStore } from '../../../../src/host/training/tunedStore';
import { DATA, newManifest } from './manifest';
import { MemoryStorage } from './memoryStorage';
import { quickLock } from './quickLock';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);

const bytes = (text: string) => new TextEncoder().encode(text);
const point = (step: number, heldOut?: number) => ({
  step,
  loss: 1,
  rate: 1,
  norm: 1,
  ...(heldOut !== undefined && { heldOut }),
});
let time = 0;
const storeOn = (storage: MemoryStorage) => new TunedStore(storage, () => ++time, quickLock(storage));

async function filled(losses: readonly number[]): Promise<{ storage: MemoryStorage; store: TunedStore }> {
  const storage = new MemoryStorage();
  const store = storeOn(storage);
  await store.create(await newManifest(), DATA);
  for (const [i, loss] of losses.entries()) {
    const step = 5 * (i + 1);
    await store.saveCheckpoint('a1', bytes(`state ${step}`), { step, points: [point(step, loss)] });
  }
  return { storage, store };
}

describe('which checkpoints are kept', () => {
  const at = (step: number, heldOut?: number) => ({ step, file: `${step}`, bytes: 1, heldOut });
  test.each([
    [[], []],
    [[at(5)], [5]],
    [
      [at(5), at(10), at(15)],
      [10, 15],
    ],
    [
      [at(5, 2), at(10, 1), at(15, 3), at(20, 4)],
      [10, 15, 20],
    ],
    [
      [at(5, 1), at(10, Number.NaN), at(15), at(20, 2)],
      [5, 15, 20],
    ],
  ])('%j', (all, steps) => expect(kept(all).map(({ step }) => step)).toEqual(steps));

  test('saves at multiples, and at the end', () => {
    expect([nextSave(0, 5, 12), nextSave(5, 5, 12), nextSave(7, 5, 12), nextSave(10, 5, 12)]).toEqual([
      5, 10, 10, 12,
    ]);
  });
});

describe('the store', () => {
  test('keeps two checkpoints and the best one, and deletes the rest', async () => {
    const { storage, store } = await filled([3, 1, 2, 4, 5]);
    const { checkpoints } = await store.manifest('a1');
    expect(checkpoints.map(({ step }) => step)).toEqual([10, 20, 25]);
    const files = [...storage.files.keys()].filter((name) => name.includes('checkpoint'));
    expect(files.sort()).toEqual(checkpoints.map(({ file }) => `a1/${file}`).sort());
    expect(await store.checkpoint('a1')).toEqual({ step: 25, bytes: bytes('state 25') });
  });

  test('gives the one before where the newest checkpoint is broken', async () => {
    const { storage, store } = await filled([3, 2]);
    const file = (await store.manifest('a1')).checkpoints.at(-1)?.file ?? '';
    storage.files.set(`a1/${file}`, bytes('sta'));
    expect((await store.checkpoint('a1'))?.step).toBe(5);
  });

  test('weights take the place of earlier ones; finished ones need no checkpoint', async () => {
    const { storage, store } = await filled([3, 2]);
    const weights = (text: string) => ({ 'weights.safetensors': bytes(text) });
    await store.saveWeights('a1', weights('early'), { step: 10, points: [], finished: false });
    expect((await store.manifest('a1')).checkpoints).toHaveLength(2);
    await store.saveWeights('a1', weights('late'), { step: 20, points: [], finished: true });
    expect(await store.weights('a1')).toEqual(weights('late'));
    expect([...storage.files.keys()].map((name) => name.replace(/-\d+-\d+\//u, '/')).sort()).toEqual([
      'a1/data.json',
      'a1/manifest.json',
      'a1/weights/weights.safetensors',
    ]);
  });

  test('a full disk leaves the old checkpoint, and no part of the new one', async () => {
    const { storage, store } = await filled([3]);
    const before = new Map(storage.files);
    storage.room = 3000;
    const saving = store.saveCheckpoint('a1', new Uint8Array(4000), { step: 10, points: [] });
    await expect(saving).rejects.toThrow('No space');
    expect(storage.files).toEqual(before);
  });

  test('lists the newest first, and leaves out what is no manifest', async () => {
    const { storage, store } = await filled([]);
    await store.create({ ...(await newManifest()), id: 'b2', saved: 99 }, DATA);
    storage.files.set('c3/manifest.json', bytes('{"version":1'));
    storage.files.set('d4/manifest.json', bytes('{"version":2}'));
    expect((await store.list()).map(({ id }) => id)).toEqual(['b2', 'a1']);
  });

  test('refuses data that are not those of the training', async () => {
    const { storage, store } = await filled([]);
    expect(await store.data('a1')).toEqual(DATA);
    storage.files.set('a1/data.json', bytes(JSON.stringify({ ...DATA, data: { text: 'other' } })));
    await expect(store.data('a1')).rejects.toMatchObject({ code: 'modelCorrupt' });
  });

  test('says which weights are missing', async () => {
    const { storage, store } = await filled([]);
    await expect(store.weights('a1')).rejects.toMatchObject({ code: 'modelMissing' });
    await store.saveWeights('a1', { 'w.safetensors': bytes('w') }, { step: 1, points: [], finished: true });
    const name = [...storage.files.keys()].find((file) => file.endsWith('w.safetensors')) ?? '';
    storage.files.delete(name);
    await expect(store.weights('a1')).rejects.toThrow(/of terms cannot be read/u);
  });

  test('killed at any operation, it still has what was complete', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), async (operations) => {
        const { storage, store } = await filled([3]);
        storage.untilKill = operations;
        const work = (async () => {
          await store.saveCheckpoint('a1', bytes('state 10'), { step: 10, points: [point(10)] });
          await store.saveCheckpoint('a1', bytes('state 15'), { step: 15, points: [point(15)] });
          await store.saveWeights('a1', { w: bytes('w') }, { step: 15, points: [], finished: true });
        })();
        await Promise.race([work, new Promise((resolve) => setTimeout(resolve, 2))]);
        const again = storeOn(storage.reopened());
        const { checkpoints, weights } = await again.manifest('a1');
        if (weights) {
          expect(await again.weights('a1')).toEqual({ w: bytes('w') });
        } else {
          const step = checkpoints.at(-1)?.step;
          expect([5, 10, 15]).toContain(step);
          expect(await again.checkpoint('a1')).toEqual({ step, bytes: bytes(`state ${step}`) });
        }
        // And it goes on from there.
        await again.saveCheckpoint('a1', bytes('state 20'), { step: 20, points: [] });
        expect((await again.checkpoint('a1'))?.step).toBe(20);
      }),
      { numRuns: 61 },
    );
  });
});

test('a manifest survives being written, and a broken one is none', async () => {
  const manifest = await newManifest();
  const written = toBytes(manifest);
  expect(parseManifest(written)).toEqual(JSON.parse(JSON.stringify(manifest)));
  for (let length = 0; length < written.length; length += 7) {
    expect(parseManifest(written.subarray(0, length))).toBeUndefined();
  }
});
