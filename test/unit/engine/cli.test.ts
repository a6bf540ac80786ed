// The command line as its user meets it: which files it reads, what it refuses, and a reader that stops early.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCommand } from '../../../src/engine/cli/arguments';
import { readModelFiles } from '../../../src/engine/cli/readModelFiles';
import { DEFAULT_DECODING } from '../../../src/shared/translation';
import { root, shippedModel } from './testEngine';

let folder = '';
const inFolder = (...names: string[]) => path.join(folder, ...names);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'engine-cli-'));
  mkdirSync(inFolder('several'));
  for (const file of ['several/b.onnx', 'several/a.onnx', 'notes.md']) {
    writeFileSync(inFolder(file), 'x');
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the files of a model', () => {
  test('a file that is not there is named', () => {
    expect(() => readModelFiles(inFolder('none.onnx'))).toThrow(`There is no file ${inFolder('none.onnx')}.`);
  });

  test('a file of another kind is refused as what it is', () => {
    expect(() => readModelFiles(inFolder('notes.md'))).toThrow(/neither a folder nor an ONNX file/);
  });

  test('a folder that does not tell which file is the model says which one was read', () => {
    const { files, note } = readModelFiles(inFolder('several'));
    expect(Object.keys(files)).toEqual(['a.onnx']);
    expect(note).toBe('Of 2 ONNX files, a.onnx was read. Name a file to read another.');
  });

  test('an encoder with its decoder, and a file that was named, need no note', () => {
    expect(readModelFiles(path.join(root, shippedModel)).note).toBeUndefined();
    expect(readModelFiles(inFolder('several/b.onnx')).note).toBeUndefined();
  });
});

describe('the options of translate', () => {
  const parsed = (...args: string[]) => parseCommand(['translate', ...args]);
  const plain = { ...DEFAULT_DECODING, hypotheses: 1 };

  test('greedy, unless beams are asked for', () => {
    expect(parsed('--to', 'de')).toMatchObject({ to: 'de', decoding: { ...plain, method: 'greedy' } });
    expect(parsed('--beams', '7')).toMatchObject({ to: undefined, decoding: { ...plain, beams: 7 } });
    expect(parsed('--method', 'beam')).toMatchObject({ decoding: plain });
  });

  test('every setting is read', () => {
    const beam = ['--method', 'beam', '--beams', '2', '--length-penalty', '0.6', '--no-repeat', '3'];
    const sample = ['--temperature', '0.7', '--top-k', '40', '--top-p', '0.9', '--seed', '11'];
    const rest = ['--repetition-penalty', '1.2', '--max-length', '30', '--from', 'en'];
    expect(parsed(...beam, ...sample, ...rest)).toMatchObject({
      from: 'en',
      decoding: {
        ...{
          method: 'beam',
          beams: 2,
          hypotheses: 1,
          lengthPenalty: 0.6,
          temperature: 0.7,
          topK: 40,
          topP: 0.9,
        },
        ...{ seed: 11, noRepeat: 3, repetitionPenalty: 1.2, maxLength: 30 },
      },
    });
  });

  test('what is no number, and no method, is named', () => {
    expect(() => parsed('--top-k', 'many')).toThrow('--top-k is a number, not "many". See --help.');
    expect(() => parsed('--seed', '')).toThrow('--seed is a number, not "".');
    expect(() => parsed('--method', 'best')).toThrow('--method is greedy, beam or sample, not "best".');
  });
});

describe('the program', () => {
  const program = () => inFolder('cli.cjs');

  beforeAll(() =>
    build({
      entryPoints: [path.join(root, 'src/engine/cli/main.ts')],
      outfile: program(),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['webgpu', 'onnxruntime-web', 'onnxruntime-web/webgpu'],
    }),
  );

  const run = (args: readonly string[], stopReading: boolean) =>
    new Promise<{ code: number | null; errors: string }>((resolve, reject) => {
      const child = spawn(process.execPath, [program(), ...args], { cwd: root });
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
      if (stopReading) {
        child.stdout.destroy();
      }
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, errors }));
    });

  test('ends quietly when its reader stops early', async () => {
    expect(await run(['inspect', shippedModel], true)).toEqual({ code: 0, errors: '' });
  });

  test('ends with one line and exit code 1 on an error', async () => {
    const { code, errors } = await run(['inspect', inFolder('several/a.onnx')], false);
    expect(code).toBe(1);
    expect(errors).toMatch(/^[^\n]+\n$/);
  });

  test('names what is wrong in a recipe', async () => {
    const recipe = { version: 1, name: 'x', interventions: [{ kind: 'headGate', enabled: true }] };
    writeFileSync(inFolder('recipe.json'), JSON.stringify(recipe));
    const explore = (file: string) =>
      run(
        ['explore', '--text', 'x', '--model', inFolder('several'), '--interventions', inFolder(file)],
        false,
      );
    expect(await explore('recipe.json')).toEqual({
      code: 1,
      errors: 'recipe.interventions[0].attentions must be a list.\n',
    });
    expect((await explore('none.json')).errors).toMatch(/recipe .*none\.json cannot be read/);
  });
});
