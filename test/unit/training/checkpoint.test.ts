// Checkpoints: every bit comes back, what is damaged or of another training is refused, and no failure of the disk loses the last.
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/shared/safetensors';
import type { TrainingState } from '../../../src/training/checkpoint';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/training/checkpoint';
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
    const settings = { steps: '25', rate: '0.1' };
    const named = encodeCheckpoint({ ...state(7), identity: { ...identity, settings } });
    const other = { ...identity, options: 'x', settings: { ...settings, steps: '50' } };
    expect(() => decodeCheckpoint(named, other, shapes)).toThrow(
      'other settings: steps was 25, is 50. Choose',
    );
    expect(() => decodeCheckpoint(file, other, shapes)).toThrow('other settings. Choose');
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
