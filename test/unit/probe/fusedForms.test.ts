// Fused operators in all the forms they are used in: the stages recomputed beside each give its own result again.
import { describe, expect, it } from 'vitest';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { buildModel, float, floatTensor, int, node, value } from '../../../src/onnx/graphBuilder';
import { ElementType, type Attributes, type Dimension, type Initializer } from '../../../src/onnx/model';
import { experimentGraph } from '../../../src/probe/experimentGraph';
import { probe } from '../../../src/probe/probeModel';
import { readHead } from '../../../src/probe/readHead';
import type { NamedTensors, Tensor } from '../../../src/shared/tensor';
import { checkStages } from './checkStages';
import { restingFeeds } from './restingFeeds';
import { noise, numbers, runModel } from './runModel';

const BATCH = 2;
const QUERIES = 5;
const HEADS = 4;
const SIZE = 16;
const WIDTH = HEADS * SIZE;

type Feed = Tensor | undefined;

interface Form {
  readonly title: string;
  readonly opType: string;
  readonly domain?: string;
  /** Inputs of the operator by name in their order; undefined leaves one out. */
  readonly inputs: readonly (readonly [name: string, feed: Feed])[];
  readonly attributes: Attributes;
  readonly weights?: readonly Initializer[];
  readonly outputs?: number;
  readonly kind?: string;
  readonly masked?: boolean;
  /** Rows of a text whose query is padding: their result means nothing. */
  readonly softcap?: boolean;
}

let seed = 1;
const random = (...dims: readonly number[]): Tensor =>
  numbers(
    dims,
    noise(
      dims.reduce((a, b) => a * b, 1),
      seed++,
      1.5,
    ),
  );
const int32 = (dims: readonly number[], values: readonly number[]): Tensor => ({
  type: 'int32',
  dims,
  data: Int32Array.from(values),
});
const flat = (rows = QUERIES, width = WIDTH): Tensor => random(BATCH, rows, width);
const triangle = (rows: number, columns: number): Tensor => ({
  type: 'bool',
  dims: [rows, columns],
  data: Uint8Array.from({ length: rows * columns }, (_, i) =>
    Number(i % columns <= Math.floor(i / columns) + columns - rows),
  ),
});
const padding = (keys: number): number[] =>
  Array.from({ length: BATCH * keys }, (_, i) => Number(i < keys || i % keys < keys - 2));

const multiHead = {
  opType: 'MultiHeadAttention',
  domain: 'com.microsoft',
  attributes: { num_heads: int(HEADS) },
} as const;
const packed = {
  opType: 'Attention',
  domain: 'com.microsoft',
  attributes: { num_heads: int(HEADS) },
  weights: [
    floatTensor('weight', [WIDTH, 3 * WIDTH], noise(WIDTH * 3 * WIDTH, 90, 0.3)),
    floatTensor('bias', [3 * WIDTH], noise(3 * WIDTH, 91)),
  ],
} as const;
const packedInputs = [
  ['x', flat()],
  ['weight', undefined],
  ['bias', undefined],
] as const;
const grouped = {
  opType: 'GroupQueryAttention',
  domain: 'com.microsoft',
  attributes: { num_heads: int(HEADS), kv_num_heads: int(2) },
  outputs: 3,
  masked: true,
  kind: 'decoderSelf',
} as const;
/** Two texts of equal length after `past` cached tokens. */
const groupedInputs = (past: number, rows = QUERIES, query: Tensor = flat(rows)): Form['inputs'] => [
  ['query', query],
  ['key', random(BATCH, rows, 2 * SIZE)],
  ['value', random(BATCH, rows, 2 * SIZE)],
  ['past_key', random(BATCH, 2, past, SIZE)],
  ['past_value', random(BATCH, 2, past, SIZE)],
  ['lengths', int32([BATCH], [past + rows - 1, past + rows - 1])],
  ['total', int32([1], [past + rows])],
];
const waves = (half: number, wave: (x: number) => number): Initializer =>
  floatTensor(
    wave === Math.cos ? 'cosines' : 'sines',
    [32, half],
    Float32Array.from({ length: 32 * half }, (_, i) =>
      wave(Math.floor(i / half) * 100 ** (-(i % half) / half)),
    ),
  );
const rotary = [waves(SIZE / 2, Math.cos), waves(SIZE / 2, Math.sin)];

