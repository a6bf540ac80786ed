// What training has changed leaves and comes back: ONNX files, weights.safetensors, PEFT's adapters; tied weights in every place.
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { readGraph } from '../../../src/engine/prepareGraph';
import { readModelFolder } from '../../../src/models/modelFolder';
import { editModel } from '../../../src/onnx/editModel';
import { floatTensor, intTensor } from '../../../src/onnx/graphBuilder';
import { add } from '../../../src/onnx/graphEdits';
import { readModel } from '../../../src/onnx/readModel';
import { floatsOf } from '../../../src/onnx/tensorValues';
import { readSafetensors } from '../../../src/shared/safetensors';
import { sizeOf } from '../../../src/shared/tensor';
import { ADAPTER_CONFIG, ADAPTER_MODEL, readAdapter, writeAdapter } from '../../../src/training/adapterFiles';
import { decodeChange, encodeChange, headOf } from '../../../src/training/changeFile';
import type { ChangedWeights } from '../../../src/training/changedWeights';
import { applyChange, fullChange, loraChange } from '../../../src/training/changedWeights';
import { Generator } from '../../../src/training/generator';
import { sharedWeights, transposed } from '../../../src/training/sharedWeights';
import type { Method } from '../../../src/training/trainingModel';
import { initialParameters, trainingModel } from '../../../src/training/trainingModel';
import type { TrainingStacks } from '../../../src/training/trainingStack';
import { writeTrained } from '../../../src/training/writeTrained';
import { filesOf, golden, MODEL, root, startEngine } from '../engine/testEngine';
import { BERT, floats, GPT, largestDifference, runOnce, stacksIn, TRANSLATOR } from './shipped';

const NO_DROPOUT = { rate: 0, attention: false };
const FULL: Method = { kind: 'full' };
const PLACE = 'onnx/model.onnx';

const fileOf = (folder: string) => {
  const bytes = new Uint8Array(readFileSync(path.join(root, folder, PLACE)));
  return readModel(bytes);
};

/** Weights of a training graph, each number moved a little. */
function moved(stacks: TrainingStacks, method: Method = FULL, by = 0.01) {
  const built = trainingModel(stacks, { method, dropout: NO_DROPOUT });
  const values = initialParameters(stacks, built, method, 1);
  const random = Generator.of(5);
  for (const weight of values.values()) {
    for (let i = 0; i < weight.length; i++) {
      weight[i] += by * (random.uniform() - 0.5);
    }
  }
  return { built, values };
}

/** Whether two changes are the same in every bit; `toEqual` takes minutes for millions of numbers. */
function isSame(a: ChangedWeights, b: ChangedWeights): boolean {
  const flat = (change: ChangedWeights) =>
    [...change].flatMap(([stack, weights]) =>
      [...weights].map(([name, data]) => [`${stack}/${name}`, data] as const),
    );
  const other = new Map(flat(b));
  const all = flat(a);
  return (
    all.length === other.size &&
    all.every(([name, data]) => Buffer.compare(bytesOf(data), bytesOf(other.get(name))) === 0)
  );
}

function bytesOf(data: Float32Array | undefined): Uint8Array {
  return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(0);
}

const initializer = (stacks: TrainingStacks, stack: string, name: string) => {
  const { model } = Object.entries(stacks).find(([each]) => each === stack)?.[1] ?? { model: undefined };
  const found = model?.graph.initializers.find((weight) => weight.name === name);
  return found ? floatsOf(found) : new Float32Array(0);
};

