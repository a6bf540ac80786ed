// Attention written down in the ways that exporters and models use, each checked by arithmetic in the runtime.
import { describe, expect, it } from 'vitest';
import type { Anatomy } from '../../../src/anatomy/anatomy';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { float, int, ints, text } from '../../../src/onnx/graphBuilder';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import { probe } from '../../../src/probe/probeModel';
import type { Probed, TapRole } from '../../../src/probe/probe';
import type { NamedTensors } from '../../../src/shared/tensor';
import { HEADS, SIZE, Sketch, WIDTH } from '../anatomy/sketch';
import { checkStages, STAGES } from './checkStages';
import { ids, noise, numbers, runModel } from './runModel';

const BATCH = 2;
const TOKENS = 5;
const SCALE = 1 / Math.sqrt(SIZE);

const states = numbers([BATCH, TOKENS, WIDTH], noise(BATCH * TOKENS * WIDTH, 5, 2));
const attention_mask = ids([BATCH, TOKENS], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
const feeds: NamedTensors = { states, attention_mask };

async function check(
  model: OnnxModel,
  expected: readonly TapRole[] = STAGES,
  given: NamedTensors = feeds,
): Promise<{ readonly anatomy: Anatomy; readonly probed: Probed; readonly results: NamedTensors }> {
  const anatomy = findAnatomy(model);
  expect(anatomy.attentions, JSON.stringify(anatomy.notFound)).toHaveLength(1);
  const [site] = anatomy.attentions;
  expect([site.heads, site.headSize], site.name).toEqual([HEADS, SIZE]);
  const probed = probe(model, anatomy);
  const results = await runModel(probed.bytes, given);
  checkStages(probed, results, BATCH, expected);
  return { anatomy, probed, results };
}

/** A sketch whose query, key and value are there, split into heads. */
function projected() {
  const sketch = new Sketch();
  const x = sketch.states();
  return {
    sketch,
    x,
    query: sketch.heads(sketch.linear(x)),
    key: sketch.heads(sketch.linear(x)),
    value: sketch.heads(sketch.linear(x)),
  };
}

describe('scale', () => {
  it('divides by √d computed at run time from shapes', async () => {
    const { sketch, query, key, value } = projected();
    const size = sketch.op('Cast', [sketch.size(query, 3)], { to: int(ElementType.float32) });
    const scores = sketch.op('MatMul', [query, sketch.transposed(key)]);
    const scaled = sketch.op('Div', [scores, sketch.op('Sqrt', [size])]);
    const { anatomy } = await check(sketch.build([sketch.op('MatMul', [sketch.softmax(scaled), value])]));
    expect(anatomy.attentions[0].scale?.value).toBeCloseTo(SCALE, 6);
    expect(anatomy.attentions[0].scale?.on).toBe('scores');
  });

  it('multiplies queries before they are split', async () => {
    const sketch = new Sketch();
    const x = sketch.states();
    const query = sketch.heads(sketch.op('Mul', [sketch.linear(x), sketch.number(SCALE)]));
    const scores = sketch.op('MatMul', [query, sketch.transposed(sketch.heads(sketch.linear(x)))]);
    const model = sketch.build([
      sketch.op('MatMul', [sketch.softmax(scores), sketch.heads(sketch.linear(x))]),
    ]);
    const { anatomy, probed } = await check(model);
    const [site] = anatomy.attentions;
    expect(site.scale).toMatchObject({ on: 'query' });
    expect(site.query?.layout).toBe('flat');
    expect(site.scores).toBeUndefined();
    expect(probed.taps.find((tap) => tap.role === 'scores')?.factor).toBeCloseTo(2, 5);
    expect(anatomy.notFound.some(({ what }) => what.includes('scores'))).toBe(false);
  });

  it('multiplies queries and keys by the fourth root', async () => {
    const { sketch, query, key, value } = projected();
    const root = sketch.number(Math.sqrt(SCALE));
    const scores = sketch.op('MatMul', [
      sketch.op('Mul', [query, root]),
      sketch.op('Mul', [root, sketch.transposed(key)]),
    ]);
    const { anatomy } = await check(sketch.build([sketch.op('MatMul', [sketch.softmax(scores), value])]));
    expect(anatomy.attentions[0].scale?.value).toBeCloseTo(SCALE, 6);
    expect(anatomy.attentions[0].scale?.on).toBe('both');
  });

  it('is inside a fused product', async () => {
    const { sketch, query, key, value } = projected();
    const scores = sketch.op(
      'FusedMatMul',
      [query, key],
      { transB: int(1), alpha: float(SCALE) },
      'com.microsoft',
    );
    const model = sketch.build([sketch.op('MatMul', [sketch.softmax(scores), value])], {
      opsets: { 'com.microsoft': 1 },
    });
    const { anatomy } = await check(model);
    expect(anatomy.attentions[0].scale?.value).toBeCloseTo(SCALE, 6);
    expect(anatomy.attentions[0].key?.layout).toBe('heads');
  });

  it('is learned, and so not a number', async () => {
    const { sketch, query, key, value } = projected();
    const scores = sketch.op('MatMul', [query, sketch.transposed(key)]);
    const scaled = sketch.op('Mul', [scores, sketch.weight([HEADS, 1, 1])]);
    const model = sketch.build([sketch.op('MatMul', [sketch.softmax(scaled), value])]);
    const { anatomy } = await check(model);
    expect(anatomy.attentions[0].scale).toBeUndefined();
    expect(anatomy.notFound.some(({ what }) => what === 'encoder.0.self: scale')).toBe(true);
  });

  it('is followed by a cap', async () => {
    const { sketch, query, key, value } = projected();
    const scores = sketch.op('MatMul', [query, sketch.transposed(key)]);
    const inside = sketch.op('Div', [sketch.op('Mul', [scores, sketch.number(SCALE)]), sketch.number(3)]);
    const capped = sketch.op('Mul', [sketch.op('Tanh', [inside]), sketch.number(3)]);
    const masked = sketch.op('Add', [capped, sketch.padding(sketch.mask())]);
    const { anatomy } = await check(sketch.build([sketch.op('MatMul', [sketch.softmax(masked), value])]));
    expect(anatomy.attentions[0].softcap).toBeCloseTo(3, 6);
    expect(anatomy.attentions[0].scale?.value).toBeCloseTo(SCALE, 6);
  });
});

describe('queries, keys and values', () => {
  it('are stacked in one projection and gathered', async () => {
    const sketch = new Sketch();
    const all = sketch.op('Reshape', [
      sketch.linear(sketch.states(), WIDTH, 3 * WIDTH),
      sketch.ints([0, 0, 3, HEADS, SIZE]),
    ]);
    const stacked = sketch.op('Transpose', [all], { perm: ints([2, 0, 3, 1, 4]) });
    const [query, key, value] = [0, 1, 2].map((i) =>
      sketch.op('Gather', [stacked, sketch.whole(i)], { axis: int(0) }),
    );
    const scores = sketch.op('Mul', [
      sketch.op('MatMul', [query, sketch.transposed(key)]),
      sketch.number(SCALE),
    ]);
    const { anatomy } = await check(sketch.build([sketch.op('MatMul', [sketch.softmax(scores), value])]));
    expect(anatomy.attentions[0].kind).toBe('encoderSelf');
  });

  it('are split from one projection, with past keys in front', async () => {
    const sketch = new Sketch();
    const x = sketch.states();
    const past = ['key', 'value'].map((what) =>
      sketch.input(`past.${what}`, ElementType.float32, ['batch', HEADS, 'past', SIZE]),
    );
    const parts = sketch.ops(
      'Split',
      [sketch.linear(x, WIDTH, 3 * WIDTH), sketch.ints([WIDTH, WIDTH, WIDTH])],
      3,
      { axis: int(2) },
    );
    const [query, key, value] = parts.map((part) => sketch.heads(part));
    const keys = sketch.op('Concat', [past[0], key], { axis: int(2) });
    const values = sketch.op('Concat', [past[1], value], { axis: int(2) });
    const scores = sketch.op('Mul', [
      sketch.op('MatMul', [query, sketch.transposed(keys)]),
      sketch.number(SCALE),
    ]);
    const sees = sketch.seesBack(sketch.size(scores, 2), sketch.size(scores, 3));
    const masked = sketch.op('Where', [sees, scores, sketch.number(-1e9)]);
    const model = sketch.build([sketch.op('MatMul', [sketch.softmax(masked), values])]);
    const { anatomy } = await check(model, STAGES, {
      ...feeds,
      'past.key': numbers([BATCH, HEADS, 3, SIZE], noise(BATCH * HEADS * 3 * SIZE, 6)),
      'past.value': numbers([BATCH, HEADS, 3, SIZE], noise(BATCH * HEADS * 3 * SIZE, 7)),
    });
    const [site] = anatomy.attentions;
    expect(site).toMatchObject({ name: 'decoder.0.self', key: { tensor: keys }, value: { tensor: values } });
    expect(site.mask).toMatchObject({ form: 'where', keepsWhenTrue: true, causal: true });
    expect(anatomy.inputs['past.key']).toEqual({ role: 'past', layer: 0, of: 'self', what: 'key' });
    expect(anatomy.inputs['past.value']).toEqual({ role: 'past', layer: 0, of: 'self', what: 'value' });
  });

  it('meet in einsums', async () => {
    const sketch = new Sketch();
    const x = sketch.states();
    const split = () => sketch.op('Reshape', [sketch.linear(x), sketch.ints([0, 0, HEADS, SIZE])]);
    const scores = sketch.op('Einsum', [split(), split()], { equation: text('bqhd,bkhd->bhqk') });
    const scaled = sketch.op('Div', [scores, sketch.number(2)]);
    const context = sketch.op('Einsum', [sketch.softmax(scaled), split()], {
      equation: text('bhqk,bkhd->bqhd'),
    });
    const joined = sketch.op('Reshape', [context, sketch.ints([0, 0, WIDTH])]);
    const { anatomy } = await check(sketch.build([joined]));
    expect(anatomy.attentions[0].foundBy).toBe('Softmax → Einsum');
  });

  it('have groups of queries as an axis', async () => {
    const sketch = new Sketch();
    const x = sketch.states();
    const group = (part: string, heads: number, size: number) =>
      sketch.op('Transpose', [sketch.op('Reshape', [part, sketch.ints([0, 0, heads, size, SIZE])])], {
        perm: ints([0, 2, 3, 1, 4]),
      });
    const query = group(sketch.linear(x), 1, HEADS);
    const key = group(sketch.linear(x, WIDTH, SIZE), 1, 1);
    const value = group(sketch.linear(x, WIDTH, SIZE), 1, 1);
    const swapped = sketch.op('Transpose', [key], { perm: ints([0, 1, 2, 4, 3]) });
    const scores = sketch.op('Mul', [sketch.op('MatMul', [query, swapped]), sketch.number(SCALE)]);
    const { anatomy } = await check(sketch.build([sketch.op('MatMul', [sketch.softmax(scores), value])]));
    expect(anatomy.attentions[0]).toMatchObject({
      keyValueHeads: 1,
      weights: { layout: 'grouped' },
      key: { layout: 'grouped' },
    });
  });

  it('share keys by expanding them', async () => {
    const sketch = new Sketch();
    const x = sketch.states();
    const one = (part: string) => sketch.op('Expand', [sketch.heads(part, 1), sketch.ints([1, HEADS, 1, 1])]);
    const scores = sketch.op('MatMul', [
      sketch.heads(sketch.linear(x)),
      sketch.transposed(one(sketch.linear(x, WIDTH, SIZE))),
    ]);
    const scaled = sketch.op('Mul', [scores, sketch.number(SCALE)]);
    const model = sketch.build([
      sketch.op('MatMul', [sketch.softmax(scaled), one(sketch.linear(x, WIDTH, SIZE))]),
    ]);
    const { anatomy } = await check(model);
    expect(anatomy.attentions[0].keyValueHeads).toBe(1);
  });

  it('are of a single head and never split', async () => {
    const sketch = new Sketch();
    const x = sketch.states();
    const [query, key, value] = [0, 1, 2].map(() => sketch.linear(x));
    const swapped = sketch.op('Transpose', [key], { perm: ints([0, 2, 1]) });
    const scores = sketch.op('Mul', [sketch.op('MatMul', [query, swapped]), sketch.number(SCALE)]);
    const model = sketch.build([sketch.op('MatMul', [sketch.softmax(scores), value])]);
    const anatomy = findAnatomy(model);
    expect(anatomy.attentions[0]).toMatchObject({ heads: 1, headSize: WIDTH });
    const probed = probe(model, anatomy);
    checkStages(probed, await runModel(probed.bytes, feeds), BATCH);
  });
});

describe('masks', () => {
  const withMask = (
    change: (sketch: Sketch, scaled: string) => string,
    after = (_: Sketch, weights: string) => weights,
  ): OnnxModel => {
    const { sketch, query, key, value } = projected();
    const scaled = sketch.op('Mul', [
      sketch.op('MatMul', [query, sketch.transposed(key)]),
      sketch.number(SCALE),
    ]);
    const weights = after(sketch, sketch.softmax(change(sketch, scaled)));
    return sketch.build([sketch.op('MatMul', [weights, value])]);
  };

  it('are subtracted', async () => {
    const { anatomy } = await check(
      withMask((sketch, scaled) => sketch.op('Sub', [scaled, sketch.padding(sketch.mask(), 1e9)])),
    );
    expect(anatomy.attentions[0].mask).toMatchObject({
      form: 'add',
      subtracted: true,
      causal: false,
      inputs: ['attention_mask'],
    });
  });

  it('are true where tokens are hidden', async () => {
    const model = withMask((sketch, scaled) => {
      const hidden = sketch.input('padding', ElementType.bool, ['batch', 'tokens']);
      const wide = sketch.op('Unsqueeze', [hidden, sketch.ints([1, 2])]);
      return sketch.op('Where', [wide, sketch.number(-Infinity), scaled]);
    });
    const padding = {
      type: 'bool',
      dims: [BATCH, TOKENS],
      data: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1),
    } as const;
    const { anatomy } = await check(model, STAGES, { ...feeds, padding });
    expect(anatomy.attentions[0].mask).toMatchObject({
      form: 'where',
      keepsWhenTrue: false,
      maskedValue: -Infinity,
      parts: [{ kind: 'padding' }],
    });
    expect(anatomy.inputs['padding']).toEqual({ role: 'paddingMask' });
  });

  it('combine padding and later keys in one tensor, whose parts are named', async () => {
    const model = withMask((sketch, scaled) => {
      const padding = sketch.padding(sketch.mask());
      const sees = sketch.seesBack(sketch.size(scaled, 2), sketch.size(scaled, 3));
      const causal = sketch.op('Where', [sees, sketch.number(0), sketch.number(-1e9)]);
      return sketch.op('Add', [scaled, sketch.op('Add', [padding, causal])]);
    });
    const { anatomy } = await check(model);
    const [site] = anatomy.attentions;
    expect(site.kind).toBe('decoderSelf');
    expect(site.mask?.causal).toBe(true);
    expect(site.mask?.parts.map((part) => part.kind).sort()).toEqual(['causal', 'padding']);
  });

  it('multiply scores by 0 and take 10,000 away, as the first GPT-2 did', async () => {
    const model = withMask((sketch, scaled) => {
      const buffer = sketch.floats(
        [1, 1, 16, 16],
        Float32Array.from({ length: 256 }, (_, i) => Number(i % 16 <= Math.floor(i / 16))),
      );
      const [queries, keys] = [sketch.size(scaled, 2), sketch.size(scaled, 3)].map((size) =>
        sketch.op('Unsqueeze', [size, sketch.ints([0])]),
      );
      const from = sketch.op('Sub', [keys, queries]);
      const rows = sketch.op('Slice', [buffer, from, keys, sketch.ints([2])]);
      const b = sketch.op('Slice', [rows, sketch.ints([0]), keys, sketch.ints([3])]);
      const penalty = sketch.op('Mul', [sketch.number(10000), sketch.op('Sub', [sketch.number(1), b])]);
      return sketch.op('Sub', [sketch.op('Mul', [scaled, b]), penalty]);
    });
    const { anatomy } = await check(model);
    expect(anatomy.attentions[0].mask).toMatchObject({ causal: true });
    expect(anatomy.attentions[0].scale?.value).toBeCloseTo(SCALE, 6);
  });

  it('are kept finite by a maximum', async () => {
    const model = withMask((sketch, scaled) =>
      sketch.op('Max', [
        sketch.op('Add', [scaled, sketch.padding(sketch.mask(), -3e38)]),
        sketch.number(-3.4028234663852886e38),
      ]),
    );
    await check(model);
  });

  it('leave no query without keys: a guard against NaN follows', async () => {
    const model = withMask(
      (sketch, scaled) => sketch.op('Add', [scaled, sketch.padding(sketch.mask())]),
      (sketch, weights) => sketch.op('Where', [sketch.op('IsNaN', [weights]), sketch.number(0), weights]),
    );
    const { anatomy } = await check(model);
    expect(anatomy.attentions[0].weights.tensor).toMatch(/^Where/);
  });

  it('are followed by dropout and a mask of heads', async () => {
    const model = withMask(
      (sketch, scaled) => sketch.op('Add', [scaled, sketch.padding(sketch.mask())]),
      (sketch, weights) =>
        sketch.op('Mul', [sketch.op('Dropout', [weights]), sketch.floats([1, HEADS, 1, 1], [1, 1])]),
    );
    await check(model);
  });

  it('of zeros are none', async () => {
    const model = withMask((sketch, scaled) => sketch.op('Add', [scaled, sketch.floats([1, 1, 1, 1], [0])]));
    const { anatomy } = await check(model);
    expect(anatomy.attentions[0].mask).toBeUndefined();
  });
});

