// What the command fine-tune keeps of a training that goes wrong, what it says of skipped lines, and which folders it refuses.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkOutput, writeOutput } from '../../../src/engine/cli/fineTuneOutput';
import type { TrainingCalls } from '../../../src/engine/cli/fineTuneRun';
import { stoppedMessage, trainToGood } from '../../../src/engine/cli/fineTuneRun';
import { nothingToLearn, skippedCounts } from '../../../src/engine/cli/fineTuneSkipped';
import { UserError } from '../../../src/shared/errors';
import type { Trainings } from '../../../src/shared/protocol';
import type { TrainingOptions, TrainingPoint } from '../../../src/shared/training';
import { TRAINING_DEFAULTS } from '../../../src/shared/trainingDefaults';
import { DivergenceWatch } from '../../../src/training/divergence';

/** Trainings whose losses are given; the one after the last is that of the weights in the end. What is asked of them is noted. */
class Curve implements TrainingCalls {
  readonly asked: string[] = [];
  private step = 0;
  private isOpen = false;

  constructor(
    private readonly losses: readonly number[],
    private readonly on: 'heldOut' | 'train' = 'train',
  ) {}

  beginTraining: Trainings['beginTraining'] = ({ checkpoint }) => {
    this.step = checkpoint?.[0] ?? 0;
    this.isOpen = true;
    this.asked.push(`begin ${this.step}`);
    const preview = { task: 'causal', layout: 'plain', language: undefined, train: 1, heldOut: 0 } as const;
    const backend = { backend: 'wasm', threads: 1, reason: '' } as never;
    const rest = { tokens: 1, examples: [], skipped: [], counts: {}, labels: [] };
    const start = { trainable: 1, step: this.step, built: 1, points: [], bytes: 1, backend };
    return Promise.resolve({ preview: { ...preview, ...rest }, ...start });
  };

  train: Trainings['train'] = ({ until }) => {
    const watch = new DivergenceWatch();
    const points: TrainingPoint[] = [];
    let stopped: string | undefined;
    for (let step = 1; step <= until && stopped === undefined; step++) {
      points.push({ step, loss: this.losses[step - 1], rate: 1, norm: 1 });
      stopped = watch.add(step, this.losses[step - 1]);
    }
    this.step = points.length;
    return Promise.resolve({ step: this.step, points, stopped, finished: until >= this.losses.length - 1 });
  };

  saveTraining: Trainings['saveTraining'] = () => Promise.resolve(new Uint8Array([this.step]));

  trainingEffect: Trainings['trainingEffect'] = () => {
    if (!this.isOpen) {
      throw new UserError('badRequest', 'closed');
    }
    this.asked.push(`measure ${this.step}`);
    const loss = { before: this.losses[0], now: this.losses[this.step] };
    return Promise.resolve({ on: this.on, measured: 1, examples: [], loss });
  };

  endTraining: Trainings['endTraining'] = () => {
    this.isOpen = false;
    this.asked.push('end');
    return Promise.resolve();
  };
}

function run(losses: readonly number[], on?: 'heldOut' | 'train') {
  const curve = new Curve(losses, on);
  const options: TrainingOptions = { ...TRAINING_DEFAULTS, steps: losses.length - 1, saveEvery: 2 };
  const told: string[] = [];
  const request = { id: 'run', model: 'model', data: { text: '' }, options };
  const done = trainToGood(
    curve,
    request,
    () => undefined,
    (line) => told.push(line),
  );
  return { curve, told, done };
}

