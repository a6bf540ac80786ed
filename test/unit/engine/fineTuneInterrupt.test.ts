// Ctrl-C while the command line trains: it ends with what it reached saved, and the same command with --resume ends with the curve of an unbroken run.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHECKPOINTS } from '../../../src/engine/cli/checkpointFolder';
import { filesOf, root } from './testEngine';

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

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Dropout, masking and held-out losses: what a resumed run could get wrong. */
function fineTune(out: string, more: readonly string[], interruptAt?: RegExp): Promise<Ended> {
  const options = ['--steps', String(STEPS), '--batch', '4', '--dropout', '0.1', '--held-out', '0.25'];
  const place = ['--data', at('texts.txt'), '--model', at('model'), '--out', at(out), '--threads', '1'];
  const args = [at('cli.cjs'), 'fine-tune', ...place, ...options, ...more];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root });
    let [output, errors] = ['', ''];
    let isTold = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      if (!isTold && interruptAt?.test(errors)) {
        isTold = true;
        child.kill('SIGINT');
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, errors }));
  });
}

const pointsOf = ({ output }: Ended): unknown => (JSON.parse(output) as { points: unknown }).points;

test('an interrupted training is gone on with to the curve of an unbroken one', async () => {
  const [whole, broken] = await Promise.all([fineTune('whole', []), fineTune('broken', [], /Step \d+ of/u)]);
  expect([whole.code, whole.errors.includes('interrupted')]).toEqual([0, false]);
  expect([broken.code, broken.output]).toEqual([130, '']);
  const saved = Number(/interrupted after step (\d+) of 30\. Step \1 is saved/u.exec(broken.errors)?.[1]);
  expect(saved).toBeGreaterThan(0);
  expect(saved).toBeLessThan(STEPS);
  expect(readdirSync(at('broken'))).toEqual([CHECKPOINTS]);
  const resumed = await fineTune('broken', ['--resume']);
  expect(resumed.code, resumed.errors).toBe(0);
  expect(resumed.errors).toContain(`Going on from step ${saved} of ${STEPS}.`);
  expect(pointsOf(resumed)).toEqual(pointsOf(whole));
  expect(pointsOf(whole)).toHaveLength(STEPS);
  expect([existsSync(at('broken', CHECKPOINTS)), existsSync(at('whole', CHECKPOINTS))]).toEqual([
    false,
    false,
  ]);
  expect(readdirSync(at('broken')).sort()).toEqual(readdirSync(at('whole')).sort());
}, 120_000);