it('a softmax is spelled out', async () => {
  const { sketch, query, key, value } = projected();
  const scaled = sketch.op('Mul', [
    sketch.op('MatMul', [query, sketch.transposed(key)]),
    sketch.number(SCALE),
  ]);
  const masked = sketch.op('Add', [scaled, sketch.padding(sketch.mask())]);
  const highest = sketch.op('ReduceMax', [masked, sketch.ints([-1])], { keepdims: int(1) });
  const powers = sketch.op('Exp', [sketch.op('Sub', [masked, highest])]);
  const weights = sketch.op('Div', [powers, sketch.op('ReduceSum', [powers, sketch.ints([-1])])]);
  const { anatomy } = await check(sketch.build([sketch.op('MatMul', [weights, value])]));
  expect(anatomy.attentions[0]).toMatchObject({ weights: { tensor: weights }, masked: { tensor: masked } });
});

describe('sinks', () => {
  it('take a share of the weights', async () => {
    const { sketch, query, key, value } = projected();
    const scaled = sketch.op('Mul', [
      sketch.op('MatMul', [query, sketch.transposed(key)]),
      sketch.number(SCALE),
    ]);
    const rows = sketch.op('Slice', [scaled, sketch.ints([0]), sketch.ints([1]), sketch.ints([3])]);
    const sink = sketch.op('Add', [
      sketch.op('Mul', [rows, sketch.number(0)]),
      sketch.weight([1, HEADS, 1, 1]),
    ]);
    const weights = sketch.softmax(sketch.op('Concat', [scaled, sink], { axis: int(3) }));
    const own = sketch.op('Slice', [weights, sketch.ints([0]), sketch.ints([-1]), sketch.ints([3])]);
    const model = sketch.build([sketch.op('MatMul', [own, value])]);
    const anatomy = findAnatomy(model);
    expect(anatomy.attentions[0]).toMatchObject({ weights: { tensor: own }, masked: { tensor: scaled } });
  });
});
