// The walk itself: sums where paths meet, many sizes with one session, empty caches, several threads, and the errors.
import { describe, expect, it } from 'vitest';
import { buildGradient, differentiable } from '../../../src/gradient/buildGradient';
import {
  buildModel,
  floatTensor,
  int,
  intTensor,
  node,
  untyped,
  value,
} from '../../../src/onnx/graphBuilder';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import { UserError } from '../../../src/shared/errors';
import { Sketch, VOCABULARY, WIDTH } from '../anatomy/sketch';
import { noise } from '../probe/runModel';
import { distance, openRunner, runOnce, type Numbers } from './runner';

const summed = (tensor: string) => node('ReduceSum', [tensor], ['loss'], { keepdims: int(0) });

/** A small causal Transformer with embedding, cache, attention and a loss that is the sum of squares of its states. */
function transformer(): OnnxModel {
  const sketch = new Sketch();
  const ids = sketch.ids();
  const past = sketch.input('past', ElementType.float32, ['batch', 'earlier', WIDTH]);
  const embedded = sketch.embedded(ids);
  const all = sketch.op('Concat', [past, embedded], { axis: int(1) });
  const attended = sketch.attention(embedded, all, (scaled) => {
    const sees = sketch.seesBack(sketch.size(embedded, 1), sketch.size(all, 1));
    return sketch.op('Where', [sees, scaled, sketch.number(-1e9)]);
  });
  const states = sketch.op('Add', [embedded, attended]);
  const square = sketch.op('Mul', [states, states]);
  sketch.op('ReduceMean', [square], { keepdims: int(0) });
  const [loss] = sketch.nodes[sketch.nodes.length - 1].outputs;
  return sketch.build([loss]);
}

const lossOf = (model: OnnxModel): string => model.graph.outputs[0].name;

function feeds(batch: number, length: number, earlier: number): Record<string, Numbers> {
  const ids = Array.from({ length: batch * length }, (_, i) => (i * 5) % VOCABULARY);
  return {
    input_ids: { dims: [batch, length], values: ids, type: 'int64' },
    past: { dims: [batch, earlier, WIDTH], values: noise(batch * earlier * WIDTH, 3) },
  };
}

