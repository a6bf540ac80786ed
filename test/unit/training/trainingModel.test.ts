// Training graphs of the shipped models compute what PyTorch recorded; LoRA, dropout and ties change what they should.
import { describe, expect, it } from 'vitest';
import type { NamedTensors, Tensor } from '../../../src/shared/tensor';
import { sizeOf } from '../../../src/shared/tensor';
import { Generator } from '../../../src/training/generator';
import { joinedName } from '../../../src/training/joinGraphs';
import { mergeLora } from '../../../src/training/lora';
import { moduleName } from '../../../src/training/moduleName';
import type { Method, TrainingModel, TrainingModelOptions } from '../../../src/training/trainingModel';
import { initialParameters, trainingModel } from '../../../src/training/trainingModel';
import type { TrainingStacks } from '../../../src/training/trainingStack';
import { golden } from '../engine/testEngine';
import { BERT, floats, GPT, largestDifference, runOnce, stacksIn, TRANSLATOR } from './shipped';

const NO_DROPOUT = { rate: 0, attention: false };
const FULL: Method = { kind: 'full' };

function weightFeeds(stacks: TrainingStacks, built: TrainingModel, method: Method): NamedTensors {
  const start = initialParameters(stacks, built, method, 1);
  return Object.fromEntries(
    built.parameters.map(({ name, dims }) => [name, floats(start.get(name) ?? new Float32Array(0), dims)]),
  );
}

async function logitsOf(
  stacks: TrainingStacks,
  inputs: NamedTensors,
  options: TrainingModelOptions,
  change?: (feeds: Record<string, Tensor>, built: TrainingModel) => void,
): Promise<{ readonly built: TrainingModel; readonly logits: Tensor }> {
  const built = trainingModel(stacks, options);
  const feeds = { ...inputs, ...weightFeeds(stacks, built, options.method) };
  change?.(feeds, built);
  const results = await runOnce(built.model.bytes, feeds);
  return { built, logits: results[built.logits] };
}

const families = [
  { folder: TRANSLATOR, family: 'translation', embeddingPlaces: 2 },
  { folder: BERT, family: 'encoder-only', embeddingPlaces: 1 },
  { folder: GPT, family: 'decoder-only', embeddingPlaces: 1 },
];

