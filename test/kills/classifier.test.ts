// Learning to tell texts apart, and learning on top of what was learned: through the engine, on a small BERT with a tokenizer.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import type { ModelFiles } from '../../src/shared/protocol';
import { readSafetensors, readSafetensorsMetadata } from '../../src/shared/safetensors';
import { TRAINING_DEFAULTS } from '../../src/shared/trainingDefaults';
import type { TrainingOptions } from '../../src/shared/training';
import { filesOf, startEngine } from '../unit/engine/testEngine';
import { runOnce } from '../unit/training/shipped';

const FOLDER = 'test/golden/layouts/bert';
const TEXT = [
  ...['the man is old', 'the old man was here', 'an old man saw it', 'that man was old'].map(
    (text) => `man\t${text}`,
  ),
  ...['we go to the river', 'a river in the north', 'the long river', 'this river is here'].map(
    (text) => `river\t${text}`,
  ),
].join('\n');
const LABELS = ['man', 'river'];
const options = (changes: Partial<TrainingOptions>): TrainingOptions => ({
  ...TRAINING_DEFAULTS,
  ...{ steps: 12, batch: 8, rate: 5e-3, strength: 1, heldOut: 0, dropout: 0, warmup: 1 },
  lora: { rank: 4, alpha: 8, targets: ['query', 'value'] },
  ...changes,
});

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await startEngine();
}, 60_000);

const load = async (tuned?: ModelFiles, id = tuned ? 'tuned' : 'base') => {
  const request = { id, name: 'bert', files: { ...filesOf(FOLDER) } };
  const { summary } = await engine.loadModel({ ...request, ...(tuned && { tuned: { files: tuned } }) });
  return { id, summary };
};

async function train(model: string, changes: Partial<TrainingOptions>, text = TEXT) {
  const all = options(changes);
  const data = { text, ...(text === TEXT && { task: 'classification' as const }) };
  const { preview } = await engine.beginTraining({ id: 't', model, data, options: all });
  const { points } = await engine.train({ training: 't', until: all.steps });
  const effect = await engine.trainingEffect({ training: 't', examples: 8 });
  const files = await engine.trainedWeights({ training: 't', form: 'change' });
  await engine.endTraining({ training: 't' });
  return { preview, points, effect, files };
}

describe.each(['lora', 'full'] as const)('a classifier, trained with %s', (method) => {
  let learned: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    await load();
    learned = await train('base', { method });
  }, 60_000);

  test('gives the labels that it was taught', () => {
    const { preview, effect } = learned;
    expect([preview.task, preview.labels]).toEqual(['classification', LABELS]);
    expect(effect.accuracy?.now).toBe(1);
    expect(effect.examples).toHaveLength(8);
    for (const { now, wanted, before, source } of effect.examples) {
      expect([now, LABELS.includes(before), TEXT.includes(`${wanted}\t${source}`)]).toEqual([
        wanted,
        true,
        true,
      ]);
    }
    expect(effect.loss.now).toBeLessThan(0.5 * effect.loss.before);
  });

  test('is kept with its labels, for LoRA as modules_to_save of PEFT', () => {
    const { files } = learned;
    if (method === 'full') {
      expect(Object.keys(files)).toEqual(['weights.safetensors']);
      expect(readSafetensorsMetadata(files['weights.safetensors'])['labels']).toBe('["man","river"]');
      return;
    }
    expect(Object.keys(files).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    const config = JSON.parse(new TextDecoder().decode(files['adapter_config.json'])) as Record<
      string,
      unknown
    >;
    expect(config).toMatchObject({ task_type: 'SEQ_CLS', modules_to_save: ['classifier'] });
    const tensors = readSafetensors(files['adapter_model.safetensors']);
    expect(tensors['base_model.model.classifier.weight'].dims).toEqual([2, 64]);
    expect(tensors['base_model.model.classifier.bias'].dims).toEqual([2]);
  });

  test('can be loaded, looked into, and gone on from where it was', async () => {
    const { id, summary } = await load(learned.files);
    expect(summary.notes.join(' ')).toContain('tell texts apart: man, river');
    const trace = await engine.explore({ model: id, texts: ['the old man'] });
    expect(trace.encoder).toHaveLength(1);
    // Fewer labels, in another order: the classes stay what they are.
    const some = TEXT.split('\n').slice(4).join('\n');
    const again = await train(id, { method, steps: 2, rate: 1e-4 });
    expect(again.effect.accuracy?.before).toBe(1);
    expect(again.effect.loss.before).toBeCloseTo(learned.effect.loss.now, 4);
    const { labels } = await engine.previewTraining({
      ...{ model: id, heldOut: 0, seed: 1 },
      data: { text: some, task: 'classification' },
    });
    expect(labels).toEqual(LABELS);
    // What is kept belongs to the model itself, whatever was trained before.
    expect(Object.keys(again.files)).toEqual(['weights.safetensors']);
    await load(again.files, 'again');
    const last = await train('again', { method, steps: 1, rate: 1e-8 });
    expect(last.effect.loss.before).toBeCloseTo(again.effect.loss.now, 4);
  }, 60_000);

  test('is part of the model that is exported', async () => {
    const all = await engine.applyTuned({ files: { ...filesOf(FOLDER) }, tuned: { files: learned.files } });
    const config = JSON.parse(new TextDecoder().decode(all['config.json'])) as Record<string, unknown>;
    expect(config).toMatchObject({ id2label: { 0: 'man', 1: 'river' }, num_labels: 2 });
    const ids = [
      [5, 6, 7, 8, 9],
      [9, 8, 7, 0, 0],
    ];
    const int64 = (rows: readonly number[][]) => ({
      type: 'int64' as const,
      dims: [2, 5],
      data: BigInt64Array.from(rows.flat(), BigInt),
    });
    const feeds = {
      input_ids: int64(ids),
      attention_mask: int64(ids.map((row) => row.map((id) => (id === 0 ? 0 : 1)))),
      token_type_ids: int64(ids.map((row) => row.map(() => 0))),
    };
    const { logits, ...others } = await runOnce(all['onnx/model.onnx'], feeds);
    expect([logits.dims, others]).toEqual([[2, 2], {}]);
  });
});

test('running text goes on from weights that were tuned, too, and a checkpoint of others is refused', async () => {
  await load();
  const text = 'the old man saw the river\n\nwe go to the north in this long night';
  const first = await train('base', { method: 'full', steps: 4, seed: 3 }, text);
  await load(first.files);
  const data = { text };
  const all = options({ method: 'lora', steps: 4, seed: 3 });
  await engine.beginTraining({ id: 'b', model: 'base', data, options: all });
  const checkpoint = await engine.saveTraining({ training: 'b' });
  const other = engine.beginTraining({ id: 'c', model: 'tuned', data, options: all, checkpoint });
  await expect(other).rejects.toMatchObject({ code: 'badRequest', details: { differs: 'model' } });
  const second = await train('tuned', { method: 'lora', steps: 4, seed: 3 }, text);
  expect(second.effect.loss.before).toBeCloseTo(first.effect.loss.now, 4);
  await load(second.files, 'second');
  const last = await train('second', { method: 'lora', steps: 1, rate: 1e-8, seed: 3 }, text);
  expect(last.effect.loss.before).toBeCloseTo(second.effect.loss.now, 4);
}, 60_000);
