// A training of the host with the real engine: a loss that goes astray, a full disk, damaged checkpoints; what is left can be used.
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { TrainingSession } from '../../src/host/training/trainingSession';
import { dataHash } from '../../src/host/training/tunedManifest';
import { TunedStore } from '../../src/host/training/tunedStore';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import type { Trainings } from '../../src/shared/protocol';
import { readSafetensors } from '../../src/shared/safetensors';
import type { TrainingOptions } from '../../src/shared/training';
import { filesOf, startEngine } from '../unit/engine/testEngine';
import { wordTokenizer } from '../unit/engine/wordTokenizer';
import { DATA, newManifest } from '../unit/host/training/manifest';
import { MemoryStorage } from '../unit/host/training/memoryStorage';
import { quickLock } from '../unit/host/training/quickLock';

vi.mock('vscode', async () => (await import('../unit/host/training/fakeVscode')).fakeVscode);

const text = Array.from({ length: 9 }, (_, i) => `w${i + 2} w${i + 5} w${3 * i} w${i + 9}`).join('\n\n');
const OPTIONS: Partial<TrainingOptions> = { steps: 12, saveEvery: 2, batch: 4, heldOut: 0, strength: 1 };
/** A warm-up that never ends: after a few good steps, the rate is too high. */
const RISING: Partial<TrainingOptions> = {
  schedule: 'linear',
  rate: 30,
  warmup: 1000,
  clip: 0,
  steps: 60,
  batch: 9,
};
const model = () => ({ ...filesOf('test/golden/layouts/bloom'), ...wordTokenizer(64) });

let engine: ExplorerEngine;
let storage: MemoryStorage;
let store: TunedStore;
let log: string[];

beforeAll(async () => {
  engine = await startEngine();
  await engine.loadModel({ id: 'base', name: 'bloom', files: model() });
}, 60_000);
beforeEach(() => {
  storage = new MemoryStorage();
  store = new TunedStore(storage, Date.now, quickLock(storage));
  log = [];
});

async function begun(
  options: Partial<TrainingOptions> = {},
  change: Partial<Trainings> = {},
  watch: (session: TrainingSession) => void = () => undefined,
) {
  const data = { text };
  const manifest = { ...(await newManifest({ ...OPTIONS, ...options })), data: await dataHash(data) };
  await store.create(manifest, { ...DATA, data });
  const trainings: Trainings = {
    ...{ previewTraining: engine.previewTraining, beginTraining: engine.beginTraining, train: engine.train },
    ...{ saveTraining: engine.saveTraining, trainedWeights: engine.trainedWeights },
    ...{
      trainingEffect: engine.trainingEffect,
      endTraining: engine.endTraining,
      applyTuned: engine.applyTuned,
    },
    ...change,
  };
  const session: TrainingSession = new TrainingSession(manifest, {
    store,
    open: async () => ({ engine: trainings, model: 'base' }),
    close: async () => undefined,
    changed: () => watch(session),
    log: (what, error) => void log.push(`${what}: ${String(error)}`),
  });
  return session;
}

/** What is stored, gone on with to its end. */
async function resumed(
  watch: (session: TrainingSession) => void = () => undefined,
): Promise<TrainingSession> {
  const session: TrainingSession = new TrainingSession(await store.manifest('a1'), {
    store,
    open: async () => ({ engine, model: 'base' }),
    close: async () => undefined,
    changed: () => watch(session),
    log: (what, error) => void log.push(`${what}: ${String(error)}`),
  });
  await session.run();
  return session;
}

/** The weights that are stored work: the model with them reads a text. */
async function usable(): Promise<number> {
  await engine.loadModel({
    id: 'tuned',
    name: 'tuned',
    files: model(),
    tuned: { files: await store.weights('a1') },
  });
  const trace = await engine.explore({ model: 'tuned', texts: ['w3 w4 w5'] });
  const { data } = await engine.matrix({
    ...{ trace: trace.id, attention: 'decoder.1.self', head: 0, batch: 0, stage: 'weights', unit: 'pieces' },
  });
  return data.reduce((sum, each) => sum + each, 0) / 3;
}

/** The bytes of a checkpoint with other numbers in them. */
const damaged = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  bytes.map((byte, i) => (i > 20 && i < 60 ? 0 : byte));

