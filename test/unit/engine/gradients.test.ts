// Gradients with respect to embeddings are those of PyTorch, in every family, on the path and under an intervention; and what they are asked for adds up.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { attributionGraph } from '../../../src/engine/gradients/attributionGraph';
import type { PathPoint, PathRow, PathSession, PathText } from '../../../src/engine/gradients/pathSession';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { COMPLETE } from '../../../src/explain/integratedGradients';
import { buildModel, floatTensor, node, value } from '../../../src/onnx/graphBuilder';
import { ElementType } from '../../../src/onnx/model';
import type { Anatomy } from '../../../src/anatomy/anatomy';
import type { Intervention } from '../../../src/shared/intervention';
import type { Matrix } from '../../../src/shared/tensor';
import type { TraceSummary } from '../../../src/shared/trace';
import { loadLayout } from './layoutEngine';
import { MODEL, root, sharedEngine, shippedModel, startEngine } from './testEngine';

interface Points {
  readonly value: readonly number[];
  readonly norm: readonly (readonly number[])[];
  readonly product: readonly (readonly number[])[];
}
interface Golden {
  readonly source: readonly number[];
  readonly targetIds?: readonly number[];
  readonly whole: Points;
  readonly share: number;
  readonly fromPadding: Points;
  readonly interventions: readonly Intervention[];
  readonly withoutHead: Points;
  readonly target: number;
  readonly path: Points;
}

const recorded = JSON.parse(
  readFileSync(path.join(root, 'test/golden/gradient/attribution.json'), 'utf8'),
) as Readonly<Record<string, Golden>>;

const families = [
  { folder: shippedModel, family: 'translation' },
  { folder: 'models/english-bert-mini', family: 'encoder-only' },
  { folder: 'models/english-gpt-mini', family: 'decoder-only' },
];

/** Compiling the translator three times takes longer than everything else here; small layouts stand for it below. */
const isLarge = (folder: string): boolean => folder === shippedModel;

/** The largest difference of all numbers of one kind, as a share of the largest number. */
function furthest(points: readonly PathPoint[], { value, norm, product }: Points): number {
  const pairs: (readonly [got: readonly number[], wanted: readonly number[]])[] = [
    [points.map((point) => point.value), value],
    [points.flatMap((point) => [...point.norm]), norm.flat()],
    [points.flatMap((point) => [...point.product]), product.flat()],
  ];
  return Math.max(
    ...pairs.map(([got, wanted]) => {
      expect(got).toHaveLength(wanted.length);
      const size = Math.max(...wanted.map(Math.abs));
      return Math.max(...wanted.map((number, i) => Math.abs(number - got[i]))) / size;
    }),
  );
}