describe('trained weights in the ONNX file', () => {
  const stacks = stacksIn(BERT);
  const { built, values } = moved(stacks);
  const change =
    fullChange(stacks, built.parameters, (name) => values.get(name)).get('model') ??
    new Map<string, Float32Array<ArrayBuffer>>();

  it('are rounded to the precision of the file, or kept', () => {
    const original = fileOf(BERT);
    const half = writeTrained(original, change, 'stored');
    expect(half.bytes.length).toBeLessThan(1.01 * original.bytes.length);
    expect(half.rounding).toBeGreaterThan(0);
    // Half of the last of the 11 bits of the largest number.
    const largest = [...change.values()].reduce(
      (most, data) => data.reduce((a, b) => Math.max(a, Math.abs(b)), most),
      0,
    );
    expect(half.rounding).toBeLessThanOrEqual(2 ** (Math.floor(Math.log2(largest)) - 11));
    const read = (bytes: Uint8Array<ArrayBuffer>) => readGraph({ path: PLACE, bytes, beside: {} });
    const [stored, wide] = [half, writeTrained(original, change, 'float32')].map(
      ({ bytes }) => read(bytes).model.graph,
    );
    expect(change.size).toBe(built.parameters.length);
    for (const [name, weight] of change) {
      const of = (graph: typeof stored) => {
        const found = graph.initializers.find((each) => each.name === name);
        return found ? floatsOf(found) : [];
      };
      expect(largestDifference(of(stored), weight)).toBeLessThanOrEqual(half.rounding);
      expect(largestDifference(of(wide), weight)).toBe(0);
    }
  });

  it('that did not change give the file that was there', () => {
    const same = initialParameters(stacks, built, FULL, 1);
    const kept =
      fullChange(stacks, built.parameters, (name) => same.get(name)).get('model') ??
      new Map<string, Float32Array<ArrayBuffer>>();
    const { bytes, rounding } = writeTrained(fileOf(BERT), kept, 'stored');
    expect(rounding).toBe(0);
    const again = readModel(bytes);
    for (const weight of fileOf(BERT).graph.initializers) {
      const raw = again.graph.initializers.find(({ name }) => name === weight.name)?.raw ?? new Uint8Array(0);
      expect(Buffer.compare(raw, weight.raw ?? new Uint8Array(0))).toBe(0);
    }
  });

  it('make a folder that the loader loads, and that computes what training computed', async () => {
    const { bytes } = writeTrained(fileOf(BERT), change, 'float32');
    const recorded = golden('encoder-only');
    const weights = Object.fromEntries(
      built.parameters.map(({ name, dims }) => [name, floats(values.get(name) ?? new Float32Array(0), dims)]),
    );
    const trained = await runOnce(built.model.bytes, { ...recorded, ...weights });
    const written = await runOnce(bytes, recorded);
    expect(largestDifference(trained[built.logits].data, written['logits'].data)).toBeLessThan(1e-4);
    const half = await runOnce(writeTrained(fileOf(BERT), change, 'stored').bytes, recorded);
    const rounded = largestDifference(trained[built.logits].data, half['logits'].data);
    // 0.0063 when this was written.
    expect(rounded).toBeLessThan(0.02);
    const engine = await startEngine();
    try {
      const files = { ...filesOf(BERT), [PLACE]: bytes };
      await engine.loadModel({ id: MODEL, name: 'trained', files });
      expect(engine.model(MODEL).summary.layers.encoder).toBe(4);
    } finally {
      await engine.dispose();
    }
  });

  it('that float16 cannot hold are refused', () => {
    const [first] = change.keys();
    const huge = new Map([[first, Float32Array.from(change.get(first) ?? [], () => 1e6)]]);
    expect(() => writeTrained(fileOf(BERT), huge, 'stored')).toThrow('float16 cannot hold');
    const none = new Map([['nothing', new Float32Array(1)]]);
    expect(() => writeTrained(fileOf(BERT), none, 'stored')).toThrow('"nothing"');
  });
});

