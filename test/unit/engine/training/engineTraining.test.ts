// Fine-tuning a tiny encoder-decoder in the engine: what is read of the data, what is kept of the change, and in which forms it leaves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import type { ModelFiles } from '../../../../src/shared/protocol';
import type { TrainingOptions, TrainingPoint } from '../../../../src/shared/training';
import { TRAINING_DEFAULTS } from '../../../../src/shared/trainingDefaults';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { filesOf, MODEL, startEngine } from '../testEngine';
import { wordTokenizer } from '../wordTokenizer';

const pairs = Array.from({ length: 8 }, (_, i) => {
  const word = (k: number) => `w${20 + ((7 * i + k) % 44)}`;
  return `${word(0)} ${word(3)} ${word(5)}\t${word(1)} ${word(9)}`;
});
const text = pairs.join('\n');
const sources = pairs.map((line) => line.split('\t')[0]);
const files = (): ModelFiles => ({ ...filesOf('test/golden/layouts/marian'), ...wordTokenizer(64) });

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await startEngine();
  await engine.loadModel({ id: MODEL, name: 'marian', files: files() });
});
afterAll(() => engine.dispose());

async function translations(model: string): Promise<string[]> {
  const decoding = { ...DEFAULT_DECODING, method: 'greedy', hypotheses: 1, maxLength: 6 } as const;
  const found = await engine.translate({ model, texts: sources, decoding });
  return found.map(({ hypotheses: [best] }) => best.target.text);
}

describe('data', () => {
  const split = { heldOut: 0, seed: 1 };

  it('are counted by what is learned from, held out and skipped', async () => {
    const lines = [...pairs, pairs[0], 'w20 w21\t', 'w30\tw31\tw32', 'ø ø ø\tw40'].join('\n');
    const data = { text: lines };
    const { train, heldOut, counts, skipped, tokens } = await engine.previewTraining({
      model: MODEL,
      data,
      ...split,
    });
    expect([train, heldOut, tokens]).toEqual([8, 0, 16]);
    expect(counts).toEqual({ duplicate: 1, oneSided: 1, tabs: 1, unknownScript: 1 });
    expect(skipped.map(({ line }) => line)).toEqual([8, 9, 10, 11]);
    const quarter = await engine.previewTraining({ model: MODEL, data, heldOut: 0.25, seed: 1 });
    expect([quarter.train, quarter.heldOut, quarter.tokens]).toEqual([6, 2, 12]);
    expect(quarter.examples.filter((example) => example.heldOut)).toHaveLength(2);
  });

  it('that leave nothing to learn from are refused with the reason', async () => {
    const begin = (lines: string) =>
      engine.beginTraining({ id: 'none', model: MODEL, data: { text: lines }, options: TRAINING_DEFAULTS });
    await expect(begin('w20\t\nw21\t')).rejects.toMatchObject({
      code: 'emptyText',
      message: expect.stringContaining('all 2 lines were skipped') as string,
    });
    await expect(begin('')).rejects.toMatchObject({ code: 'emptyText' });
  });

  it('for what the model cannot learn are refused', async () => {
    const data = { text, task: 'masked' } as const;
    await expect(engine.previewTraining({ model: MODEL, data, ...split })).rejects.toMatchObject({
      code: 'badRequest',
    });
  });
});

const options: TrainingOptions = {
  ...TRAINING_DEFAULTS,
  rate: 0.01,
  steps: 12,
  heldOut: 0,
};

async function train(id: string, changes: Partial<TrainingOptions>): Promise<readonly TrainingPoint[]> {
  await engine.beginTraining({ id, model: MODEL, data: { text }, options: { ...options, ...changes } });
  return (await engine.train({ training: id, until: options.steps })).points;
}

describe('what a training has changed', () => {
  it('is measured on the share that is kept, and the same in both forms', async () => {
    const plain = await translations(MODEL);
    const points = await train('full', { strength: 0.5 });
    const { on, loss, examples } = await engine.trainingEffect({ training: 'full', examples: 8 });
    expect(on).toBe('train');
    expect(examples.map(({ source }) => source)).toEqual(sources);
    expect(loss.now).toBeLessThan(loss.before);
    expect(loss.now).toBeGreaterThan(points[points.length - 1].loss);
    const change = await engine.trainedWeights({ training: 'full', form: 'change' });
    expect(Object.keys(change)).toEqual(['weights.safetensors']);
    await engine.loadModel({ id: 'tuned', name: 'tuned', files: files(), tuned: { files: change } });
    const tuned = await translations('tuned');
    expect(tuned).not.toEqual(plain);
    const folder = await engine.trainedWeights({ training: 'full', form: 'folder' });
    const applied = await engine.applyTuned({ files: files(), tuned: { files: change } });
    for (const [name, bytes] of Object.entries(folder)) {
      expect(applied[name], name).toEqual(bytes);
    }
    expect(await translations(MODEL)).toEqual(plain);
    await engine.endTraining({ training: 'full' });
    await expect(engine.train({ training: 'full', until: 30 })).rejects.toMatchObject({ code: 'badRequest' });
  }, 120_000);
});
