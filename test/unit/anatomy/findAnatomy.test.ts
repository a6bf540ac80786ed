// Kinds, layers, embedding, output and inputs of whole graphs, and what is said about what is not there.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { inspectReport } from '../../../src/anatomy/inspectReport';
import { summarise } from '../../../src/anatomy/summarise';
import { editModel } from '../../../src/onnx/editModel';
import { expandHalf } from '../../../src/onnx/expandHalf';
import { dropUnused } from '../../../src/onnx/graphEdits';
import { int, ints } from '../../../src/onnx/graphBuilder';
import { ifNodes, liftBranch } from '../../../src/onnx/liftBranch';
import { readModel } from '../../../src/onnx/readModel';
import { noise } from '../probe/runModel';
import { Sketch, VOCABULARY, WIDTH } from './sketch';

const load = (path: string) =>
  readModel(new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url))));

describe('kinds of attention', () => {
  it('tells both sides of a translator in one graph', () => {
    const sketch = new Sketch();
    const memory = sketch.attention(sketch.attention(sketch.embedded(sketch.ids('input_ids', 'source'))));
    const target = sketch.op('Gather', [
      sketch.weight([VOCABULARY, WIDTH]),
      sketch.ids('decoder_input_ids', 'target'),
    ]);
    const seen = sketch.attention(target, target, (scaled) => {
      const sees = sketch.seesBack(sketch.size(scaled, 2), sketch.size(scaled, 3));
      return sketch.op('Where', [sees, scaled, sketch.number(-1e9)]);
    });
    const anatomy = findAnatomy(sketch.build([sketch.attention(seen, memory)]));
    expect(anatomy.attentions.map((site) => [site.name, site.kind])).toEqual([
      ['encoder.0.self', 'encoderSelf'],
      ['encoder.1.self', 'encoderSelf'],
      ['decoder.0.self', 'decoderSelf'],
      ['decoder.0.cross', 'cross'],
    ]);
    expect(summarise([anatomy])).toMatchObject({
      family: 'encoder-decoder',
      layers: { encoder: 2, decoder: 1 },
    });
  });

  it('knows cross-attention by the input its keys come from', () => {
    const sketch = new Sketch();
    const x = sketch.embedded(sketch.ids());
    const memory = sketch.states('encoder_hidden_states', 'source');
    const mask = sketch.mask('encoder_attention_mask', 'source');
    const context = sketch.attention(x, memory, (scaled) => sketch.op('Add', [scaled, sketch.padding(mask)]));
    const anatomy = findAnatomy(sketch.build([context]));
    expect(anatomy).toMatchObject({ side: 'decoder', attentions: [{ name: 'decoder.0.cross' }] });
    expect(anatomy.inputs).toEqual({
      input_ids: { role: 'tokens' },
      encoder_hidden_states: { role: 'encoderStates' },
      encoder_attention_mask: { role: 'encoderPaddingMask' },
    });
  });

  it('numbers layers as they run, whatever their order in the file', () => {
    const sketch = new Sketch();
    const model = sketch.build([sketch.attention(sketch.attention(sketch.embedded(sketch.ids())))]);
    const expected = findAnatomy(model).attentions.map((site) => site.weights.tensor);
    const reversed = editModel(model, [(graph) => ({ ...graph, nodes: [...graph.nodes].reverse() })]);
    expect(findAnatomy(reversed).attentions.map((site) => site.weights.tensor)).toEqual(expected);
  });
});