describe('the change of all weights', () => {
  it('reaches the embedding in encoder and decoder, and comes back from its file', () => {
    const stacks = stacksIn(TRANSLATOR);
    const { built, values } = moved(stacks);
    const change = fullChange(stacks, built.parameters, (name) => values.get(name));
    const name = 'model.shared.weight/float32';
    const embedding = bytesOf(values.get(`encoder/${name}`));
    for (const stack of ['encoder', 'decoder'] as const) {
      expect(Buffer.compare(bytesOf(change.get(stack)?.get(name)), embedding)).toBe(0);
    }
    const file = encodeChange(built.parameters, change, (each) => values.get(each));
    expect(file.length).toBeLessThan(
      4.02 * built.parameters.reduce((sum, { dims }) => sum + sizeOf(dims), 0),
    );
    expect(isSame(decodeChange(file, stacks), change)).toBe(true);
    expect(headOf(file).size).toBe(0);
    expect(() => decodeChange(file, stacksIn(BERT))).toThrow('do not fit this model');
    const { graph } = applyChange(readGraphOf('decoder'), change.get('decoder'));
    const weight = graph.initializers.find((each) => each.name === name);
    expect(Buffer.compare(bytesOf(weight && floatsOf(weight)), embedding)).toBe(0);
  });

  it('is kept by half with a strength of a half', () => {
    const stacks = stacksIn(GPT);
    const { built, values } = moved(stacks);
    const half = fullChange(stacks, built.parameters, (name) => values.get(name), 0.5);
    const [{ name, places }] = built.parameters;
    const base = initializer(stacks, 'model', places[0].weight);
    const trained = values.get(name) ?? [];
    const kept = half.get('model')?.get(places[0].weight) ?? [];
    for (let i = 0; i < 100; i++) {
      expect(kept[i]).toBeCloseTo((base[i] + trained[i]) / 2, 6);
    }
  });

  it('keeps the head of a classifier apart', () => {
    const stacks = stacksIn(BERT);
    const built = trainingModel(stacks, { method: FULL, dropout: NO_DROPOUT, classes: 2 });
    const values = initialParameters(stacks, built, FULL, 1);
    const change = fullChange(stacks, built.parameters, (name) => values.get(name));
    const file = encodeChange(built.parameters, change, (name) => values.get(name));
    expect([...headOf(file).keys()].sort()).toEqual(['head/bias', 'head/weight']);
    expect(isSame(decodeChange(file, stacks), change)).toBe(true);
  });
});

function readGraphOf(stack: 'encoder' | 'decoder') {
  const { graphs } = readModelFolder(filesOf(TRANSLATOR));
  if ('model' in graphs) {
    throw new Error('The translator has two graphs.');
  }
  return readGraph(graphs[stack]).model;
}

describe('an adapter', () => {
  it.each([
    [BERT, 'bert.encoder.layer.0.attention.self.query', false],
    [GPT, 'transformer.h.0.attn.c_attn', true],
  ])('of %s has the layout of PEFT and comes back', (folder, module, isConv) => {
    const stacks = stacksIn(folder);
    const method: Method = { kind: 'lora', rank: 3, alpha: 6, targets: ['query', 'output', 'feedForward'] };
    const { built, values } = moved(stacks, method);
    const files = writeAdapter(built.lora, method, (name) => values.get(name), {
      base: 'some/model',
      task: 'causal',
      strength: 0.5,
    });
    const config = JSON.parse(new TextDecoder().decode(files[ADAPTER_CONFIG])) as Record<string, unknown>;
    expect(config).toMatchObject({
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      r: 3,
      lora_alpha: 3,
      fan_in_fan_out: isConv,
      base_model_name_or_path: 'some/model',
    });
    expect(config['target_modules']).toContain(module);
    const tensors = readSafetensors(files[ADAPTER_MODEL]);
    expect(Object.keys(tensors)).toHaveLength(2 * built.lora.length);
    const site = built.lora.find((each) => each.module === module);
    expect(tensors[`base_model.model.${module}.lora_A.weight`].dims).toEqual([3, site?.inputs]);
    expect(tensors[`base_model.model.${module}.lora_B.weight`].dims).toEqual([site?.outputs, 3]);
    const adapter = readAdapter(files, built.lora);
    const expected = loraChange(stacks, built.lora, method, (name) => values.get(name), 0.5);
    expect(isSame(loraChange(stacks, adapter.sites, adapter, adapter.values), expected)).toBe(true);
    expect(expected.get('model')?.size).toBe(built.lora.length);
    expect(() => readAdapter(files, built.lora.slice(1))).toThrow('was not found in this model');
    expect(() => readAdapter({ [ADAPTER_MODEL]: files[ADAPTER_MODEL] }, built.lora)).toThrow(ADAPTER_CONFIG);
    expect(() => readAdapter({ [ADAPTER_CONFIG]: files[ADAPTER_CONFIG] }, built.lora)).toThrow('missing');
  });
});