describe('buildGradient', () => {
  it('adds up what flows along several ways, each once', async () => {
    // L = Σ (x·x + x + exp x): dL/dx = 2x + 1 + exp x
    const model = buildModel({
      nodes: [
        node('Mul', ['x', 'x'], ['a']),
        node('Exp', ['x'], ['b']),
        node('Sum', ['a', 'x', 'b'], ['c']),
        summed('c'),
      ],
      inputs: [value('x', ElementType.float32, ['n'])],
      outputs: [untyped('loss')],
    });
    const { model: both, gradients } = buildGradient(model, { loss: 'loss', withRespectTo: ['x', 'c'] });
    const x = [-1, 0, 0.5];
    const results = await runOnce(both.bytes, { x: { dims: [3], values: x } });
    expect(
      distance(
        results[gradients.get('x') ?? ''].values,
        x.map((v) => 2 * v + 1 + Math.exp(v)),
      ),
    ).toBeLessThan(1e-6);
    expect(results[gradients.get('c') ?? ''].values).toEqual([1, 1, 1]);
  });

  it('gives every tensor an output of its own, the loss itself among them', async () => {
    const model = buildModel({
      nodes: [node('Add', ['a', 'b'], ['c']), summed('c')],
      inputs: ['a', 'b'].map((name) => value(name, ElementType.float32, ['n'])),
      outputs: [untyped('loss')],
    });
    const { model: both, gradients } = buildGradient(model, {
      loss: 'loss',
      withRespectTo: ['a', 'b', 'loss'],
    });
    expect(new Set(gradients.values()).size).toBe(3);
    const results = await runOnce(both.bytes, {
      a: { dims: [2], values: [1, 2] },
      b: { dims: [2], values: [3, 4] },
    });
    expect([...gradients.values()].map((name) => results[name].values)).toEqual([[1, 1], [1, 1], [1]]);
    expect(both.graph.outputs.map(({ name }) => name)).toEqual(['loss', ...gradients.values()]);
  });

  it('serves all sizes with one session, an empty cache among them', async () => {
    const model = transformer();
    const loss = lossOf(model);
    const weights = model.graph.initializers.filter(({ name }) => /weight|embedding/.test(name));
    const withRespectTo = [...weights.map(({ name }) => name), 'past'];
    const { model: both, gradients } = buildGradient(model, { loss, withRespectTo });
    const forward = await openRunner(model.bytes);
    const runner = await openRunner(both.bytes);
    try {
      for (const [batch, length, earlier] of [
        [1, 1, 0],
        [2, 3, 0],
        [3, 5, 4],
        [1, 2, 7],
      ]) {
        const given = feeds(batch, length, earlier);
        const results = await runner.run(given);
        for (const name of withRespectTo) {
          const dims =
            name === 'past' ? [batch, earlier, WIDTH] : weights.find((each) => each.name === name)?.dims;
          expect(results[gradients.get(name) ?? ''].dims).toEqual(dims);
        }
        expect(results[loss].values).toEqual((await forward.run(given))[loss].values);
        if (earlier === 0) {
          continue;
        }
        // A step along a direction changes the loss by the product with the gradient.
        const gradient = results[gradients.get('past') ?? ''].values;
        const direction = noise(gradient.length, 9);
        const at = async (step: number): Promise<number> => {
          const values = Array.from(given['past'].values, (x, i) => x + step * direction[i]);
          return (await forward.run({ ...given, past: { ...given['past'], values } }))[loss].values[0];
        };
        const slope = ((await at(1e-2)) - (await at(-1e-2))) / 2e-2;
        const product = gradient.reduce((total, g, i) => total + g * direction[i], 0);
        expect(Math.abs(slope - product)).toBeLessThan(1e-3 * Math.max(0.1, Math.abs(product)));
      }
    } finally {
      await forward.release();
      await runner.release();
    }
  });

  it('decides at run time along which axes operands of unknown sizes were repeated', async () => {
    const model = buildModel({
      nodes: [node('Mul', ['a', 'b'], ['c']), summed('c')],
      inputs: [value('a', ElementType.float32, ['p', 'q']), value('b', ElementType.float32, ['r', 's'])],
      outputs: [untyped('loss')],
    });
    const { model: both } = buildGradient(model, { loss: 'loss', withRespectTo: ['a', 'b'] });
    const runner = await openRunner(both.bytes);
    try {
      for (const [left, right] of [
        [
          [2, 3],
          [2, 3],
        ],
        [
          [1, 3],
          [2, 1],
        ],
        [
          [2, 1],
          [1, 3],
        ],
        [
          [1, 1],
          [2, 3],
        ],
        [
          [0, 3],
          [1, 3],
        ],
      ]) {
        const filled = (dims: readonly number[], seed: number): Numbers => ({
          dims,
          values: noise(dims[0] * dims[1], seed),
        });
        const results = await runner.run({ a: filled(left, 1), b: filled(right, 2) });
        expect(results['gradient/of/a'].dims).toEqual(left);
        expect(results['gradient/of/b'].dims).toEqual(right);
      }
    } finally {
      await runner.release();
    }
  });

  it('loses nothing to threads where many rows of a table are the same', async () => {
    const [count, width] = [2048, 64];
    const model = buildModel({
      nodes: [node('Gather', ['table', 'ids'], ['rows']), summed('rows')],
      inputs: [value('ids', ElementType.int64, ['n'])],
      initializers: [floatTensor('table', [8, width], new Float32Array(8 * width))],
      outputs: [untyped('loss')],
    });
    const { model: both } = buildGradient(model, { loss: 'loss', withRespectTo: ['table'] });
    expect(both.graph.nodes.map(({ opType }) => opType)).not.toContain('ScatterND');
    const runner = await openRunner(both.bytes);
    try {
      const ids: Numbers = {
        dims: [count],
        values: Array.from({ length: count }, (_, i) => i % 2),
        type: 'int64',
      };
      const expected = Array.from({ length: 8 * width }, (_, i) => (i < 2 * width ? count / 2 : 0));
      for (let i = 0; i < 20; i++) {
        expect((await runner.run({ ids }))['gradient/of/table'].values).toEqual(expected);
      }
    } finally {
      await runner.release();
    }
  });

  it('scatters the rows of a tied table into the gradient of the output matrix, without a tensor of zeros', () => {
    const model = buildModel({
      nodes: [
        node('Gather', ['table', 'ids'], ['rows']),
        node('Gemm', ['rows', 'table'], ['logits'], { transB: int(1) }),
        summed('logits'),
      ],
      inputs: [value('ids', ElementType.int64, ['n'])],
      initializers: [floatTensor('table', [4, 3], noise(12, 1))],
      outputs: [untyped('loss')],
    });
    const { model: both } = buildGradient(model, { loss: 'loss', withRespectTo: ['table'] });
    const made = both.graph.nodes.map(({ opType }) => opType);
    expect(made).toContain('ScatterElements');
    expect(made).not.toContain('ConstantOfShape');
    expect(made).not.toContain('Sum');
  });

  it('differentiates a graph that was differentiated before', async () => {
    // L = Σ x³: d/dx Σ (dL/dx) = 6x
    const cube = buildModel({
      nodes: [node('Mul', ['x', 'x'], ['y']), node('Mul', ['y', 'x'], ['z']), summed('z')],
      inputs: [value('x', ElementType.float32, [2])],
      outputs: [untyped('loss')],
    });
    const once = buildGradient(cube, { loss: 'loss', withRespectTo: ['x'] });
    const sum = node('ReduceSum', ['gradient/of/x'], ['slope'], { keepdims: int(0) });
    const { graph } = once.model;
    const again = buildGradient(
      { ...once.model, graph: { ...graph, nodes: [...graph.nodes, sum] } },
      { loss: 'slope', withRespectTo: ['x'] },
    );
    const results = await runOnce(again.model.bytes, { x: { dims: [2], values: [1, -2] } });
    expect(results[again.gradients.get('x') ?? ''].values).toEqual([6, -12]);
  });

  const branching = buildModel({
    nodes: [
      node('Mul', ['x', 'w'], ['y'], {}, { name: 'product' }),
      node('HardSwish', ['y'], ['z'], {}, { name: 'bend' }),
      summed('z'),
      node('Mul', ['unused', 'w'], ['aside']),
    ],
    inputs: [value('x', ElementType.float32, ['n']), value('unused', ElementType.float32, ['n'])],
    initializers: [floatTensor('w', [1], [2]), intTensor('whole', [1], [1])],
    outputs: [untyped('loss'), untyped('aside')],
  });

  it('names the operator without a rule, its node and what to do', () => {
    const build = (): unknown => buildGradient(branching, { loss: 'loss', withRespectTo: ['x'] });
    expect(build).toThrow(UserError);
    expect(build).toThrow(/HardSwish.*"bend".*float32 export/);
  });

  it('does not meet what is off the way', async () => {
    expect(differentiable(branching, 'loss', ['x', 'w', 'unused', 'whole'])).toEqual(['x', 'w']);
    const summedAside = buildModel({
      ...branching.graph,
      nodes: [...branching.graph.nodes.filter(({ opType }) => opType !== 'ReduceSum'), summed('aside')],
      outputs: [untyped('loss')],
    });
    const { model } = buildGradient(summedAside, { loss: 'loss', withRespectTo: ['w'] });
    expect(model.graph.nodes.map(({ opType }) => opType)).not.toContain('HardSwish');
    const unused: Numbers = { dims: [2], values: [3, 4] };
    expect((await runOnce(model.bytes, { unused, x: unused }))['gradient/of/w'].values).toEqual([7]);
  });

  it('takes the tables of a rotation for constants', () => {
    const model = buildModel({
      nodes: [node('RotaryEmbedding', ['x', 'cosines', 'sines'], ['y']), summed('y')],
      inputs: ['x', 'cosines', 'sines'].map((name) => value(name, ElementType.float32, undefined)),
      outputs: [untyped('loss')],
    });
    expect(differentiable(model, 'loss', ['x', 'cosines', 'sines'])).toEqual(['x']);
  });

  it('refuses to differentiate by an input of an operator that has no rule for it', () => {
    const model = buildModel({
      nodes: [node('Clip', ['x', 'low'], ['y'], {}, { name: 'cut' }), summed('y')],
      inputs: [value('x', ElementType.float32, ['n'])],
      initializers: [floatTensor('low', [], [0])],
      outputs: [untyped('loss')],
    });
    expect(() => buildGradient(model, { loss: 'loss', withRespectTo: ['low'] })).toThrow(
      /Clip.*"cut".*"low"/,
    );
  });

  it('says what the loss does not depend on, what is missing and what is no loss', () => {
    const build = (loss: string, withRespectTo: string[]) => () =>
      buildGradient(branching, { loss, withRespectTo });
    expect(build('loss', ['unused'])).toThrow(/"loss" does not depend on "unused"/);
    expect(build('los', ['x'])).toThrow(/no tensor named "los"/);
    const wide = buildModel({
      nodes: [node('Exp', ['x'], ['y'])],
      inputs: [value('x', ElementType.float32, [2])],
      outputs: [untyped('y')],
    });
    expect(() => buildGradient(wide, { loss: 'y', withRespectTo: ['x'] })).toThrow(/A loss is one number/);
  });
});