describe('what is no attention', () => {
  it('leaves out the softmax over the vocabulary and the one that routes to experts', () => {
    const sketch = new Sketch();
    const x = sketch.embedded(sketch.ids());
    const gates = sketch.softmax(sketch.linear(x, WIDTH, 3));
    const experts = sketch.op(
      'Concat',
      [0, 1, 2].map(() => sketch.op('Unsqueeze', [sketch.linear(x), sketch.ints([2])])),
      { axis: int(2) },
    );
    const mixed = sketch.op('MatMul', [sketch.op('Unsqueeze', [gates, sketch.ints([2])]), experts]);
    const logits = sketch.linear(sketch.op('Squeeze', [mixed, sketch.ints([2])]), WIDTH, VOCABULARY);
    const anatomy = findAnatomy(sketch.build([sketch.softmax(logits)]));
    expect(anatomy.attentions).toEqual([]);
    expect(anatomy.notFound[0]).toEqual({
      what: 'attention',
      why: 'The graph has 2 Softmax, but none between a product of two computed tensors and a product with values.',
    });
  });

  it('says that branches are not looked into, and finds attention once one is lifted', () => {
    const merged = load('test/golden/layouts/merged/onnx/decoder_model_merged.onnx');
    expect(findAnatomy(merged).notFound[0].why).toContain('branches of If');
    for (const branch of ['then_branch', 'else_branch'] as const) {
      const lifted = editModel(merged, [
        ...ifNodes(merged.graph).map((node) => liftBranch(node, branch)),
        dropUnused({ inputs: true }),
      ]);
      const names = findAnatomy(lifted).attentions.map((site) => site.name);
      expect(names).toEqual(['decoder.0.self', 'decoder.0.cross', 'decoder.1.self', 'decoder.1.cross']);
    }
  });

  it('names operators whose numbers stay inside', () => {
    const sketch = new Sketch();
    const x = sketch.states();
    const output = sketch.op('PackedAttention', [x], { num_heads: int(2) }, 'com.microsoft');
    const { notFound } = findAnatomy(sketch.build([output], { opsets: { 'com.microsoft': 1 } }));
    expect(notFound[0].what).toContain('com.microsoft PackedAttention');
  });
});

describe('embedding and output', () => {
  /** A model that ends in `project(hidden states, embedding)`. */
  const projecting = (
    project: (sketch: Sketch, x: string, table: string) => string,
    values = noise(VOCABULARY * WIDTH, 3),
  ) => {
    const sketch = new Sketch();
    const table = sketch.floats([VOCABULARY, WIDTH], values, 'embedding');
    const scaled = sketch.op('Mul', [sketch.embedded(sketch.ids(), table), sketch.number(Math.sqrt(WIDTH))]);
    return findAnatomy(sketch.build([project(sketch, sketch.attention(scaled), table)]));
  };
  const values = noise(VOCABULARY * WIDTH, 3);
  const swapped = Float32Array.from(
    { length: values.length },
    (_, i) => values[(i % VOCABULARY) * WIDTH + Math.floor(i / VOCABULARY)],
  );

  it('finds the embedding and its scale', () => {
    const { embedding, width } = projecting((_, x) => x);
    expect(embedding).toMatchObject({ tensor: 'embedding', vocabulary: VOCABULARY, width: WIDTH });
    expect(embedding?.scale).toBeCloseTo(Math.sqrt(WIDTH), 5);
    expect(width).toBe(WIDTH);
  });

  it.each([
    [
      'through Transpose',
      true,
      (sketch: Sketch, x: string, table: string) =>
        sketch.op('MatMul', [x, sketch.op('Transpose', [table], { perm: ints([1, 0]) })]),
    ],
    [
      'as a transposed copy',
      true,
      (sketch: Sketch, x: string) => sketch.op('MatMul', [x, sketch.floats([WIDTH, VOCABULARY], swapped)]),
    ],
    [
      'by Gemm',
      true,
      (sketch: Sketch, x: string, table: string) =>
        sketch.op('Gemm', [sketch.op('Reshape', [x, sketch.ints([-1, WIDTH])]), table], { transB: int(1) }),
    ],
    [
      'not at all: another weight',
      false,
      (sketch: Sketch, x: string) =>
        sketch.op('Add', [
          sketch.op('MatMul', [x, sketch.weight([WIDTH, VOCABULARY])]),
          sketch.weight([VOCABULARY]),
        ]),
    ],
  ] as const)('sees whether both are tied: %s', (_, tied, project) => {
    const { output, parameters } = projecting(project, values);
    expect(output).toMatchObject({ tied, vocabulary: VOCABULARY });
    // The matrix is counted once, however often it is stored.
    const rest = projecting((_, x) => x, values).parameters;
    expect(parameters - rest).toBe(tied ? 0 : (WIDTH + 1) * VOCABULARY);
  });

  it('says that the graph ends in hidden states', () => {
    const { output, notFound } = projecting((_, x) => x);
    expect(output).toBeUndefined();
    expect(notFound.find(({ what }) => what === 'output projection')?.why).toContain('hidden states');
  });
});

