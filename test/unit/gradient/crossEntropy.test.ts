// The appended loss equals PyTorch's CrossEntropyLoss, its gradient too, with and without the shortcut.
import { describe, expect, it } from 'vitest';
import { buildGradient } from '../../../src/gradient/buildGradient';
import { appendCrossEntropy, CROSS_ENTROPY } from '../../../src/gradient/crossEntropy';
import { editModel } from '../../../src/onnx/editModel';
import { buildModel, node, value } from '../../../src/onnx/graphBuilder';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import { readGolden, type Recorded } from './goldenCase';
import { distance, openRunner, runOnce, type Numbers } from './runner';

interface GoldenLoss {
  readonly logits: Recorded;
  readonly labels: Recorded;
  readonly weights: Recorded;
  readonly divisor: number;
  readonly runs: readonly {
    readonly smoothing: number;
    readonly loss: number;
    readonly positions: Recorded;
    readonly gradient: Recorded;
  }[];
}

const golden = readGolden<GoldenLoss>('crossEntropy.json');
const { labels, weights, smoothing, divisor, positionLoss } = CROSS_ENTROPY;

/** A graph whose logits are its input. */
function logitsModel(opset = 17): OnnxModel {
  return buildModel(
    {
      nodes: [node('Identity', ['x'], ['logits'])],
      inputs: [value('x', ElementType.float32, ['batch', 'length', 7])],
      outputs: [value('logits', ElementType.float32, ['batch', 'length', 7])],
    },
    { opset },
  );
}

function feedsOf(share: number): Record<string, Numbers> {
  return {
    x: golden.logits,
    [labels]: { ...golden.labels, type: 'int64' },
    [weights]: golden.weights,
    [smoothing]: { dims: [], values: [share] },
    [divisor]: { dims: [], values: [golden.divisor] },
  };
}

function gradientModel(withShortcut: boolean, opset?: number) {
  const { model, shortcut } = appendCrossEntropy(logitsModel(opset), 'logits');
  return buildGradient(model, {
    loss: CROSS_ENTROPY.loss,
    withRespectTo: ['x'],
    outputs: [positionLoss],
    shortcuts: withShortcut ? [shortcut] : [],
  });
}

describe('appendCrossEntropy', () => {
  for (const withShortcut of [true, false]) {
    for (const run of golden.runs) {
      it(`is PyTorch's with smoothing ${run.smoothing}, ${withShortcut ? 'with' : 'without'} the shortcut`, async () => {
        const { model, gradients } = gradientModel(withShortcut);
        const results = await runOnce(model.bytes, feedsOf(run.smoothing));
        expect(distance(results['loss'].values, [run.loss])).toBeLessThan(2e-6);
        expect(distance(results[positionLoss].values, run.positions.values)).toBeLessThan(2e-6);
        const dx = results[gradients.get('x') ?? ''];
        expect(dx.dims).toEqual(run.gradient.dims);
        expect(distance(dx.values, run.gradient.values)).toBeLessThan(2e-6);
      });
    }
  }

  it('needs fewer nodes with the shortcut, none of them a softmax or an exponential', () => {
    const made = (shortcut: boolean): readonly string[] =>
      gradientModel(shortcut)
        .model.graph.nodes.filter(({ name }) => name.startsWith('gradient/'))
        .map(({ opType }) => opType);
    expect(made(true).length).toBeLessThan(made(false).length);
    expect(made(true).filter((opType) => /Softmax|Exp$/.test(opType))).toEqual([]);
  });

  it('adds up over parts of a batch to the batch', async () => {
    const runner = await openRunner(gradientModel(true).model.bytes);
    try {
      const whole = await runner.run(feedsOf(0.1));
      const half = (item: number): Record<string, Numbers> => {
        const feeds = feedsOf(0.1);
        const cut = ({ dims, values, type }: Numbers): Numbers => {
          const size = values.length / 2;
          return {
            dims: [1, ...dims.slice(1)],
            values: Array.from(values).slice(item * size, (item + 1) * size),
            type,
          };
        };
        return { ...feeds, x: cut(feeds['x']), [labels]: cut(feeds[labels]), [weights]: cut(feeds[weights]) };
      };
      const [first, second] = [await runner.run(half(0)), await runner.run(half(1))];
      expect(
        distance([first['loss'].values[0] + second['loss'].values[0]], whole['loss'].values),
      ).toBeLessThan(1e-6);
      const joined = [...first['gradient/of/x'].values, ...second['gradient/of/x'].values];
      expect(distance(joined, whole['gradient/of/x'].values)).toBeLessThan(1e-6);
    } finally {
      await runner.release();
    }
  });

  it('does not care for labels and infinite losses of positions that are left out', async () => {
    const { model } = gradientModel(true);
    const feeds = feedsOf(0);
    const plain = await runOnce(model.bytes, feeds);
    const odd = Array.from(feeds['x'].values);
    // Position 2 has weight 0; a logit of −∞ elsewhere is a token that is never chosen.
    odd.splice(14, 7, -Infinity, ...new Array<number>(6).fill(0));
    const values = Array.from(golden.labels.values).with(2, -100);
    const strange = await runOnce(model.bytes, {
      ...feeds,
      x: { ...feeds['x'], values: odd },
      [labels]: { ...feeds[labels], values },
    });
    expect(strange['loss'].values).toEqual(plain['loss'].values);
    expect(strange['gradient/of/x'].values.every(Number.isFinite)).toBe(true);
    expect(strange['gradient/of/x'].values.slice(14, 21)).toEqual(new Array<number>(7).fill(0));
  });

  it('is finite for logits far apart', async () => {
    const { model } = gradientModel(true);
    const values = Array.from(golden.logits.values, (x) => 200 * x);
    const results = await runOnce(model.bytes, { ...feedsOf(0.1), x: { ...golden.logits, values } });
    expect(results['loss'].values[0]).toBeGreaterThan(100);
    expect(results['loss'].values[0]).toBeLessThan(1e4);
  });

  it('computes the same in a graph of an old operator set', async () => {
    const results = await runOnce(gradientModel(true, 11).model.bytes, feedsOf(0.1));
    expect(distance(results['loss'].values, [golden.runs[1].loss])).toBeLessThan(2e-6);
  });

  it('says which tensor is missing or which name is taken', () => {
    expect(() => appendCrossEntropy(logitsModel(), 'scores')).toThrow(/"scores"/);
    const twice = editModel(appendCrossEntropy(logitsModel(), 'logits').model, []);
    expect(() => appendCrossEntropy(twice, 'logits')).toThrow(/"labels"/);
  });
});
