// Checkpoints: every bit comes back, what is damaged or of another training is refused, and no failure of the disk loses the last.
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/shared/safetensors';
import type { TrainingState } from '../../../src/training/checkpoint';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/training/checkpoint';
import type { CheckpointFiles } from '../../../src/training/checkpointStore';
import { CheckpointStore } from '../../../src/training/checkpointStore';
import { contentHash } from '../../../src/training/contentHash';
import { Generator } from '../../../src/training/generator';

const identity = { model: 'm', data: 'd', options: 'o' };
const shapes = new Map([
  ['encoder/a', [2, 2]],
  ['b', [1]],
]);

function state(step: number): TrainingState {
  const numbers = (count: number, start: number) =>
    Float32Array.from({ length: count }, (_, i) => Math.fround((start + i) / 3));
  return {
    identity,
    step,
    epoch: 2,
    position: 1,
    generator: Generator.of(step).state,
    points: [
      { step: 1, loss: 1 / 3, rate: 0.1, norm: 2 },
      { step: 2, loss: 0.1 + 0.2, rate: 1e-7, norm: 1, heldOut: 0.7 },
    ],
    parameters: new Map(
      [...shapes].map(([name, dims], i) => {
        const count = dims.reduce((a, b) => a * b);
        return [
          name,
          { dims, weight: numbers(count, i), first: numbers(count, 9), second: numbers(count, -4) },
        ];
      }),
    ),
  };
}

describe('a checkpoint', () => {
  it('brings back every bit', () => {
    const saved = state(7);
    expect(decodeCheckpoint(encodeCheckpoint(saved), identity, shapes)).toEqual(saved);
  });

  it('is refused wherever it was cut off', () => {
    const file = encodeCheckpoint(state(7));
    for (let length = 0; length < file.length; length += 7) {
      expect(() => decodeCheckpoint(file.subarray(0, length), identity, shapes)).toThrow(
        expect.objectContaining({ code: 'modelCorrupt' }) as Error,
      );
    }
    const other = writeSafetensors({ a: { type: 'float32', dims: [1], data: Float32Array.of(1) } });
    expect(() => decodeCheckpoint(other, identity, shapes)).toThrow('no checkpoint');
    const missing = new Map([...shapes, ['c', [1]]]);
    expect(() => decodeCheckpoint(file, identity, missing)).toThrow('"c"');
    expect(() => decodeCheckpoint(file, identity, new Map([['b', [2]]]))).toThrow('another shape');
  });

  it('of another training is refused, saying what to do', () => {
    const file = encodeCheckpoint(state(7));
    for (const [key, words] of [
      ['model', 'another model. Load'],
      ['data', 'other training data. Select'],
      ['options', 'other settings. Choose'],
    ]) {
      expect(() => decodeCheckpoint(file, { ...identity, [key]: 'x' }, shapes)).toThrow(words);
    }
  });
});

describe('contentHash', () => {
  it('changes with every byte and border', () => {
    const bytes = Uint8Array.from({ length: 21 }, (_, i) => i);
    const all = new Set([contentHash([bytes]), contentHash(['ab', 'c']), contentHash(['a', 'bc'])]);
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] ^= 1;
      all.add(contentHash([changed]));
    }
    expect(all.size).toBe(24);
    // Unaligned views of the same bytes are the same.
    expect(contentHash([new Uint8Array([9, ...bytes]).subarray(1)])).toBe(contentHash([bytes]));
    expect(contentHash([bytes])).toMatch(/^[0-9a-f]{16}$/);
  });
});

/** A disk in memory of which one call can fail; a failing write leaves half a file, as a full disk does. */
class Disk implements CheckpointFiles {
  readonly content = new Map<string, Uint8Array>();
  calls = 0;
  failsAt = -1;
  /** Everything from `failsAt` on fails: the program was killed. */
  isDead = false;

  private fails(): boolean {
    const call = this.calls++;
    return call === this.failsAt || (this.isDead && call > this.failsAt);
  }

