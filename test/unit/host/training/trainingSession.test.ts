// A training from the first step to its weights: pause, stop, full disk, a loss gone astray, and kills at any moment.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { TrainingSession } from '../../../../src/host/training/trainingSession';
import { TunedStore } from '../../../../src/host/training/tunedStore';
import { CancelledError, UserError } from '../../../../src/shared/errors';
import { FakeTrainer } from './fakeTrainer';
import { DATA, newManifest } from './manifest';
import { MemoryStorage } from './memoryStorage';
import { quickLock } from './quickLock';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);

let storage: MemoryStorage;
let engine: FakeTrainer;
let opened: number;

beforeEach(() => {
  storage = new MemoryStorage();
  engine = new FakeTrainer();
  opened = 0;
});

function sessionOf(
  manifest: Awaited<ReturnType<typeof newManifest>>,
  store = new TunedStore(storage, Date.now, quickLock(storage)),
  watch: (session: TrainingSession) => void = () => undefined,
): TrainingSession {
  const session: TrainingSession = new TrainingSession(manifest, {
    store,
    open: async (_base, signal) => {
      opened++;
      if (signal.aborted) {
        throw new CancelledError();
      }
      return { engine, model: 'training:base' };
    },
    close: async () => undefined,
    changed: () => watch(session),
    log: () => undefined,
  });
  return session;
}

async function begun(
  steps = 20,
  watch?: (session: TrainingSession) => void,
): Promise<{ readonly session: TrainingSession; readonly store: TunedStore }> {
  const manifest = await newManifest({ steps });
  const store = new TunedStore(storage, Date.now, quickLock(storage));
  await store.create(manifest, DATA);
  return { session: sessionOf(manifest, store, watch), store };
}

/** Calls `act` once, when the training has reached a step. */
const at = (step: number, act: (session: TrainingSession) => void) => {
  let done = false;
  return (session: TrainingSession) => {
    if (!done && session.look.status === 'running' && session.look.step >= step) {
      done = true;
      act(session);
    }
  };
};

async function unbroken(steps: number) {
  const before = [storage, engine] as const;
  [storage, engine] = [new MemoryStorage(), new FakeTrainer()];
  const { session, store } = await begun(steps);
  await session.run();
  const result = { points: session.look.points, weights: await store.weights('a1') };
  [storage, engine] = before;
  return result;
}

