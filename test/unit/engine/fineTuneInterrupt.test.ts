// Ctrl-C while the command line trains: it ends with what it reached saved, and the same command with --resume ends with the curve of an unbroken run.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseCommand } from '../../../src/engine/cli/arguments';
import { CHECKPOINTS } from '../../../src/engine/cli/checkpointFolder';
import { fineTuneCommand } from '../../../src/engine/cli/fineTune';
import type * as OpenEngine from '../../../src/engine/cli/openEngine';
import { readModelFiles } from '../../../src/engine/cli/readModelFiles';
import { filesOf, root, startEngine } from './testEngine';

// In this process, the inference library lies where it was installed.
vi.mock('../../../src/engine/cli/openEngine', async (original): Promise<typeof OpenEngine> => {
  const { MODEL, shippedModel } = await original<typeof OpenEngine>();
  return {
    MODEL,
    shippedModel,
    openEngine: async (place = '') => {
      const engine = await startEngine();
      const { name, files } = readModelFiles(place);
      const { backend } = await engine.loadModel({ id: MODEL, name, files });
      return { engine, backend };
    },
  };
});

const STEPS = 30;

let folder = '';
const at = (...names: string[]) => path.join(folder, ...names);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fine-tune-interrupt-'));
  // As in `dist`: the program with the inference library and its WASM files beside it.
  symlinkSync(path.join(root, 'node_modules'), at('node_modules'));
  symlinkSync(path.join(root, 'node_modules/onnxruntime-web/dist'), at('ort'));
  await build({
    entryPoints: [path.join(root, 'src/engine/cli/main.ts')],
    outfile: at('cli.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['webgpu', 'onnxruntime-web', 'onnxruntime-web/webgpu'],
  });
  for (const [name, bytes] of Object.entries(filesOf('test/golden/layouts/bert'))) {
    mkdirSync(path.dirname(at('model', name)), { recursive: true });
    writeFileSync(at('model', name), bytes);
  }
  const letters = (i: number) =>
    Array.from({ length: 6 }, (_, k) => 'abcdefghijklmnop'[(5 * i + 3 * k) % 16]);
  const texts = Array.from({ length: 12 }, (_, i) => `${letters(i).join(' ')}.`);
  writeFileSync(at('texts.txt'), texts.join('\n\n'));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Dropout, masking and held-out losses: what a resumed run could get wrong. */
function argumentsFor(out: string): string[] {
  const options = ['--steps', String(STEPS), '--batch', '4', '--dropout', '0.1', '--held-out', '0.25'];
  const place = ['--data', at('texts.txt'), '--model', at('model'), '--out', at(out), '--threads', '1'];
  return ['fine-tune', ...place, ...options];
}

/** In a process of its own, which gets SIGINT once it has said this. */
function interrupted(out: string, once: RegExp): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [at('cli.cjs'), ...argumentsFor(out)], { cwd: root });
    let errors = '';
    let isTold = false;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      if (!isTold && once.test(errors)) {
        isTold = true;
        child.kill('SIGINT');
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, errors }));
  });
}

/** In this process, to its end. */
async function trained(out: string, more: readonly string[] = []) {
  const command = parseCommand([...argumentsFor(out), ...more]);
  let output = '';
  const told: string[] = [];
  if (command.verb === 'fine-tune') {
    const print = async (text: string) => void (output += text);
    await fineTuneCommand(command, print, (line) => told.push(line), new AbortController().signal);
  }
  return { told, points: (JSON.parse(output) as { points: unknown }).points };
}

test('an interrupted training is gone on with to the curve of an unbroken one', async () => {
  const [whole, broken] = await Promise.all([trained('whole'), interrupted('broken', /Step \d+ of/u)]);
  expect(broken.code, broken.errors).toBe(130);
  const saved = Number(/interrupted after step (\d+) of 30\. Step \1 is saved/u.exec(broken.errors)?.[1]);
  expect(saved).toBeGreaterThan(0);
  expect(saved).toBeLessThan(STEPS);
  expect(readdirSync(at('broken'))).toEqual([CHECKPOINTS]);
  await expect(trained('broken')).rejects.toThrow('--resume');
  const resumed = await trained('broken', ['--resume']);
  expect(resumed.told[0]).toBe(`Going on from step ${saved} of ${STEPS}.`);
  expect(whole.points).toHaveLength(STEPS);
  expect(resumed.points).toEqual(whole.points);
  expect([existsSync(at('broken', CHECKPOINTS)), existsSync(at('whole', CHECKPOINTS))]).toEqual([
    false,
    false,
  ]);
  expect(readdirSync(at('broken')).sort()).toEqual(readdirSync(at('whole')).sort());
}, 120_000);
