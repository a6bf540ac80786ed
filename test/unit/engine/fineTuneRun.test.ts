// What the command fine-tune keeps of a training that goes wrong or is interrupted, what it says of skipped lines, and which folders it refuses.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheckpointFolder, CHECKPOINTS } from '../../../src/engine/cli/checkpointFolder';
import { checkOutput, writeOrSave, writeOutput } from '../../../src/engine/cli/fineTuneOutput';
import type { TrainingCalls } from '../../../src/engine/cli/fineTuneRun';
import { stoppedMessage, trainToGood } from '../../../src/engine/cli/fineTuneRun';
import { nothingToLearn, skippedLines } from '../../../src/engine/cli/fineTuneSkipped';
import { CancelledError, UserError } from '../../../src/shared/errors';
import type { Trainings } from '../../../src/shared/protocol';
import type { TrainingOptions, TrainingPoint } from '../../../src/shared/training';
import { TRAINING_DEFAULTS } from '../../../src/shared/trainingDefaults';
import { DivergenceWatch } from '../../../src/training/divergence';

/** Trainings whose losses are given; the one after the last is that of the weights in the end. What is asked of them is noted. */
class Curve implements TrainingCalls {
  readonly asked: string[] = [];
  private step = 0;
  private isOpen = false;
  /** Aborted when this step was taken. */
  stop: { readonly at: number; readonly abort: AbortController } | undefined;
  /** Checkpoints that the engine calls damaged, by step. */
  readonly damaged = new Set<number>();

  constructor(
    private readonly losses: readonly number[],
    private readonly on: 'heldOut' | 'train' = 'train',
  ) {}

  beginTraining: Trainings['beginTraining'] = ({ checkpoint }) => {
    const step = checkpoint?.[0] ?? 0;
    if (this.damaged.has(step)) {
      return Promise.reject(new UserError('modelCorrupt', 'It is cut off.'));
    }
    this.step = step;
    this.isOpen = true;
    this.asked.push(`begin ${this.step}`);
    const preview = { task: 'causal', layout: 'plain', language: undefined, train: 1, heldOut: 0 } as const;
    const backend = { backend: 'wasm', threads: 1, reason: '' } as never;
    const rest = { tokens: 1, examples: [], skipped: [], counts: {}, labels: [] };
    const start = { trainable: 1, step, built: 1, points: this.points(step), bytes: 1, backend };
    return Promise.resolve({ preview: { ...preview, ...rest }, ...start });
  };

  train: Trainings['train'] = ({ until }, { signal } = {}) => {
    const { stop } = this;
    const watch = new DivergenceWatch();
    let stopped: string | undefined;
    let taken = 0;
    while (taken < Math.max(until, this.step) && stopped === undefined) {
      if (taken >= this.step && taken === stop?.at) {
        stop.abort.abort();
      }
      if (taken >= this.step && signal?.aborted) {
        this.step = taken;
        return Promise.reject(new CancelledError());
      }
      stopped = watch.add(taken + 1, this.losses[taken]);
      taken++;
    }
    this.step = taken;
    const points = this.points(taken);
    return Promise.resolve({ step: taken, points, stopped, finished: until >= this.losses.length - 1 });
  };

  private points(until: number): TrainingPoint[] {
    return this.losses.slice(0, until).map((loss, i) => ({ step: i + 1, loss, rate: 1, norm: 1 }));
  }

  saveTraining: Trainings['saveTraining'] = () => Promise.resolve(new Uint8Array([this.step]));