describe('a training', () => {
  test('runs to its end, stores the weights and what they change, and gives the engine back', async () => {
    const { session, store } = await begun();
    await session.run();
    expect(session.look).toMatchObject({ status: 'done', step: 20, measuring: false, trainable: 1 });
    expect(session.look.points.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const { finished, weights, checkpoints, effect } = await store.manifest('a1');
    expect([finished, weights?.step, checkpoints.length, effect?.loss.before]).toEqual([true, 20, 0, 4]);
    expect(engine.open).toBe(0);
  });

  test('paused, it rests saved at the step at hand; resumed, it makes the same curve', async () => {
    const { session, store } = await begun(
      20,
      at(7, (s) => void s.pause()),
    );
    await session.run();
    const { status, step } = session.look;
    expect([status, session.saved?.step, step < 20]).toEqual(['paused', step, true]);
    expect((await store.checkpoint('a1'))?.step).toBe(step);
    await session.run();
    // The engine still had it.
    expect(engine.calls).toEqual(['begin new']);
    expect({ points: session.look.points, weights: await store.weights('a1') }).toEqual(await unbroken(20));
  });

  test('resumed after the engine has gone, it goes on from the checkpoint', async () => {
    const { session } = await begun(
      20,
      at(7, (s) => void s.pause()),
    );
    await session.run();
    engine = new FakeTrainer();
    session.engineGone();
    await session.run();
    expect(engine.calls).toEqual(['begin checkpoint']);
    expect(session.look.points).toEqual((await unbroken(20)).points);
  });

  test('stopped, it has the weights of then and can be gone on with', async () => {
    const { session, store } = await begun(
      20,
      at(7, (s) => void s.stop()),
    );
    await session.run();
    const manifest = await store.manifest('a1');
    const { step } = session.look;
    expect(session.look.status).toBe('done');
    expect([manifest.finished, manifest.weights?.step, manifest.checkpoints.at(-1)?.step]).toEqual([
      false,
      step,
      step,
    ]);
    const again = sessionOf(manifest, store);
    await again.run();
    expect(again.look.points).toEqual((await unbroken(20)).points);
  });

  test('stopped while it rests, it has its weights, too', async () => {
    const { session, store } = await begun(
      20,
      at(7, (s) => void s.pause()),
    );
    await session.run();
    await session.stop();
    expect([session.look.status, (await store.manifest('a1')).weights?.step]).toEqual([
      'done',
      session.look.step,
    ]);
  });

  test('stopped before its first step, it leaves nothing', async () => {
    const { session, store } = await begun();
    const running = session.run();
    await session.stop();
    await running;
    expect([session.look.status, await store.list(), storage.files.size]).toEqual(['ended', [], 0]);
  });

  test('what the engine cannot do is told, with nothing lost', async () => {
    const { session } = await begun();
    engine.beginTraining = async () => {
      throw new UserError('modelUnsupported', 'There is no gradient of LSTM (node 7).');
    };
    await session.run();
    expect(session.look).toMatchObject({ status: 'failed', step: 0, error: { code: 'modelUnsupported' } });
  });

  test('a crash leaves the last checkpoint, and Retry goes on from it', async () => {
    const { session } = await begun();
    engine.untilCrash = 12;
    await session.run();
    expect(session.look).toMatchObject({ status: 'failed', step: 10, error: { code: 'engineCrashed' } });
    expect(session.look.points).toHaveLength(10);
    engine = new FakeTrainer();
    await session.run();
    expect(session.look).toMatchObject({ status: 'done', error: undefined });
    expect(session.look.points).toEqual((await unbroken(20)).points);
  });

  test('an engine that others stop lets it rest', async () => {
    const { session } = await begun();
    const train = engine.train;
    engine.train = async (request, call) => {
      if (request.until > 10) {
        throw new CancelledError();
      }
      return train(request, call);
    };
    await session.run();
    expect(session.look).toMatchObject({ status: 'paused', step: 10 });
    expect(session.look.note).toContain('Resume');
  });

  test('a loss that is no number ends it with the last good weights, and says so', async () => {
    const { session, store } = await begun();
    engine.astray = 13;
    await session.run();
    expect(session.look).toMatchObject({ status: 'done', step: 10 });
    expect(session.look.note).toMatch(/step 13: The loss is not a number.*step 10/u);
    const { finished, weights } = await store.manifest('a1');
    expect([finished, weights?.step, opened]).toEqual([true, 10, 1]);
    expect(session.look.points).toHaveLength(10);
  });

  test('a loss that is no number before anything was saved is an error, with the curve that led to it', async () => {
    const { session } = await begun();
    engine.astray = 3;
    await session.run();
    expect(session.look).toMatchObject({ status: 'failed', step: 3, error: { code: 'badRequest' } });
    expect(session.look.points.map(({ step }) => step)).toEqual([1, 2]);
    engine.astray = Infinity;
    await session.run();
    expect(session.look).toMatchObject({ status: 'done', step: 20 });
    expect(session.look.points).toEqual((await unbroken(20)).points);
  });

  test('a full disk keeps the old checkpoint and says so; training goes on', async () => {
    let told = '';
    const { session, store } = await begun(20, (s) => {
      told ||= s.look.note ?? '';
      if (s.saved?.step === 5) {
        storage.room = 0;
      }
      if (s.look.step >= 14) {
        storage.room = Infinity;
      }
    });
    await session.run();
    expect(told).toBe('Step 10 could not be saved: No space is left on the device. Step 5 is still there.');
    expect([session.look.status, (await store.manifest('a1')).weights?.step]).toEqual(['done', 20]);
  });

  test('an effect that cannot be measured loses no weights', async () => {
    const { session, store } = await begun();
    engine.effectFails = true;
    await session.run();
    expect([session.look.status, session.look.measuring]).toEqual(['done', false]);
    expect((await store.manifest('a1')).weights?.step).toBe(20);
  });

  test('says where the held-out loss was lower', async () => {
    const { session } = await begun(20, (s) => void s);
    const train = engine.train;
    engine.train = async (request, call) => {
      const run = await train(request, call);
      const points = run.points.map((p) => (p.step === 20 ? { ...p, heldOut: 99 } : p));
      return { ...run, points };
    };
    await session.run();
    expect(session.look.note).toContain('lowest at step 15');
  });
});

test('killed twenty times at random, it loses only the steps since the last checkpoint and ends as if unbroken', async () => {
  const { weights, points } = await unbroken(200);
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const manifest = await newManifest({ steps: 200 });
  await new TunedStore(storage, Date.now, quickLock(storage)).create(manifest, DATA);
  for (let kill = 0; kill < 20; kill++) {
    engine = new FakeTrainer();
    storage = storage.reopened();
    const store = new TunedStore(storage, Date.now, quickLock(storage));
    const before = await store.manifest('a1');
    const session = sessionOf(before, store);
    if (kill % 2 === 0) {
      // The worker dies: the host hears of it.
      engine.untilCrash = random(20);
      await session.run();
      expect(session.look.status).toBe('failed');
    } else {
      // The window dies, in the middle of an operation: nobody hears of anything.
      storage.untilKill = 3 + random(60);
      const frozen = storage;
      await Promise.race([
        session.run(),
        new Promise<void>((resolve) => {
          const watch = setInterval(() => {
            if (frozen.untilKill < 0) {
              clearInterval(watch);
              resolve();
            }
          }, 1);
        }),
      ]);
    }
    const { step } = session.look;
    storage = storage.reopened();
    const saved = (await new TunedStore(storage, Date.now, quickLock(storage)).checkpoint('a1'))?.step ?? 0;
    expect(step - saved).toBeLessThanOrEqual(manifest.options.saveEvery);
  }
  engine = new FakeTrainer();
  const store = new TunedStore(storage.reopened(), Date.now, quickLock(storage.reopened()));
  const last = sessionOf(await store.manifest('a1'), store);
  await last.run();
  expect(last.look.status).toBe('done');
  expect(last.look.points).toEqual(points);
  expect(await store.weights('a1')).toEqual(weights);
});