describe('weights that are stored twice', () => {
  it('are found as they are and transposed, but vectors and constants are not tied', () => {
    const values = Float32Array.from({ length: 6 }, (_, i) => i);
    const weight = (name: string, dims: number[], content = values) => floatTensor(name, dims, content);
    const ones = new Float32Array(6).fill(1);
    const found = sharedWeights([
      { stack: 'encoder', weight: weight('a', [2, 3]) },
      { stack: 'encoder', weight: weight('vector', [6]) },
      { stack: 'encoder', weight: weight('ones', [2, 3], ones) },
      { stack: 'decoder', weight: weight('a', [2, 3]) },
      { stack: 'decoder', weight: weight('turned', [3, 2], transposed(values, 2, 3)) },
      { stack: 'decoder', weight: weight('reshaped', [3, 2]) },
      { stack: 'decoder', weight: weight('vector', [6]) },
      { stack: 'decoder', weight: weight('ones', [2, 3], ones) },
    ]);
    expect(
      found.map(({ places }) =>
        places.map((place) => `${place.stack}/${place.weight}${place.transposed ? 'ᵀ' : ''}`),
      ),
    ).toEqual([
      ['encoder/a', 'decoder/a', 'decoder/turnedᵀ'],
      ['encoder/vector'],
      ['encoder/ones'],
      ['decoder/reshaped'],
      ['decoder/vector'],
      ['decoder/ones'],
    ]);
  });

  it('are one parameter of the training graph, and are written to both places', async () => {
    const { model: stack } = stacksIn(GPT) as Extract<TrainingStacks, { model: unknown }>;
    const name = 'transformer.wte.weight/float32';
    const embedding = stack.model.graph.initializers.find((weight) => weight.name === name);
    const [rows, columns] = embedding?.dims ?? [0, 0];
    const turned = transposed(embedding ? floatsOf(embedding) : new Float32Array(0), rows, columns);
    const model = editModel(stack.model, [
      add({ initializers: [floatTensor('turned', [columns, rows], turned), intTensor('unused', [], [0])] }),
      (graph) => ({
        ...graph,
        nodes: graph.nodes.map((node) =>
          node.opType === 'Gemm'
            ? { ...node, inputs: [node.inputs[0], 'turned', ...node.inputs.slice(2)], attributes: {} }
            : node,
        ),
      }),
    ]);
    const stacks = { model: { model, anatomy: findAnatomy(model) } };
    const { built, values } = moved(stacks, FULL, 0);
    const tied = built.parameters.filter(({ places }) => places.length > 1);
    expect(tied.map(({ places }) => places)).toEqual([
      [
        { stack: 'model', weight: name, transposed: false },
        { stack: 'model', weight: 'turned', transposed: true },
      ],
    ]);
    const feeds = Object.fromEntries(
      built.parameters.map((each) => [each.name, floats(values.get(each.name) ?? turned, each.dims)]),
    );
    const recorded = golden('decoder-only');
    const { [built.logits]: logits } = await runOnce(built.model.bytes, { ...recorded, ...feeds });
    expect(largestDifference(logits.data, recorded['logits'].data)).toBeLessThan(1e-3);
    const change = fullChange(stacks, built.parameters, (each) => values.get(each)).get('model');
    expect(largestDifference(change?.get('turned') ?? [], turned)).toBe(0);
  });
});
