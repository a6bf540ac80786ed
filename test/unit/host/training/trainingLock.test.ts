// Two windows with one storage: never two at work on one training, a dead one in nobody's way, a late one stopped before it writes.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TrainingSession } from '../../../../src/host/training/trainingSession';
import { TrainingLock } from '../../../../src/host/training/trainingLock';
import { TunedStore } from '../../../../src/host/training/tunedStore';
import { Generator } from '../../../../src/training/generator';
import { FakeTrainer } from './fakeTrainer';
import { DATA, newManifest } from './manifest';
import { MemoryStorage } from './memoryStorage';
import { QUICK, quickLock } from './quickLock';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);

const IN_ANOTHER = { code: 'badRequest', message: expect.stringContaining('open in another window') };
const locks: TrainingLock[] = [];
const lockOn = (storage: MemoryStorage, now?: () => number): TrainingLock => {
  const lock = now ? new TrainingLock(storage, QUICK, now) : quickLock(storage);
  locks.push(lock);
  return lock;
};
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
afterEach(() => locks.splice(0).forEach((lock) => lock.dispose()));

describe('the lock', () => {
  test('lets one window in, the other when that lets go, and each again and again', async () => {
    const storage = new MemoryStorage();
    const [one, other] = [lockOn(storage), lockOn(storage.shared())];
    const release = await one.hold('a1');
    await expect(other.hold('a1')).rejects.toMatchObject(IN_ANOTHER);
    expect(await one.during('a1', async () => 'inside')).toBe('inside');
    await expect(other.hold('a1')).rejects.toMatchObject(IN_ANOTHER);
    await (
      await other.hold('b2')
    )();
    await release();
    const again = await other.hold('a1');
    await expect(one.hold('a1')).rejects.toMatchObject(IN_ANOTHER);
    await again();
    expect([...storage.files.keys()]).toEqual([]);
  });

  test('a window that died keeps nobody out for long, whatever its clock said', async () => {
    for (const now of [Date.now, () => 1000, () => 1e15]) {
      const storage = new MemoryStorage();
      await lockOn(storage, now).hold('a1');
      const next = lockOn(storage.reopened());
      const onWait = vi.fn();
      const began = performance.now();
      await next.hold('a1', { onWait });
      // One that wrote long ago is not waited for.
      expect(onWait).toHaveBeenCalledTimes(now() === 1000 ? 0 : 1);
      expect(performance.now() - began > QUICK.stale / 2).toBe(now() !== 1000);
      expect([...storage.files.keys()]).toHaveLength(1);
    }
  });

  test('waiting for a dead window can be given up', async () => {
    const storage = new MemoryStorage();
    await lockOn(storage).hold('a1');
    const abort = new AbortController();
    const next = lockOn(storage.reopened()).hold('a1', { signal: abort.signal, onWait: () => abort.abort() });
    await expect(next).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('who was taken for dead is told before it writes, and its claim does not come back', async () => {
    const storage = new MemoryStorage();
    const slow = lockOn(storage);
    await slow.hold('a1');
    const file = [...storage.files.keys()][0];
    storage.files.delete(file);
    const now = await lockOn(storage.shared()).hold('a1');
    await expect(slow.during('a1', async () => undefined)).rejects.toMatchObject({
      code: 'badRequest',
      details: { takenOver: file },
    });
    await wait(4 * QUICK.beat);
    expect(storage.files.has(file)).toBe(false);
    await now();
  });

  test('of many windows at the same moment at most one is inside', async () => {
    const random = Generator.of(3);
    let [inside, most] = [0, 0];
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const visits = Array.from({ length: 12 }, async () => {
      const storage = new MemoryStorage(files);
      // Operations of a file system take time, each its own.
      for (const name of ['read', 'write', 'delete', 'list'] as const) {
        const plain = storage[name].bind(storage) as (...args: unknown[]) => Promise<never>;
        storage[name] = async (...args: unknown[]) => {
          await wait(2 * random.uniform());
          return plain(...args);
        };
      }
      const release = await lockOn(storage)
        .hold('a1')
        .catch(() => undefined);
      if (release) {
        most = Math.max(most, ++inside);
        await wait(3);
        inside--;
        await release();
      }
    });
    await Promise.all(visits);
    expect(most).toBeLessThanOrEqual(1);
    // Whoever comes later is let in.
    await (
      await lockOn(new MemoryStorage(files)).hold('a1')
    )();
  });
});

describe('two windows on one training', () => {
  /** A window's session; all share the files. */
  const windowOn = (storage: MemoryStorage, manifest: Awaited<ReturnType<typeof newManifest>>) => {
    const store = new TunedStore(storage, Date.now, lockOn(storage));
    const engine = new FakeTrainer();
    const session = new TrainingSession(manifest, {
      store,
      open: async () => ({ engine, model: 'training:base' }),
      close: async () => undefined,
      changed: () => undefined,
      log: () => undefined,
    });
    return { store, engine, session };
  };

  async function paused() {
    const storage = new MemoryStorage();
    const manifest = await newManifest({ steps: 20 });
    const one = windowOn(storage, manifest);
    await one.store.create(manifest, DATA);
    const running = one.session.run();
    while (one.session.look.step < 6) {
      await wait(1);
    }
    await one.session.pause();
    await running;
    return { storage, one };
  }

  test('the second hears that the first has it, and changes nothing', async () => {
    const { storage, one } = await paused();
    const manifest = await one.store.manifest('a1');
    const two = windowOn(storage.shared(), manifest);
    await two.session.run();
    expect(two.session.look).toMatchObject({ status: 'failed', error: IN_ANOTHER });
    expect(two.engine.calls).toEqual([]);
    await expect(two.store.delete('a1')).rejects.toMatchObject(IN_ANOTHER);
    await expect(two.store.update('a1', { name: 'other' })).rejects.toMatchObject(IN_ANOTHER);
    expect(await one.store.manifest('a1')).toEqual(manifest);
    // The first goes on, and when it is done, the other may.
    await one.session.run();
    expect(one.session.look.status).toBe('done');
    expect((await two.store.update('a1', { name: 'other' })).name).toBe('other');
  });

  test('when the first is killed, the second goes on from its checkpoint', async () => {
    const { storage, one } = await paused();
    const manifest = await one.store.manifest('a1');
    const two = windowOn(storage.reopened(), manifest);
    await two.session.run();
    expect([two.session.look.status, two.engine.calls]).toEqual(['done', ['begin checkpoint']]);
    expect((await two.store.manifest('a1')).weights?.step).toBe(20);
  });

  test('a first that slept until it was taken for dead stops, and leaves what the second has', async () => {
    const { storage, one } = await paused();
    for (const file of [...storage.files.keys()].filter((name) => name.includes('/window-'))) {
      storage.files.delete(file);
    }
    const two = windowOn(storage.shared(), await one.store.manifest('a1'));
    const running = two.session.run();
    await one.session.run();
    expect(one.session.look.status).toBe('failed');
    expect(String(one.session.look.error)).toContain('Another window has gone on');
    await running;
    expect(two.session.look.status).toBe('done');
    expect((await two.store.manifest('a1')).weights?.step).toBe(20);
  });
});