const FORMS: readonly Form[] = [
  {
    ...multiHead,
    title: 'MultiHeadAttention',
    inputs: [
      ['query', flat()],
      ['key', flat(7)],
      ['value', flat(7)],
    ],
  },
  {
    ...multiHead,
    title: 'MultiHeadAttention with values of another size and a scale',
    attributes: { ...multiHead.attributes, scale: float(0.5) },
    inputs: [
      ['query', flat()],
      ['key', flat(7)],
      ['value', flat(7, HEADS * 6)],
    ],
  },
  {
    ...multiHead,
    title: 'MultiHeadAttention with bias and padding',
    masked: true,
    weights: [floatTensor('bias', [3 * WIDTH], noise(3 * WIDTH, 92))],
    inputs: [
      ['query', flat()],
      ['key', flat()],
      ['value', flat()],
      ['bias', undefined],
      ['padding', int32([BATCH, QUERIES], padding(QUERIES))],
    ],
  },
  {
    ...multiHead,
    title: 'MultiHeadAttention with lengths',
    masked: true,
    inputs: [
      ['query', flat()],
      ['key', flat(7)],
      ['value', flat(7)],
      ['', undefined],
      ['lengths', int32([BATCH], [7, 4])],
    ],
  },
  {
    ...multiHead,
    title: 'MultiHeadAttention with padding per query',
    masked: true,
    inputs: [
      ['query', flat()],
      ['key', flat()],
      ['value', flat()],
      ['', undefined],
      [
        'padding',
        int32(
          [BATCH, QUERIES, QUERIES],
          Array.from({ length: BATCH * QUERIES * QUERIES }, (_, i) =>
            Number(i % QUERIES <= Math.floor(i / QUERIES) % QUERIES),
          ),
        ),
      ],
    ],
  },
  {
    ...multiHead,
    title: 'MultiHeadAttention with an attention bias',
    masked: true,
    inputs: [
      ['query', flat()],
      ['key', flat()],
      ['value', flat()],
      ['', undefined],
      ['', undefined],
      ['attention_bias', random(1, HEADS, QUERIES, QUERIES)],
    ],
  },
  {
    ...multiHead,
    title: 'MultiHeadAttention, causal, with past',
    attributes: { ...multiHead.attributes, unidirectional: int(1) },
    masked: true,
    kind: 'decoderSelf',
    outputs: 3,
    inputs: [
      ['query', flat()],
      ['key', flat()],
      ['value', flat()],
      ['', undefined],
      ['', undefined],
      ['', undefined],
      ['past_key', random(BATCH, HEADS, 3, SIZE)],
      ['past_value', random(BATCH, HEADS, 3, SIZE)],
    ],
  },
  {
    ...multiHead,
    title: 'MultiHeadAttention on keys and values projected before',
    inputs: [
      ['query', flat()],
      ['key', random(BATCH, HEADS, 7, SIZE)],
      ['value', random(BATCH, HEADS, 7, SIZE)],
    ],
  },
  { ...packed, title: 'Attention with its projection', inputs: packedInputs },
  {
    ...packed,
    title: 'Attention with padding',
    masked: true,
    inputs: [...packedInputs, ['padding', int32([BATCH, QUERIES], padding(QUERIES))]],
  },
  {
    ...packed,
    title: 'Attention with lengths',
    masked: true,
    inputs: [...packedInputs, ['lengths', int32([BATCH], [5, 3])]],
  },
  {
    ...packed,
    title: 'Attention, causal, with past and padding',
    attributes: { ...packed.attributes, unidirectional: int(1) },
    masked: true,
    kind: 'decoderSelf',
    outputs: 2,
    inputs: [
      ...packedInputs,
      ['padding', int32([BATCH, QUERIES + 3], padding(QUERIES + 3))],
      ['past', random(2, BATCH, HEADS, 3, SIZE)],
    ],
  },
  { ...grouped, title: 'GroupQueryAttention, first pass', inputs: groupedInputs(0) },
  { ...grouped, title: 'GroupQueryAttention with past', inputs: groupedInputs(4, 1) },
  {
    ...grouped,
    title: 'GroupQueryAttention with a window',
    attributes: { ...grouped.attributes, local_window_size: int(3) },
    inputs: groupedInputs(0),
  },
  {
    ...grouped,
    title: 'GroupQueryAttention with rotation by halves',
    attributes: { ...grouped.attributes, do_rotary: int(1) },
    weights: rotary,
    inputs: [...groupedInputs(4, 1), ['cosines', undefined], ['sines', undefined]],
  },
  {
    ...grouped,
    title: 'GroupQueryAttention with rotation of neighbours',
    attributes: { ...grouped.attributes, do_rotary: int(1), rotary_interleaved: int(1) },
    weights: rotary,
    inputs: [...groupedInputs(0), ['cosines', undefined], ['sines', undefined]],
  },
  {
    ...grouped,
    title: 'GroupQueryAttention with a cap',
    attributes: { ...grouped.attributes, softcap: float(2) },
    softcap: true,
    inputs: groupedInputs(0),
  },
  {
    ...grouped,
    title: 'GroupQueryAttention on one packed input',
    inputs: [
      ['query', flat(QUERIES, WIDTH + 4 * SIZE)],
      ['', undefined],
      ['', undefined],
      ...groupedInputs(0).slice(3),
    ],
  },
  {
    title: 'Attention of the standard, causal, with past',
    opType: 'Attention',
    attributes: { q_num_heads: int(HEADS), kv_num_heads: int(2), is_causal: int(1) },
    outputs: 3,
    masked: true,
    kind: 'decoderSelf',
    inputs: [
      ['query', flat()],
      ['key', flat(QUERIES, 2 * SIZE)],
      ['value', flat(QUERIES, 2 * SIZE)],
      ['', undefined],
      ['past_key', random(BATCH, 2, 3, SIZE)],
      ['past_value', random(BATCH, 2, 3, SIZE)],
    ],
  },
  {
    title: 'Attention of the standard with a boolean mask and a cap',
    opType: 'Attention',
    attributes: { q_num_heads: int(HEADS), kv_num_heads: int(HEADS), softcap: float(1.5) },
    masked: true,
    softcap: true,
    inputs: [
      ['query', flat()],
      ['key', flat()],
      ['value', flat()],
      ['mask', triangle(QUERIES, QUERIES)],
    ],
  },
];