describe('the shipped model', () => {
  const encoder = findAnatomy(expandHalf(load('models/translate-en-de-fr-zh/onnx/encoder_model.onnx')));
  const decoder = findAnatomy(
    expandHalf(load('models/translate-en-de-fr-zh/onnx/decoder_model_merged.onnx')),
  );

  it('is summed up from both files, in any order', () => {
    const summary = summarise([decoder, encoder]);
    expect(summary).toMatchObject({
      family: 'encoder-decoder',
      layers: { encoder: 6, decoder: 6 },
      heads: 8,
      width: 256,
      vocabulary: 16001,
      tied: true,
      notFound: [],
    });
    expect(summary.attentions.map((site) => site.name)).toEqual(
      summarise([encoder, decoder]).attentions.map((site) => site.name),
    );
    expect(summary.parameters).toBe(encoder.parameters + decoder.parameters - 16001 * 256);
  });

  it('is reported as JSON that says the same', () => {
    const report = inspectReport([encoder, decoder]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report).toMatchObject({
      family: 'encoder-decoder',
      tied: true,
      positions: [
        { side: 'encoder', kind: 'sinusoidal', layout: 'halves', positions: 512 },
        { side: 'decoder', kind: 'sinusoidal' },
      ],
    });
    expect(report.attentions).toHaveLength(18);
    expect(report.attentions[6]).toMatchObject({
      name: 'decoder.0.self',
      mask: '/decoder/causal_mask',
      masks: [{ form: 'add', causal: true, inputs: [], parts: [{ kind: 'causal' }] }],
      scaleOn: 'scores',
    });
  });
});

it('reads twelve layers of BERT in a moment', () => {
  const sketch = new Sketch();
  const mask = sketch.padding(sketch.mask());
  let x = sketch.embedded(sketch.ids());
  for (let layer = 0; layer < 12; layer++) {
    const context = sketch.attention(x, x, (scaled) => sketch.op('Add', [scaled, mask]));
    const first = sketch.op(
      'LayerNormalization',
      [sketch.op('Add', [x, context]), sketch.weight([WIDTH]), sketch.weight([WIDTH])],
      { axis: int(-1) },
    );
    const inner = sketch.op('Erf', [sketch.linear(first, WIDTH, 4 * WIDTH)]);
    x = sketch.op(
      'LayerNormalization',
      [
        sketch.op('Add', [first, sketch.linear(inner, 4 * WIDTH, WIDTH)]),
        sketch.weight([WIDTH]),
        sketch.weight([WIDTH]),
      ],
      { axis: int(-1) },
    );
  }
  const model = sketch.build([x]);
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    expect(findAnatomy(model).attentions).toHaveLength(12);
    return performance.now() - start;
  });
  // Ten times what it takes: the limit is there to catch a search that explodes, not a busy machine.
  expect(Math.min(...times)).toBeLessThan(100);
});

it('survives graphs that contradict themselves', () => {
  const sketch = new Sketch();
  const x = sketch.states();
  const broken = sketch.op('Transpose', [sketch.op('Concat', [x, sketch.weight([2])], { axis: int(7) })], {
    perm: ints([5, 1]),
  });
  const sliced = sketch.op('Slice', [broken, sketch.ints([0]), sketch.ints([1]), sketch.ints([9])]);
  const model = sketch.build([sketch.attention(sketch.op('Add', [x, sliced]))]);
  expect(() => findAnatomy(model)).not.toThrow();
});
