// What text classifiers say: one that was fine-tuned here, the folder that it leaves as, and one that transformers exported.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/engine/cli/arguments';
import { classifyLines } from '../../../src/engine/cli/classify';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { statedLabels } from '../../../src/models/modelLabels';
import type { LabelScores } from '../../../src/shared/labels';
import type { ModelFiles } from '../../../src/shared/protocol';
import { TRAINING_DEFAULTS } from '../../../src/shared/trainingDefaults';
import type { TrainingEffect } from '../../../src/shared/training';
import { readExport } from '../gradient/exportCase';
import { root, startEngine } from './testEngine';
import { wordsOf, wordTokenizer } from './wordTokenizer';

const EXPORTS = path.join(root, 'test/golden/exports');
const DATA = ['man\tw5 w6 w7', 'river\tw30 w31 w32 w7', 'man\tw6 w8', 'river\tw31 w40'].join('\n');
const TEXTS = ['w9 w6', 'w31 w5 w6 w44 w11'];
/** The most words that the exports read. */
const MOST = 32;
const exported = (family: string) => readExport(EXPORTS, `${family}.model.eager.script.17`);
const json = (content: object) => new TextEncoder().encode(JSON.stringify(content));
const filesOf = (family: string, config: object): ModelFiles => ({
  'model.onnx': exported(family).model.bytes.slice(),
  'config.json': json(config),
  ...wordTokenizer(60),
});
const bert = (): ModelFiles => filesOf('bert', { architectures: ['BertForMaskedLM'] });
const withoutHeads = { kind: 'headGate', enabled: true, attentions: 'all', heads: 'all', factor: 0 } as const;

/** Probabilities by label. */
const shares = ({ scores }: LabelScores): Record<string, number> =>
  Object.fromEntries(scores.map(({ label, probability }) => [label, probability]));

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.dispose());