describe('a training that goes wrong', () => {
  it('keeps nothing where nothing good was saved, and measures nothing', async () => {
    const { curve, done } = run([4, 60, 80, 90, 95, 99, 99, 99]);
    await expect(done).rejects.toThrow(/^Training stopped at step 5: .*nothing was written.*lower --rate/);
    expect(curve.asked).toEqual(['begin 0', 'end']);
  });

  it('keeps nothing that is worse than the model was, though the losses after it were worse still', async () => {
    const { curve, done } = run([6.95, 7.94, 15.84, 16.98, 17.57, 16.24, 26.31, 50.07, 60, 70, 80]);
    await expect(done).rejects.toThrow('nothing was written');
    expect(curve.asked.at(-1)).toBe('end');
  });

  it('keeps the last checkpoint that is known to be good, and measures that alone', async () => {
    // The loss of step 8 is that of the weights after step 7: step 6 is good, step 8 is not.
    const { curve, told, done } = run([4, 3.9, 3.8, 3.7, 3.6, 3.5, 3.4, 3.3, 30, 60, 90, 95, 99]);
    const { kept, run: ended, effect } = await done;
    expect([kept, effect.loss.now]).toEqual([6, 3.4]);
    expect(curve.asked).toEqual(['begin 0', 'end', 'begin 6', 'measure 6']);
    expect(ended.stopped).toContain('The loss has risen');
    expect(ended.finished).toBe(false);
    expect(told.filter((line) => line.startsWith('Measuring'))).toHaveLength(1);
    expect(stoppedMessage(ended, kept)).toMatch(/The loss has risen.* The weights of step 6.*lower --rate/);
  });

  it('in steps too few, or too late, for the curve to show it', async () => {
    await expect(run([4, 60, 80]).done).rejects.toThrow(
      'Training stopped at step 2: The loss has risen from 4.00 to 80.00.',
    );
    await expect(run([4, 60], 'heldOut').done).rejects.toThrow('nothing was written');
    const { done } = run([4, 3.9, 3.8, 3.7, 3.6, 3.5, 70]);
    expect(await done).toMatchObject({ kept: 4, run: { finished: false }, effect: { loss: { now: 3.6 } } });
  });

  it('is told from one that learns by heart, and from one that goes well', async () => {
    const { curve, done } = run([4, 3.8, 3.6, 3.4, 3.2, 3, 20], 'heldOut');
    expect(await done).toMatchObject({ kept: 6, run: { finished: true } });
    expect(curve.asked).toEqual(['begin 0', 'measure 6']);
    expect((await run([4, 3, 2, 1]).done).run.stopped).toBeUndefined();
  });
});

describe('lines that were skipped', () => {
  it('are named by reason, the first of each with its text', () => {
    const one = (line: number, text: string) => ({ line, reason: 'oneSided', text }) as const;
    const skipped = [
      one(0, 'a\t'),
      one(1, 'b\t'),
      { line: 2, reason: 'empty', text: ' ' },
      one(4, '\u0007\u009b\t'),
    ] as const;
    const preview = { counts: { oneSided: 5, empty: 1 }, skipped };
    const said = nothingToLearn(preview);
    expect(said).toContain('all 6 lines were skipped');
    expect(said).toContain(
      '5 with one side only (line 1 "a\\t", line 2 "b\\t", line 5 "\\u0007\uFFFD\\t", …)',
    );
    expect(said).toContain('1 empty (line 3)');
    expect(skippedCounts(preview)).toBe('6: 5 with one side only, 1 empty');
    expect(skippedCounts({ counts: {}, skipped: [] })).toBe('0');
  });
});

describe('the folder for the result', () => {
  let folder = '';
  const at = (...names: string[]) => path.join(folder, ...names);
  const check = (out: string, force = false) =>
    checkOutput(out, { force, shipped: at('shipped'), names: ['config.json', 'onnx/model.onnx'] });
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fine-tune-'));
    for (const name of ['shipped/one', 'empty', 'foreign', 'file']) {
      mkdirSync(at(name), { recursive: true });
    }
    writeFileSync(at('foreign/b.onnx'), 'x');
    writeFileSync(at('file/name'), 'x');
    symlinkSync(at('shipped'), at('link'));
    writeOutput(at('result'), { 'config.json': new Uint8Array(1), 'onnx/model.onnx': new Uint8Array(1) });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('may be new or empty, and is left as it was', () => {
    check(at('new/deep'));
    check(at('empty'));
    expect([existsSync(at('new')), readdirSync(at('empty'))]).toEqual([false, []]);
  });

  it('is written over only where that is asked for, and only an earlier result', () => {
    expect(() => check(at('result'))).toThrow(/not empty.*--force/);
    check(at('result'), true);
    expect(() => check(at('foreign'), true)).toThrow('another model (b.onnx)');
  });

  it('is never that of the shipped models', () => {
    for (const name of ['shipped', 'shipped/one', 'shipped/new', 'link/new']) {
      expect(() => check(at(name), true), name).toThrow('where the shipped models are');
    }
  });

  it('that cannot be written is refused', () => {
    expect(() => check(at('file/name/inside'))).toThrow('cannot be written');
    expect(() => check(at('file/name'))).toThrow('cannot be written');
    if (process.getuid?.() !== 0) {
      chmodSync(at('empty'), 0o500);
      expect(() => check(at('empty'))).toThrow('cannot be written');
    }
  });
});