test('a loss that explodes ends with the last checkpoint that is good, and says what to do', async () => {
  const session = await begun({ ...RISING, saveEvery: 1 });
  await session.run();
  const { status, note, points, step } = session.look;
  expect(status).toBe('done');
  expect(note).toMatch(/^Training stopped at step \d+: The .*last good ones.*lower learning rate\.$/u);
  const stopped = Number(/step (\d+)/u.exec(note ?? '')?.[1]);
  expect(step).toBeLessThan(stopped);
  // What was kept is no worse than where it began.
  expect(points.at(-1)?.step).toBe(step);
  expect((await store.manifest('a1')).weights?.step).toBe(step);
  expect(session.manifest.effect?.loss.now).toBeLessThan(points[0].loss + 1.5);
  expect(await usable()).toBeCloseTo(1, 4);
}, 60_000);

test('a gradient that is no number at once leaves nothing to use, and says so', async () => {
  const session = await begun({ rate: 100, warmup: 0, clip: 0, schedule: 'constant', saveEvery: 1 });
  await session.run();
  expect(session.look.status).toBe('failed');
  expect(String(session.look.error)).toMatch(/Nothing good had been saved.*lower learning rate/u);
  // The checkpoints that were saved on the way are none that one could go on from.
  expect((await store.manifest('a1')).checkpoints).toEqual([]);
}, 60_000);

test('a full disk keeps the checkpoint before; with room again, the weights are those of a training without', async () => {
  let notes = '';
  const full = await begun({}, {}, ({ look, saved }) => {
    notes += look.note ?? '';
    storage.room = saved?.step === 4 && look.step < 9 ? 0 : Infinity;
  });
  await full.run();
  expect(notes).toContain(
    'Step 6 could not be saved: No space is left on the device. Step 4 is still there.',
  );
  expect(full.look.status).toBe('done');
  const first = Object.values(readSafetensors((await store.weights('a1'))['weights.safetensors']));
  await store.delete('a1');
  await (await begun()).run();
  const other = Object.values(readSafetensors((await store.weights('a1'))['weights.safetensors']));
  expect(first.map(({ data }) => data)).toEqual(other.map(({ data }) => data));
  expect(await usable()).toBeCloseTo(1, 4);
}, 60_000);

test('weights for which there is no room are not lost: the checkpoint is there, and is gone on from', async () => {
  const trainedWeights: Trainings['trainedWeights'] = async (request) => {
    storage.room = 0;
    return engine.trainedWeights(request);
  };
  const session = await begun({}, { trainedWeights });
  await session.run();
  expect(String(session.look.error)).toContain(
    'could not be saved: No space is left on the device. Make room',
  );
  expect((await store.checkpoint('a1'))?.step).toBe(12);
  storage.room = Infinity;
  expect(await store.weights('a1').catch((error: Error) => error.message)).toContain('not been finished');
  const again = await resumed();
  expect([again.look.status, again.look.step]).toEqual(['done', 12]);
  expect(await usable()).toBeCloseTo(1, 4);
}, 60_000);

test('a damaged checkpoint is passed over for the one before, whoever finds it, and the curve is the same', async () => {
  const whole = await begun();
  await whole.run();
  const { points } = whole.look;
  await store.delete('a1');
  for (const found of ['by its size', 'by its hash', 'by the engine'] as const) {
    const session = await begun({}, {}, (s) => void (s.look.step >= 7 && s.pause()));
    await session.run();
    await session.dispose();
    const { checkpoints } = await store.manifest('a1');
    const { file = '' } = checkpoints.at(-1) ?? {};
    const bytes = storage.files.get(`a1/${file}`) ?? new Uint8Array();
    storage.files.set(`a1/${file}`, found === 'by its size' ? bytes.slice(0, 1000) : damaged(bytes));
    if (found === 'by the engine') {
      const name = 'a1/manifest.json';
      const json = new TextDecoder().decode(storage.files.get(name));
      storage.files.set(name, new TextEncoder().encode(json.replace(/"sha256":"\w+",/gu, '')));
    }
    let notes = '';
    const again = await resumed(({ look }) => (notes += look.note ?? ''));
    const before = checkpoints.at(-2)?.step ?? 0;
    expect(notes).toContain(
      `The checkpoint of step ${checkpoints.at(-1)?.step} is damaged: training went on from step ${before}.`,
    );
    expect([again.look.status, again.look.points]).toEqual(['done', points]);
    await store.delete('a1');
  }
}, 60_000);