describe.each(families)('$family', ({ folder, family }) => {
  const golden = recorded[family];
  const textRow = (ids: readonly number[]) => ({ ids, real: ids.map(() => true) });
  const text: PathText = {
    source: textRow(golden.source),
    target: golden.targetIds && textRow(golden.targetIds),
    controls: () => ({}),
  };
  const shift = family === 'encoder-only' ? 0 : 1;
  const rowAt = (position: number, share: number): PathRow => ({
    position,
    token: (golden.targetIds ?? golden.source)[position + shift],
    share,
  });
  const everywhere = (share: number) => golden.whole.value.map((_, position) => rowAt(position, share));
  let engine: ExplorerEngine;
  let session: PathSession;
  beforeAll(async () => {
    engine = await sharedEngine(folder);
    const model = engine.model(MODEL);
    session = await model.gradients.of(model, {});
  });

  it('differentiates as PyTorch does, at the text and on the path', async () => {
    expect(furthest(await session.points(text, everywhere(1)), golden.whole)).toBeLessThan(2e-3);
    const places = golden.path.value.map((_, i, { length }) => i / (length - 1));
    const line = places.map((share) => rowAt(golden.target, share));
    expect(furthest(await session.points(text, line), golden.path)).toBeLessThan(2e-3);
  });

  it('starts from the padding token where it is asked to', async () => {
    const { encoder, decoder, config, tokenizer } = engine.model(MODEL);
    const pad = config.pad ?? tokenizer?.special.pad ?? -1;
    const stacks = [
      [encoder && decoder ? 'encoder' : 'model', encoder ?? decoder],
      ['decoder', encoder && decoder],
    ] as const;
    const baselines = new Map(
      stacks.flatMap(([name, stack]) => {
        const { weight = '', width = 0 } = stack?.anatomy.structure.embedding ?? {};
        const data = stack?.weights.get(weight)?.data;
        return data ? [[name, data.slice(pad * width, (pad + 1) * width)] as const] : [];
      }),
    );
    const points = await session.points({ ...text, baselines }, everywhere(golden.share));
    expect(furthest(points, golden.fromPadding)).toBeLessThan(2e-3);
  });

  it('adds up to what the output gains, and says so of every position that predicts', async () => {
    const sentence = 'The house is very old.';
    const trace = await engine.explore({ model: MODEL, texts: [sentence, 'A cat.'] });
    const place = { trace: trace.id, batch: 0 };
    const { total, product, saliency } = await engine.gradients({ ...place, first: 1, count: 3 });
    const targets = trace[family === 'encoder-only' ? 'encoder' : 'decoder'][0].tokens;
    const sources = trace[family === 'decoder-only' ? 'decoder' : 'encoder'][0].tokens;
    expect(total).toBe(targets.length);
    const columns = sources.length + (family === 'translation' ? targets.length : 0);
    expect([product.rows, product.columns, saliency.rows]).toEqual([3, columns, 3]);
    expect(saliency.data.every((size) => size >= 0)).toBe(true);
    const found = await engine.integratedGradients({ ...place, target: 2, baseline: 'zero' });
    const { scores = new Float32Array(0), value = 0, baselineValue = 0, error = 1 } = found ?? {};
    const change = value - baselineValue;
    const sum = scores.reduce((all, score) => all + score, 0);
    expect(Math.abs(sum - change)).toBeCloseTo(error, 4);
    expect(error).toBeLessThan(COMPLETE * Math.abs(change));
    // f is what leave-one-out starts from: the log-probability that the explorer shows.
    const [, , step] = await engine.steps(place);
    expect(value).toBeCloseTo(Math.log(step.actual?.probability ?? 0), 3);
    if (family !== 'encoder-only') {
      const last = { ...place, first: targets.length - 1, count: 1 };
      expect((await engine.gradients(last)).product.data.every(Number.isNaN)).toBe(true);
      const none = { ...place, target: targets.length - 1, baseline: 'zero' } as const;
      expect(await engine.integratedGradients(none)).toBeUndefined();
    }
  });

  it.skipIf(isLarge(folder))('differentiates the changed model under an intervention', async () => {
    const trace = await engine.explore({ model: MODEL, texts: ['A cat.', 'The house is very old.'] });
    const tokens = trace[family === 'encoder-only' ? 'encoder' : 'decoder'][1].tokens;
    expect(tokens.map(({ id }) => id)).toEqual(golden.source);
    const gradients = async ({ id }: TraceSummary) => {
      const request = { trace: id, batch: 1, first: 0, count: golden.whole.value.length };
      return (await engine.gradients(request)).product;
    };
    const apart = (found: Matrix, wanted: readonly (readonly number[])[]) =>
      Math.max(...wanted.flat().map((number, i) => Math.abs(number - found.data[i])));
    const size = Math.max(...golden.whole.product.flat().map(Math.abs));
    expect(apart(await gradients(trace), golden.whole.product)).toBeLessThan(2e-3 * size);
    const under = async (texts: readonly number[]) => {
      const mask = { preset: 'cells', cells: [{ query: 1, key: 1, keep: false }] } as const;
      const cut = { kind: 'mask', enabled: true, attentions: 'all', heads: 'all', texts, mask } as const;
      const interventions = [...golden.interventions, cut];
      return gradients(await engine.intervene({ trace: trace.id, interventions }));
    };
    // A mask on the other text leaves what removing the head does; one on this text does not.
    expect(apart(await under([0]), golden.withoutHead.product)).toBeLessThan(2e-3 * size);
    expect(apart(await under([1]), golden.withoutHead.product)).toBeGreaterThan(0.02 * size);
  });

  it('stops between runs', async () => {
    const stopped = new AbortController();
    const rows = Array.from({ length: 400 }, () => rowAt(1, 1));
    const work = session.points(text, rows, stopped.signal);
    stopped.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('other layouts', () => {
  const layouts = ['bart', 'bert', 'bloom', 'gpt2', 'llama', 'marian', 't5'];
  it.each(layouts)(
    '%s: adds up, and a head that is removed is removed in the gradient, too',
    async (layout) => {
      const engine = await startEngine();
      await loadLayout(engine, layout);
      const texts = ['w5 w9 w23 w40 w11', 'w7 w8'];
      const family = engine.model(MODEL).summary.family;
      const isBoth = family === 'encoder-decoder';
      const decoder = { from: 'text', texts: ['w3 w17 w4', 'w6 w2'] } as const;
      const trace = await engine.explore({ model: MODEL, texts, ...(isBoth && { decoder }) });
      const place = { trace: trace.id, batch: 0 };
      const plain = await engine.gradients({ ...place, first: 0, count: 2 });
      expect(plain.product.data.some((number) => number !== 0)).toBe(true);
      expect(plain.product.data.every(Number.isFinite)).toBe(true);
      // Without added positions a state of zeros has no direction, and a norm makes a jump of it.
      const baseline = layout === 't5' ? 'pad' : 'zero';
      const found = await engine.integratedGradients({ ...place, target: 1, baseline });
      const change = (found?.value ?? 0) - (found?.baselineValue ?? 0);
      expect(found?.error).toBeLessThanOrEqual(Math.max(1e-3, COMPLETE * Math.abs(change)));
      const [{ name }] = engine.model(MODEL).summary.attentions;
      const gate = async (factor: number) => {
        const interventions: readonly Intervention[] = [
          { kind: 'headGate', enabled: true, attentions: [name], heads: [0], factor },
        ];
        const run = await engine.intervene({ trace: trace.id, interventions });
        const { product } = await engine.gradients({ trace: run.id, batch: 0, first: 0, count: 2 });
        return Math.max(...product.data.map((number, i) => Math.abs(number - plain.product.data[i])));
      };
      expect(await gate(1)).toBeLessThan(1e-4);
      expect(await gate(0)).toBeGreaterThan(1e-4);
      engine.dispose();
    },
  );
});

describe('a model without logits', () => {
  it('says so', async () => {
    const engine = await startEngine();
    await loadLayout(engine, 'sdpa');
    const { id } = await engine.explore({ model: MODEL, texts: ['w5 w9'] });
    const asked = engine.gradients({ trace: id, batch: 0, first: 0, count: 1 });
    await expect(asked).rejects.toThrow('no projection onto its vocabulary');
    engine.dispose();
  });
});

describe('a graph that cannot be differentiated', () => {
  const anatomyOf = (tokens: string) =>
    ({
      side: 'encoder',
      width: 2,
      attentions: [],
      inputs: { input_ids: { role: 'tokens' } },
      embedding: { tensor: 'table', vocabulary: 3, width: 2, scale: 1, node: 'look', fingerprint: 0 },
      output: { tensor: 'out', logits: 'logits', vocabulary: 3, tied: false },
      structure: { embedding: { tokens }, subLayers: [], finalNorm: undefined, head: undefined },
    }) as unknown as Anatomy;
  const graph = (operator: string) =>
    buildModel({
      inputs: [value('input_ids', ElementType.int64, ['batch', 'length'])],
      outputs: [value('logits', ElementType.float32, ['batch', 'length', 3])],
      initializers: [
        floatTensor('table', [3, 2], [1, 2, 3, 4, 5, 6]),
        floatTensor('out', [2, 3], [1, 2, 3, 4, 5, 6]),
      ],
      nodes: [
        node('Gather', ['table', 'input_ids'], ['states'], {}, { name: 'look' }),
        node(operator, ['states'], ['changed'], {}, { name: 'odd' }),
        node('MatMul', ['changed', 'out'], ['logits']),
      ],
    });

  it('says which operator has no gradient, and where the embedding should have been', () => {
    const model = graph('Det');
    expect(() => attributionGraph({ model: { model, anatomy: anatomyOf('states') } })).toThrow(/Det.*odd/u);
    const other = { model: { model: graph('Relu'), anatomy: anatomyOf('changed') } };
    expect(() => attributionGraph(other)).toThrow(/Relu.*odd.*not optimised/u);
  });
});