const TYPES: Readonly<Record<string, number>> = {
  float32: ElementType.float32,
  int32: ElementType.int32,
  bool: ElementType.bool,
};

/** A graph of the operator alone; axes for batch and length are symbolic. */
function build({ opType, domain = '', inputs, attributes, weights = [], outputs = 1 }: Form) {
  const results = ['result', 'present_key', 'present_value'].slice(0, outputs);
  const symbolic = (dims: readonly number[], name: string): readonly Dimension[] =>
    dims.map((dim, axis) =>
      name === 'padding' || axis > 0 || name === 'total' ? dim : dim === BATCH ? 'batch' : dim,
    );
  return buildModel(
    {
      nodes: [
        node(
          opType,
          inputs.map(([name]) => name),
          results,
          attributes,
          { name: 'attention', domain },
        ),
      ],
      initializers: weights,
      inputs: inputs.flatMap(([name, feed]) =>
        feed ? [value(name, TYPES[feed.type], symbolic(feed.dims, name))] : [],
      ),
      outputs: results.map((name) => value(name, ElementType.float32)),
    },
    { opset: domain === '' ? 23 : 17, irVersion: domain === '' ? 10 : 8, opsets: { 'com.microsoft': 1 } },
  );
}

describe('fused attention', () => {
  it.each(FORMS.map((form) => [form.title, form] as const))('%s', async (_, form) => {
    const model = build(form);
    const feeds: NamedTensors = Object.fromEntries(
      form.inputs.flatMap(([name, feed]) => (feed ? [[name, feed]] : [])),
    );
    const anatomy = findAnatomy(model);
    expect(anatomy.attentions).toHaveLength(1);
    const [site] = anatomy.attentions;
    expect(site.heads).toBe(HEADS);
    expect(site.headSize).toBe(SIZE);
    expect(site.mask !== undefined).toBe(form.masked ?? false);
    if (form.kind !== undefined) {
      expect(site.kind).toBe(form.kind);
    }
    expect(anatomy.positions.kind).toBe(form.weights === rotary ? 'rotary' : 'none');
    const probed = probe(model, anatomy);
    const plain = await runModel(model.bytes, feeds);
    const results = await runModel(probed.bytes, feeds);
    expect(results['result'].data).toEqual(plain['result'].data);
    checkStages(probed, results, BATCH);
  });

  it.each(FORMS.map((form) => [form.title, form] as const))(
    '%s: with controls at rest the result is the same to rounding; a removed head is gone',
    async (_, form) => {
      const model = build(form);
      const feeds: NamedTensors = Object.fromEntries(
        form.inputs.flatMap(([name, feed]) => (feed ? [[name, feed]] : [])),
      );
      const experiment = experimentGraph(model, findAnatomy(model));
      const [site] = experiment.controls.sites;
      expect(site.context).toBeDefined();
      const { bytes, taps } = probe(experiment.model, experiment.anatomy);
      const plain = await runModel(model.bytes, feeds);
      const rest = { ...feeds, ...restingFeeds(experiment) };
      const results = await runModel(bytes, rest);
      plain['result'].data.forEach((expected, i) => {
        expect(Math.abs(Number(results['result'].data[i]) - Number(expected))).toBeLessThanOrEqual(1e-6);
      });
      const gate = numbers([1, HEADS, 1, 1], [1, 1, 0, 1]);
      const without = await runModel(bytes, { ...rest, [site.context?.gate ?? '']: gate });
      const tap = taps.find(({ role }) => role === 'context');
      for (let head = 0; tap && head < HEADS; head++) {
        const [attention] = experiment.anatomy.attentions;
        const read = (run: NamedTensors) =>
          Array.from(readHead(run[tap.output], tap, attention, 1, head).data);
        expect(read(without)).toEqual(head === 2 ? read(results).map((x) => x * 0) : read(results));
      }
    },
  );
});
