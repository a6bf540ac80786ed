// Twenty windows killed with SIGKILL, engine and all, at random moments: only the steps since the last checkpoint are lost.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dataHash } from '../../src/host/training/tunedManifest';
import { TunedStore } from '../../src/host/training/tunedStore';
import { readSafetensors } from '../../src/shared/safetensors';
import type { TrainingOptions } from '../../src/shared/training';
import { Generator } from '../../src/training/generator';
import { root } from '../unit/engine/testEngine';
import { DATA, newManifest } from '../unit/host/training/manifest';
import { diskStorage } from './diskStorage';
import type { Death, WindowOrder } from './window';

vi.mock('vscode', async () => (await import('../unit/host/training/fakeVscode')).fakeVscode);

/** Small, causal, with attention in the form that is cheapest to differentiate; without a tokenizer. */
const MODEL = { folder: 'test/golden/layouts/bloom', vocabulary: 64 };
const TEXT = Array.from(
  { length: 24 },
  (_, i) => `w${i + 2} w${i + 5} w${(3 * i) % 50} w${i + 9} w${i + 30}`,
);
const SAVE_EVERY = 3;
/** Enough that a fast machine, too, is still training at the last kill: it takes a dozen steps before some of them. */
const STEPS = 100;
/** What a window tells when the training is complete. */
const ENDED = `ended done at ${STEPS}`;
const OPTIONS: Partial<TrainingOptions> = {
  steps: STEPS,
  saveEvery: SAVE_EVERY,
  batch: 3,
  accumulate: 2,
  dropout: 0.2,
  labelSmoothing: 0.1,
  schedule: 'cosine',
  rate: 3e-3,
  strength: 1,
  heldOut: 0.2,
};
const KILLS = 10;
/** As near as a curve must come to that of a training that nobody kills. */
const SAME = 1e-6;
/** The runtime is started many times, and each start runs few steps: code that is quick to compile is better than quick code. */
const QUICK_START = ['--liftoff-only', '--wasm-lazy-compilation'];

const ort = path.join(root, 'node_modules/onnxruntime-web/dist');
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'kills-'));
  symlinkSync(ort, path.join(folder, 'ort'), 'dir');
  const modules: Plugin = {
    name: 'modules-of-the-product',
    setup: ({ onResolve }) => {
      // As in the product's own build: the ES module would ask where it is, which a CommonJS bundle does not know.
      onResolve({ filter: /^onnxruntime-web$/ }, () => ({ path: path.join(ort, 'ort.node.min.js') }));
      onResolve({ filter: /^vscode$/ }, () => ({ path: path.join(import.meta.dirname, 'vscodeModule.ts') }));
    },
  };
  await build({
    entryPoints: {
      engine: path.join(root, 'src/engine/worker.node.ts'),
      window: path.join(import.meta.dirname, 'window.ts'),
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.dirname': JSON.stringify(path.join(root, 'test/unit/engine')) },
    external: ['webgpu', 'onnxruntime-web/webgpu'],
    plugins: [modules],
    logLevel: 'error',
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A training that has not begun, in a folder of its own. */
async function begun(name: string, options: Partial<TrainingOptions>) {
  const place = path.join(folder, name);
  mkdirSync(place);
  const data = { text: TEXT.join('\n\n') };
  const store = new TunedStore(diskStorage(place, () => undefined));
  const manifest = { ...(await newManifest(options)), data: await dataHash(data) };
  await store.create(manifest, { ...DATA, data });
  return { place, store };
}

/** One life of a window, and what it has told. */
async function live(place: string, death?: Death) {
  const report = `${place}.txt`;
  rmSync(report, { force: true });
  const engine = path.join(folder, 'engine.js');
  const order: WindowOrder = { root: place, engine, ...MODEL, death, report };
  const program = [...QUICK_START, path.join(folder, 'window.js'), JSON.stringify(order)];
  const child = spawn(process.execPath, program, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const signal = await new Promise((resolve) => child.on('exit', (_, by) => resolve(by)));
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  const starting = (word: string) => lines.filter((line) => line.startsWith(word));
  expect(starting('error')).toEqual([]);
  const steps = starting('step').map((line) => Number(line.split(' ')[1]));
  return { killed: signal === 'SIGKILL', last: lines.at(-1) ?? '', reached: Math.max(0, ...steps) };
}

async function result({ store }: Awaited<ReturnType<typeof begun>>) {
  const { points, weights, finished } = await store.manifest('a1');
  const files = Object.entries(await store.weights('a1')).filter(([name]) => name.endsWith('.safetensors'));
  const tensors = files.flatMap(([, bytes]) => Object.entries(readSafetensors(bytes)));
  const numbers = tensors.flatMap(([, { data }]) => Array.from(data, Number));
  return { points, step: weights?.step, finished, names: tensors.map(([name]) => name), numbers };
}

const difference = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? a.reduce((most, each, i) => Math.max(most, Math.abs(each - b[i])), 0) : Infinity;

test.concurrent.each(['full', 'lora'] as const)('ten kills: %s', async (method) => {
  const options = { ...OPTIONS, method };
  const broken = await begun(method, options);
  const random = Generator.of(5, method);
  const kills: string[] = [];
  let saved = 0;
  while (kills.length < KILLS) {
    // Every other one while a checkpoint is written or put in its place, else during a step.
    const death: Death =
      kills.length % 2 === 0
        ? { at: 'step', count: 2 + random.below(4), delay: random.below(30) }
        : { at: 'checkpoint', count: 1 + random.below(6), delay: 0 };
    const { killed, reached, last } = await live(broken.place, death);
    expect([killed, last], 'it came to its end').toEqual([true, expect.stringMatching(/^(killed|step)/u)]);
    kills.push(last);
    const { checkpoints } = await broken.store.manifest('a1');
    const newest = checkpoints.at(-1)?.step ?? 0;
    expect((await broken.store.checkpoint('a1'))?.step ?? 0).toBe(newest);
    expect(newest).toBeGreaterThanOrEqual(saved);
    expect(reached - newest).toBeLessThanOrEqual(SAVE_EVERY);
    saved = newest;
  }
  // They were as various as they should be.
  const during = (what: RegExp) => kills.filter((kill) => what.test(kill)).length;
  expect([during(/step/u), during(/writes .*checkpoint|renames .*checkpoint|puts .*checkpoint/u)]).toEqual([
    KILLS / 2,
    KILLS / 2,
  ]);
  expect((await live(broken.place)).last).toBe(ENDED);

  const unbroken = await begun(`${method} unbroken`, options);
  expect((await live(unbroken.place)).last).toBe(ENDED);
  const [wanted, found] = [await result(unbroken), await result(broken)];
  expect([found.step, found.finished, found.names]).toEqual([STEPS, true, wanted.names]);
  const losses = (points: typeof wanted.points) => points.flatMap(({ loss, heldOut = 0 }) => [loss, heldOut]);
  expect(difference(losses(wanted.points), losses(found.points))).toBeLessThan(SAME);
  expect(difference(wanted.numbers, found.numbers)).toBeLessThan(SAME);
  // It has learned something: with a rate of nothing, any curve would be the same.
  expect(wanted.points[STEPS - 1].loss).toBeLessThan(wanted.points[0].loss - 0.1);
});
