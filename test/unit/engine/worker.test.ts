// The engine in a real worker of Node, over the real channel, as the host starts it; and what its end means for callers.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/shared/errors';
import type { Engine, Progress } from '../../../src/shared/protocol';
import type { Connection } from '../../../src/shared/rpc';
import { connect, transfer } from '../../../src/shared/rpc';
import { nodeChannel } from '../../../src/shared/workerChannel';
import { filesOf, MODEL, root, shippedModel } from './testEngine';

const ort = path.join(root, 'node_modules/onnxruntime-web/dist');

/** As in the product's own build: the ES module would ask where it is, which a CommonJS bundle does not know. */
const ortAsCommonJs: Plugin = {
  name: 'ort-as-common-js',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^onnxruntime-web$/ }, () => ({ path: path.join(ort, 'ort.node.min.js') })),
};

describe('the worker of Node', () => {
  let folder: string;
  let worker: Worker;
  let engine: Connection<Engine>;

  const start = async () => {
    worker = new Worker(path.join(folder, 'engine.js'));
    engine = connect<Engine>(nodeChannel(worker));
    await engine.start({ backend: 'wasm', threads: 1, traceBytes: 1e9 });
  };

  const load = () => {
    const files = filesOf(shippedModel);
    const buffers = Object.values(files).map(({ buffer }) => buffer);
    return engine.loadModel(transfer({ id: MODEL, name: 'shipped', files }, buffers));
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'engine-worker-'));
    symlinkSync(ort, path.join(folder, 'ort'), 'dir');
    await build({
      entryPoints: [path.join(root, 'src/engine/worker.node.ts')],
      outfile: path.join(folder, 'engine.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['webgpu', 'onnxruntime-web/webgpu'],
      plugins: [ortAsCommonJs],
      logLevel: 'error',
    });
    await start();
    await load();
  }, 60_000);

  afterAll(async () => {
    engine.dispose();
    await worker.terminate();
    rmSync(folder, { recursive: true });
  });

  test('explores, and moves slices instead of copying them', async () => {
    const trace = await engine.explore({ model: MODEL, texts: ['The house is old.'] });
    const matrix = await engine.matrix({
      trace: trace.id,
      attention: 'encoder.0.self',
      head: 0,
      batch: 0,
      stage: 'weights',
      unit: 'words',
    });
    expect(matrix.data.length).toBe(matrix.rows * matrix.columns);
    expect(matrix.data.buffer.byteLength).toBe(matrix.data.byteLength);
    const overview = { trace: trace.id, kind: 'encoderSelf', batch: 0, unit: 'words', maxCells: 8 } as const;
    // The engine keeps its own: what was moved once can be asked for again.
    const [first, second] = [await engine.overview(overview), await engine.overview(overview)];
    expect(second.data).toEqual(first.data);
  });

  test('errors keep their code and details', async () => {
    await expect(engine.explore({ model: MODEL, texts: ['word '.repeat(600)] })).rejects.toMatchObject({
      code: 'textTooLong',
      details: { limit: 512 },
    });
  });

  test('tells how far it is, and can be cancelled on the way', async () => {
    const controller = new AbortController();
    const seen: Progress[] = [];
    const run = engine.explore(
      { model: MODEL, texts: ['The old man walked along the river because the weather was nice.'] },
      {
        signal: controller.signal,
        onProgress: (progress) => {
          seen.push(progress);
          if (seen.length === 3) {
            controller.abort();
          }
        },
      },
    );
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    const answered = await engine.tokenize({ model: MODEL, text: 'still here' });
    expect(answered.words.length).toBeGreaterThan(2);
    expect(seen.length).toBeLessThan(10);
  });

  test('ended in the middle of a run, callers hear of it, and a new one works', async () => {
    const run = engine.explore({ model: MODEL, texts: ['The old man walked along the river.'] });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await worker.terminate();
    await ended;
    engine.dispose(new UserError('engineCrashed', 'The engine stopped.'));
    await expect(run).rejects.toMatchObject({ code: 'engineCrashed' });
    await start();
    await load();
    const trace = await engine.explore({ model: MODEL, texts: ['Yes.'] });
    expect(trace.encoder).toHaveLength(1);
  }, 60_000);
});