describe('a classifier that was fine-tuned', () => {
  let effect: TrainingEffect;
  beforeAll(async () => {
    await engine.loadModel({ id: 'base', name: 'bert', files: bert() });
    const options = {
      ...TRAINING_DEFAULTS,
      steps: 2,
      rate: 3e-3,
      strength: 1,
      heldOut: 0,
      dropout: 0,
      warmup: 1,
    };
    const data = { text: DATA, task: 'classification' } as const;
    await engine.beginTraining({ id: 't', model: 'base', data, options: { ...options, method: 'lora' } });
    await engine.train({ training: 't', until: 2 });
    effect = await engine.trainingEffect({ training: 't', examples: 4 });
    const tuned = { files: await engine.trainedWeights({ training: 't', form: 'change' }) };
    await engine.endTraining({ training: 't' });
    await engine.loadModel({ id: 'tuned', name: 'tuned', files: bert(), tuned });
    const folder = await engine.applyTuned({ files: bert(), tuned });
    await engine.loadModel({ id: 'folder', name: 'folder', files: folder });
  });

  it('says of its examples what training says', async () => {
    const texts = effect.examples.map(({ source }) => source);
    const found = await engine.classify({ model: 'tuned', texts });
    expect(found.map(({ scores: [best] }) => best.label)).toEqual(effect.examples.map(({ now }) => now));
    for (const { scores, choice } of found) {
      expect(choice).toBe('one');
      expect(scores.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
      expect(scores[0].probability).toBeGreaterThanOrEqual(scores[1].probability);
    }
    const loss = effect.examples.reduce((sum, { wanted }, i) => sum - Math.log(shares(found[i])[wanted]), 0);
    expect(loss / effect.examples.length).toBeCloseTo(effect.loss.now, 4);
  });

  it('says the same in a batch with padding, and as the folder that it is exported as', async () => {
    const alone = await engine.classify({ model: 'tuned', texts: TEXTS });
    for (const model of ['tuned', 'folder']) {
      expect(engine.model(model).summary.labels).toEqual(['man', 'river']);
      const { id, encoder } = await engine.explore({ model, texts: TEXTS });
      expect(encoder[0].tokens.at(-1)?.padding).toBe(true);
      for (const batch of [0, 1]) {
        const { scores } = await engine.labels({ trace: id, batch });
        const expected = shares(alone[batch]);
        expect(scores.map(({ label }) => label)).toEqual(alone[batch].scores.map(({ label }) => label));
        scores.forEach(({ label, probability }) => expect(probability).toBeCloseTo(expected[label], 4));
      }
    }
  });

  it('says something else with its heads removed', async () => {
    for (const model of ['tuned', 'folder']) {
      const { id } = await engine.explore({ model, texts: TEXTS });
      const after = await engine.intervene({ trace: id, interventions: [withoutHeads] });
      const { labels } = await engine.compare({ trace: id, after: after.id, batch: 1 });
      expect(labels?.before).toEqual(await engine.labels({ trace: id, batch: 1 }));
      expect(labels?.after).toEqual(await engine.labels({ trace: after.id, batch: 1 }));
      const [before, now] = [labels?.before, labels?.after].map((each) => each && shares(each)['man']);
      expect(Math.abs((before ?? 0) - (now ?? 0))).toBeGreaterThan(1e-4);
    }
  });

  it('is compared side by side, also with a model that has no labels', async () => {
    const { id } = await engine.explore({ model: 'tuned', texts: TEXTS });
    const contrast = async (side: { readonly text?: string; readonly model?: string }) => {
      const { trace, batch } = await engine.beside({ trace: id, batch: 0, ...side });
      const both = { trace: id, other: trace.id, batch: 0, otherBatch: batch, unit: 'pieces' } as const;
      return (await engine.contrast({ ...both, layersFrom: 'bottom' })).output.labels;
    };
    const a = await engine.labels({ trace: id, batch: 0 });
    expect(await contrast({ model: 'base' })).toEqual({ a, b: undefined });
    const other = await contrast({ text: TEXTS[1] });
    expect(other?.a).toEqual(a);
    const [alone] = await engine.classify({ model: 'tuned', texts: [TEXTS[1]] });
    expect(other?.b?.scores[0].probability).toBeCloseTo(alone.scores[0].probability, 4);
  });

  it('reads the first part of a text that is too long, and says how much', async () => {
    const long = Array.from({ length: 100 }, (_, i) => `w${5 + (i % 50)}`).join(' ');
    const [found, none] = await engine.classify({ model: 'tuned', texts: [long, 'w5'] });
    expect(none.cutAt).toBeUndefined();
    expect(found.tokens).toBe(MOST);
    const [part] = await engine.classify({ model: 'tuned', texts: [long.slice(0, found.cutAt)] });
    expect(part.scores).toEqual(found.scores);
    expect(part.cutAt).toBeUndefined();
  });

  it('on the command line answers each line, and keeps empty ones', async () => {
    const [written, told] = [[] as string[], [] as string[]];
    const long = 'w7 '.repeat(200);
    await classifyLines(['w5 w6', '', long], {
      classify: async (text) => (await engine.classify({ model: 'tuned', texts: [text] }))[0],
      write: async (text) => void written.push(text),
      tell: (line) => told.push(line),
    });
    expect(written[1]).toBe('\n');
    expect(JSON.parse(written[0])).toMatchObject({ text: 'w5 w6', labels: [{}, {}] });
    expect(told).toEqual([expect.stringContaining('Text 3 is too long')]);
    expect(parseCommand(['classify', '--text', 'a'])).toMatchObject({ verb: 'classify', texts: ['a'] });
  });

  it('is what other models are not', async () => {
    await expect(engine.classify({ model: 'base', texts: ['w5'] })).rejects.toMatchObject({
      code: 'modelUnsupported',
    });
    const { id } = await engine.explore({ model: 'base', texts: ['w5'] });
    await expect(engine.labels({ trace: id, batch: 0 })).rejects.toMatchObject({ code: 'badRequest' });
    await expect(engine.classify({ model: 'tuned', texts: ['w5', ' '] })).rejects.toMatchObject({
      ...{ code: 'emptyText', details: { text: 1 } },
    });
  });
});

describe('a classifier that transformers exported', () => {
  const { golden } = exported('bertclass');
  const [ids, mask] = ['input/input_ids', 'input/attention_mask'].map((name) =>
    Array.from(golden[name].data, Number),
  );
  const length = golden['input/input_ids'].dims[1];
  const texts = [0, 1].map((row) =>
    wordsOf(ids.slice(row * length, (row + 1) * length).filter((_, i) => mask[row * length + i] === 1)),
  );
  const load = async (config: object) => {
    const files = filesOf('bertclass', config);
    return (await engine.loadModel({ id: 'class', name: 'class', files })).summary.labels;
  };
  const architectures = ['BertForSequenceClassification'];

  it('has the labels of its configuration and the logits of PyTorch', async () => {
    const id2label = { 0: 'no', 1: 'maybe', 2: 'yes' };
    expect(await load({ architectures, id2label })).toEqual(['no', 'maybe', 'yes']);
    const expected = golden['output'];
    const { id } = await engine.explore({ model: 'class', texts });
    for (const batch of texts.keys()) {
      const { scores } = await engine.labels({ trace: id, batch });
      const logits = ['no', 'maybe', 'yes'].map(
        (label) => scores.find((each) => each.label === label)?.logit,
      );
      logits.forEach((logit, i) => expect(logit).toBeCloseTo(Number(expected.data[3 * batch + i]), 4));
    }
  });

  it('gives each label a probability of its own where a text may have several', async () => {
    expect(await load({ architectures, problem_type: 'multi_label_classification' })).toEqual([
      'LABEL_0',
      'LABEL_1',
      'LABEL_2',
    ]);
    const [{ scores, choice }] = await engine.classify({ model: 'class', texts });
    expect(choice).toBe('several');
    for (const { logit, probability } of scores) {
      expect(probability).toBeCloseTo(1 / (1 + Math.exp(-logit)), 9);
    }
  });

  it('is not taken for one where its files do not say so', async () => {
    expect(await load({ architectures: ['BertModel'] })).toBeUndefined();
    expect(statedLabels({ architectures, id2label: { 1: 'b' } })).toEqual({
      names: ['', 'b'],
      several: false,
    });
    expect(statedLabels({ id2label: { 0: 'a', 1: 'b' } })?.names).toEqual(['a', 'b']);
    expect(
      statedLabels({ architectures: ['BertForTokenClassification'], id2label: { 0: 'O' } }),
    ).toBeUndefined();
    expect(statedLabels({})).toBeUndefined();
  });
});
