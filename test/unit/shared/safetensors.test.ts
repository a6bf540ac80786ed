// The safetensors format: what is written is read again, and the layout is the one of the specification.
import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/shared/safetensors';
import type { NamedTensors } from '../../../src/shared/tensor';

const tensors: NamedTensors = {
  'encoder.0.self.weights': { type: 'float32', dims: [1, 2], data: Float32Array.of(0.25, 0.75) },
  ids: { type: 'int64', dims: [3], data: BigInt64Array.of(1n, -2n, 3n) },
  mask: { type: 'bool', dims: [1, 3], data: Uint8Array.of(1, 0, 1) },
  half: { type: 'float16', dims: [], data: Uint16Array.of(0x3c00) },
  empty: { type: 'float32', dims: [2, 0], data: new Float32Array(0) },
};

describe('safetensors', () => {
  test('what is written is read again', () => {
    expect(readSafetensors(writeSafetensors(tensors, { text: 'Hello' }))).toEqual(tensors);
  });

  test('begins with the header length, a padded JSON header and aligned data', () => {
    const file = writeSafetensors(tensors);
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as unknown;
    expect(header).toMatchObject({
      ids: { dtype: 'I64', shape: [3], data_offsets: [0, 24] },
      'encoder.0.self.weights': { dtype: 'F32', shape: [1, 2], data_offsets: [24, 32] },
      half: { dtype: 'F16', shape: [], data_offsets: [32, 34] },
      mask: { dtype: 'BOOL', data_offsets: [34, 37] },
    });
    expect(file.length).toBe(8 + length + 37);
  });

  test('reads from a view that is not aligned', () => {
    const file = writeSafetensors(tensors);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(readSafetensors(shifted.subarray(3))).toEqual(tensors);
  });

  test.each([
    ['an empty file', new Uint8Array(0)],
    ['a header beyond the end', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 1)],
    ['no JSON', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b)],
    ['missing data', writeSafetensors(tensors).slice(0, -1)],
  ])('refuses %s', (_what, file) => {
    expect(() => readSafetensors(file)).toThrow(expect.objectContaining({ code: 'modelCorrupt' }) as Error);
  });
});
