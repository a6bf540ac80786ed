// .npz files: the bytes are a ZIP of .npy arrays that NumPy reads as they were written.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeNpz } from '../../../src/shared/npz';
import { readNpz } from '../../support/readNpz';

const tensors = {
  'encoder.0.self.weights': {
    type: 'float32',
    dims: [1, 2, 2, 3],
    data: new Float32Array([0.1, 0.2, 0.7, 1, 0, 0, 0.25, 0.25, 0.5, -Infinity, 1e-30, 3]),
  },
  'encoder.ids': { type: 'int64', dims: [1, 3], data: new BigInt64Array([5n, -1n, 2n ** 40n]) },
  mask: { type: 'bool', dims: [2], data: new Uint8Array([0, 1]) },
} as const;
const texts = { model: 'modèle 小', tokens: [['▁it', '😀'], ['</s>']] } as const;

describe('writeNpz', () => {
  test('is read back as it was written', () => {
    const read = readNpz(writeNpz(tensors, texts));
    expect(Object.keys(read)).toEqual([...Object.keys(tensors), ...Object.keys(texts)]);
    expect(read['encoder.0.self.weights']).toEqual({
      description: '<f4',
      dims: [1, 2, 2, 3],
      bytes: new Uint8Array(tensors['encoder.0.self.weights'].data.buffer),
    });
    expect(read['encoder.ids'].bytes).toEqual(new Uint8Array(tensors['encoder.ids'].data.buffer));
    expect(read['mask']).toMatchObject({ description: '|b1', dims: [2] });
    expect(read['tokens']).toMatchObject({ description: '<U4', dims: [2, 2] });
  });

  test('makes the same bytes of the same run', () => {
    expect(writeNpz(tensors, texts)).toEqual(writeNpz(tensors, texts));
  });

  const numpy = spawnSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' }).status === 0;
  test.skipIf(!numpy)('NumPy reads it (skipped without python3 and numpy)', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'npz-'));
    try {
      const file = path.join(folder, 'run.npz');
      writeFileSync(file, writeNpz(tensors, texts));
      const script = `
import json, sys, numpy, zipfile
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
f = numpy.load(sys.argv[1])
w = f['encoder.0.self.weights']
print(json.dumps([list(w.shape), float(w[0, 1, 0, 2]), bool(numpy.isneginf(w[0, 1, 1, 0])),
  f['encoder.ids'].tolist(), f['mask'].tolist(), str(f['model']), f['tokens'].tolist()]))`;
      const output = execFileSync('python3', ['-c', script, file], { encoding: 'utf8' });
      expect(JSON.parse(output)).toEqual([
        [1, 2, 2, 3],
        0.5,
        true,
        [[5, -1, 2 ** 40]],
        [false, true],
        'modèle 小',
        [
          ['▁it', '😀'],
          ['</s>', ''],
        ],
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