describe.each(families)('the training graph of $folder', ({ folder, family, embeddingPlaces }) => {
  const stacks = stacksIn(folder);
  const recorded = golden(family);
  const inputs = recorded;
  let plain: Tensor;

  it('reads tokens and masks only, has each weight once, and computes what PyTorch does', async () => {
    const { built, logits } = await logitsOf(stacks, inputs, { method: FULL, dropout: NO_DROPOUT });
    plain = logits;
    const names = new Set(built.parameters.map(({ name }) => name));
    const others = built.model.graph.inputs.map(({ name }) => name).filter((name) => !names.has(name));
    const ids = ['input_ids', 'attention_mask'];
    expect(others).toEqual(family === 'translation' ? [...ids, 'decoder_input_ids'] : ids);
    const [first] = built.parameters;
    expect(first.places).toHaveLength(embeddingPlaces);
    expect(built.parameters.filter(({ places }) => places.length > 1)).toHaveLength(embeddingPlaces - 1);
    const size = built.parameters.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
    // Embeddings + layers + what is around them, counted by hand; tables of sines are no weights.
    expect(size).toBe(
      { translation: 15_155_456, 'encoder-only': 2_270_800, 'decoder-only': 2_238_400 }[family],
    );
    expect(built.parameters.filter(({ decays }) => decays).every(({ dims }) => dims.length === 2)).toBe(true);
    const expected = recorded['logits'];
    const [batch, places, vocabulary] = logits.dims;
    const kept = expected.dims[1];
    expect([batch, vocabulary]).toEqual([expected.dims[0], expected.dims[2]]);
    const values = Float32Array.from({ length: sizeOf(expected.dims) }, (_, i) => {
      const [row, place] = [Math.floor(i / (kept * vocabulary)), Math.floor(i / vocabulary) % kept];
      return Number(logits.data[(row * places + place) * vocabulary + (i % vocabulary)]);
    });
    expect(largestDifference(values, expected.data)).toBeLessThan(1e-3);
  });

  it('is not changed by dropout with masks of ones, nor by LoRA at its start', async () => {
    const { built, logits } = await logitsOf(
      stacks,
      inputs,
      {
        method: {
          kind: 'lora',
          rank: 4,
          alpha: 8,
          targets: ['query', 'key', 'value', 'output', 'feedForward'],
        },
        dropout: { rate: 0.1, attention: true },
      },
      (feeds, { masks }) => {
        const [batch, length] = inputs['input_ids'].dims;
        const sizes = { batch, length, target_length: (inputs['decoder_input_ids']?.dims ?? [0, 0])[1] };
        for (const { mask, dims } of masks) {
          const shape = dims.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]));
          feeds[mask] = floats(new Float32Array(sizeOf(shape)).fill(1), shape);
        }
      },
    );
    const layers = family === 'translation' ? 6 : 4;
    const sites =
      family === 'translation'
        ? { residual: 5 * layers, embedding: 2, attention: 3 * layers }
        : { residual: 2 * layers, embedding: 1, attention: layers };
    for (const [where, count] of Object.entries(sites)) {
      expect([where, built.masks.filter((site) => site.where === where)]).toEqual([
        where,
        expect.objectContaining({ length: count }),
      ]);
    }
    const perLayer = { translation: 6 + 10, 'encoder-only': 6, 'decoder-only': 4 }[family] ?? 0;
    expect(built.lora).toHaveLength(perLayer * layers);
    expect(new Set(built.lora.map(({ module }) => module)).size).toBe(built.lora.length);
    expect(built.parameters).toHaveLength(2 * built.lora.length);
    expect(largestDifference(logits.data, plain.data)).toBeLessThan(1e-4);
  });

  it.skipIf(folder === TRANSLATOR)('computes with LoRA what the model does with merged weights', async () => {
    const method: Method = { kind: 'lora', rank: 4, alpha: 8, targets: ['query', 'value', 'feedForward'] };
    const matrices = new Map<string, Float32Array<ArrayBuffer>>();
    const random = Generator.of(4);
    const { built, logits } = await logitsOf(
      stacks,
      inputs,
      { method, dropout: NO_DROPOUT },
      (feeds, { parameters }) => {
        for (const { name, dims } of parameters) {
          const values = new Float32Array(sizeOf(dims));
          random.fillUniform(values, -0.05, 0.05);
          matrices.set(name, values);
          feeds[name] = floats(values, dims);
        }
      },
    );
    const merged = await logitsOf(stacks, inputs, { method: FULL, dropout: NO_DROPOUT }, (feeds) => {
      for (const site of built.lora) {
        const name = joinedName(site.stack, site.weight);
        const matrix = (each: string) => matrices.get(joinedName(site.stack, each)) ?? new Float32Array(0);
        const weight = feeds[name].data as Float32Array<ArrayBuffer>;
        feeds[name] = floats(
          mergeLora(weight, site, method, matrix(site.a), matrix(site.b)),
          feeds[name].dims,
        );
      }
    });
    expect(largestDifference(logits.data, merged.logits.data)).toBeLessThan(1e-3);
    expect(largestDifference(logits.data, plain.data)).toBeGreaterThan(0.1);
  });
});

describe('a classifier', () => {
  it('reads the mean of the states of real tokens', async () => {
    const stacks = stacksIn(BERT);
    const recorded = golden('encoder-only');
    const options = { method: FULL, dropout: NO_DROPOUT, classes: 3 };
    const { built, logits } = await logitsOf(stacks, recorded, options);
    expect(logits.dims).toEqual([2, 1, 3]);
    expect(built.parameters.map(({ name }) => name)).toContain('head/weight');
    // What only predicts words is not learned.
    expect(built.parameters.some(({ name }) => name.includes('cls.predictions'))).toBe(false);
    const [, length] = recorded['input_ids'].dims;
    const real = Array.from(recorded['attention_mask'].data.subarray(length), Number).filter(Boolean).length;
    expect(real).toBeLessThan(length);
    const cut = (name: string): Tensor => ({
      type: 'int64',
      dims: [1, real],
      data: recorded[name].data.slice(length, length + real) as BigInt64Array<ArrayBuffer>,
    });
    const alone = { input_ids: cut('input_ids'), attention_mask: cut('attention_mask') };
    const other = await logitsOf(stacks, alone, options);
    expect(largestDifference(logits.data.subarray(3), other.logits.data)).toBeLessThan(1e-5);
  });
});

describe('moduleName', () => {
  it('is found from the weight, its bias or the node that reads it', () => {
    expect(moduleName('model.encoder.layers.0.self_attn.q_proj.weight_t/float32', undefined, '')).toBe(
      'model.encoder.layers.0.self_attn.q_proj',
    );
    expect(moduleName('transformer.h.0.attn.c_attn.weight', undefined, '')).toBe(
      'transformer.h.0.attn.c_attn',
    );
    expect(moduleName('onnx::MatMul_7', 'bert.pooler.dense.bias', '/x/MatMul')).toBe('bert.pooler.dense');
    expect(moduleName('onnx::MatMul_7', undefined, '/model/layers.0/q_proj/MatMul')).toBe(
      'model.layers.0.q_proj',
    );
  });
});