  trainingEffect: Trainings['trainingEffect'] = (_request, { signal } = {}) => {
    if (this.stop?.at === this.step) {
      this.stop.abort.abort();
    }
    if (signal?.aborted) {
      return Promise.reject(new CancelledError());
    }
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

let scratch = '';
let made = 0;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'fine-tune-run-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));
const newFolder = () => new CheckpointFolder(path.join(scratch, String(made++), CHECKPOINTS));

interface Given {
  readonly checkpoints?: CheckpointFolder;
  readonly resume?: boolean;
  /** The step after which it is interrupted. */
  readonly stopAt?: number;
  readonly damaged?: readonly number[];
}

function run(losses: readonly number[], on?: 'heldOut' | 'train', given: Given = {}) {
  const { checkpoints = newFolder(), resume = false, stopAt, damaged = [] } = given;
  const curve = new Curve(losses, on);
  damaged.forEach((step) => curve.damaged.add(step));
  const abort = new AbortController();
  curve.stop = stopAt === undefined ? undefined : { at: stopAt, abort };
  const options: TrainingOptions = { ...TRAINING_DEFAULTS, steps: losses.length - 1, saveEvery: 2 };
  const told: string[] = [];
  const request = { id: 'run', model: 'model', data: { text: '' }, options };
  const done = trainToGood(curve, request, {
    ...{ checkpoints, resume, signal: abort.signal },
    onStart: () => undefined,
    tell: (line) => void told.push(line),
  });
  return { curve, told, done, checkpoints };
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

describe('a training that is interrupted', () => {
  const losses = [4, 3.8, 3.6, 3.4, 3.2, 3, 2.8, 2.6];

  it('saves the step that was reached, and goes on from there to the same curve', async () => {
    const { done, checkpoints } = run(losses, 'train', { stopAt: 5 });
    await expect(done).rejects.toMatchObject({
      code: 'cancelled',
      message:
        'Training was interrupted after step 5 of 7. Step 5 is saved: the same command with --resume goes on from there.',
    });
    expect(checkpoints.steps).toEqual([4, 5]);
    const again = run(losses, 'train', { checkpoints, resume: true });
    const whole = await run(losses).done;
    expect(await again.done).toEqual(whole);
    expect(again.curve.asked).toEqual(['begin 5', 'measure 7']);
    expect(again.told[0]).toBe('Going on from step 5 of 7.');
  });

  it('keeps its last step when only what it has changed was still to be measured', async () => {
    const { done, checkpoints } = run(losses, 'train', { stopAt: 7 });
    await expect(done).rejects.toThrow('after step 7 of 7. Step 7 is saved');
    const again = run(losses, 'train', { checkpoints, resume: true });
    expect(await again.done).toMatchObject({ kept: 7, run: { finished: true } });
    expect(again.curve.asked).toEqual(['begin 7', 'measure 7']);
  });

  it('says that nothing was saved before the first step', async () => {
    const { done, checkpoints } = run(losses, 'train', { stopAt: 0 });
    await expect(done).rejects.toThrow('interrupted before its first step. Nothing had been saved.');
    expect(checkpoints.steps).toEqual([]);
  });

  it('goes on from the checkpoint before one that is damaged, and begins where there is none', async () => {
    const { done, checkpoints } = run(losses, 'train', { stopAt: 5 });
    await expect(done).rejects.toThrow();
    const again = run(losses, 'train', { checkpoints, resume: true, damaged: [5] });
    expect((await again.done).run.points).toHaveLength(7);
    expect(again.curve.asked[0]).toBe('begin 4');
    expect(again.told[0]).toContain('The checkpoint of step 5 is damaged');
    const none = run(losses, 'train', { resume: true });
    await none.done;
    expect(none.curve.asked[0]).toBe('begin 0');
  });

  it('leaves the checkpoint before where one cannot be written', () => {
    const checkpoints = newFolder();
    checkpoints.save(3, new Uint8Array([3]), 0);
    const directory = path.join(scratch, String(made - 1), CHECKPOINTS, 'checkpoint-4.safetensors');
    mkdirSync(path.join(directory, 'in the way'), { recursive: true });
    expect(() => checkpoints.save(4, new Uint8Array([4]), 0)).toThrow();
    expect([...checkpoints.read(3)]).toEqual([3]);
    expect(readdirSync(path.dirname(directory)).filter((name) => name.endsWith('.part'))).toEqual([]);
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
    expect(skippedLines(preview)).toMatch(
      /^6: 5 with one side only \(line 1 "a\\t", .*; 1 empty \(line 3\)$/,
    );
    expect(skippedLines({ counts: {}, skipped: [] })).toBe('0');
  });
});

describe('the folder for the result', () => {
  let folder = '';
  const at = (...names: string[]) => path.join(folder, ...names);
  const check = (out: string, force = false, resume = false) =>
    checkOutput(out, { force, resume, shipped: at('shipped'), names: ['config.json', 'onnx/model.onnx'] });
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fine-tune-'));
    for (const name of ['shipped/one', 'empty', 'foreign', 'file', `broken/${CHECKPOINTS}`]) {
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

  it('with a training that was interrupted is gone on with, or begun anew, only where that is asked for', () => {
    expect(() => check(at('broken'))).toThrow(/was interrupted: .*--resume.*--force/);
    check(at('broken'), false, true);
    check(at('broken'), true);
    expect(() => check(at('result'), false, true)).toThrow(/not empty.*--force/);
    mkdirSync(at('half/onnx'), { recursive: true });
    writeFileSync(at('half/onnx/model.onnx.part'), 'x');
    expect(() => check(at('half'), false, true)).toThrow(/not empty.*--force/);
    mkdirSync(at('half', CHECKPOINTS));
    check(at('half'), false, true);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'keeps an earlier result and the training where the disk is full',
    async () => {
      const checkpoints = new CheckpointFolder(at('full', CHECKPOINTS));
      const files = (value: number) => ({
        'config.json': Uint8Array.of(value),
        'onnx/model.onnx': Uint8Array.of(value),
      });
      writeOutput(at('full'), files(1));
      // What is written there finds no room.
      symlinkSync('/dev/full', at('full/onnx/model.onnx.part'));
      const state = () => Promise.resolve(Uint8Array.of(7));
      await expect(writeOrSave(at('full'), files(2), checkpoints, { step: 7, state })).rejects.toThrow(
        /cannot be written.*ENOSPC.*Step 7 is saved: make room, and the same command with --resume goes on/,
      );
      const there = readdirSync(at('full'), { recursive: true }).sort();
      expect(there).toEqual([
        ...[CHECKPOINTS, `${CHECKPOINTS}/checkpoint-7.safetensors`],
        ...['config.json', 'onnx', 'onnx/model.onnx'],
      ]);
      expect([...readFileSync(at('full/config.json')), ...readFileSync(at('full/onnx/model.onnx'))]).toEqual([
        1, 1,
      ]);
      check(at('full'), false, true);
      await writeOrSave(at('full'), files(2), checkpoints, { step: 7, state });
      expect([...readFileSync(at('full/onnx/model.onnx'))]).toEqual([2]);
    },
  );

  it('is never that of the shipped models', () => {
    for (const name of ['shipped', 'shipped/one', 'shipped/new', 'link/new']) {
      expect(() => check(at(name), true), name).toThrow('where the shipped models are');
    }
  });

  it('that cannot be written is refused', () => {
    expect(() => check(at('file/name/inside'))).toThrow('cannot be written');
    expect(() => check(at('file/name'))).toThrow('cannot be written');
    if (existsSync('/proc/self')) {
      // Says of every folder that the one above is missing.
      expect(() => check('/proc/new/deep')).toThrow('cannot be written to /proc/new/deep: ENOENT');
    }
    if (process.getuid?.() !== 0) {
      chmodSync(at('empty'), 0o500);
      expect(() => check(at('empty'))).toThrow('cannot be written');
    }
  });
});