  async list() {
    return this.fails() ? Promise.reject(new Error('EIO')) : [...this.content.keys()];
  }

  async readFile(name: string) {
    const found = this.content.get(name);
    return found && !this.fails() ? found : Promise.reject(new Error('ENOENT'));
  }

  async writeFile(name: string, content: Uint8Array) {
    const fails = this.fails();
    if (!this.isDead || this.calls - 1 <= this.failsAt || this.failsAt < 0) {
      this.content.set(name, fails ? content.subarray(0, content.length >> 1) : content);
    }
    return fails ? Promise.reject(new Error('ENOSPC')) : undefined;
  }

  async rename(from: string, to: string) {
    const found = this.content.get(from);
    if (this.fails() || !found) {
      return Promise.reject(new Error('EIO'));
    }
    this.content.delete(from);
    this.content.set(to, found);
    return undefined;
  }

  async delete(name: string) {
    return this.fails() || !this.content.delete(name) ? Promise.reject(new Error('ENOENT')) : undefined;
  }
}

const decode = (content: Uint8Array) => decodeCheckpoint(content, identity, shapes);

async function filled(): Promise<Disk> {
  const disk = new Disk();
  const store = new CheckpointStore(disk);
  for (const [step, loss] of [
    [1, 0.9],
    [2, 0.5],
    [3, 0.7],
    [4, undefined],
    [5, 0.8],
  ] as const) {
    await store.save(step, loss, encodeCheckpoint(state(step)));
  }
  disk.calls = 0;
  return disk;
}

describe('the store of checkpoints', () => {
  it('keeps the newest two and the best', async () => {
    const disk = await filled();
    disk.content.set('notes.txt', new Uint8Array(1));
    const store = new CheckpointStore(disk);
    expect((await store.list()).map(({ step, heldOut }) => [step, heldOut])).toEqual([
      [2, 0.5],
      [4, undefined],
      [5, 0.8],
    ]);
    const loaded = await store.load(decode);
    expect(loaded).toMatchObject({ from: { step: 5 }, damaged: [] });
    expect(loaded?.state).toEqual(state(5));
    expect(await new CheckpointStore(new Disk()).load(decode)).toBeUndefined();
  });

  it('takes the one before where the newest is damaged, but not that of another training', async () => {
    const disk = await filled();
    const newest = [...disk.content.keys()].find((name) => name.includes('00000005')) ?? '';
    disk.content.set(newest, new Uint8Array(100));
    const store = new CheckpointStore(disk);
    expect(await store.load(decode)).toMatchObject({ from: { step: 4 }, damaged: [newest] });
    disk.content.set(newest, encodeCheckpoint({ ...state(5), identity: { ...identity, data: 'x' } }));
    await expect(store.load(decode)).rejects.toThrow('other training data');
  });

  it.each([false, true])('always has a whole one, whichever call fails (killed then: %s)', async (isDead) => {
    for (let failsAt = 0; failsAt < 12; failsAt++) {
      const disk = await filled();
      disk.failsAt = failsAt;
      disk.isDead = isDead;
      const saved = await new CheckpointStore(disk).save(6, 0.6, encodeCheckpoint(state(6))).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'internal' });
          expect((error as Error).message).toContain('The one before is still there');
          return false;
        },
      );
      disk.failsAt = -1;
      disk.isDead = false;
      const loaded = await new CheckpointStore(disk).load(decode);
      expect(loaded?.damaged).toEqual([]);
      expect(loaded?.from.step).toBe(saved ? 6 : 5);
      expect(loaded?.state).toEqual(state(saved ? 6 : 5));
      // The next one clears up.
      await new CheckpointStore(disk).save(7, 0.4, encodeCheckpoint(state(7)));
      expect(disk.content.size).toBe(2);
      expect([...disk.content.keys()].every((name) => name.endsWith('.safetensors'))).toBe(true);
    }
  });
});
