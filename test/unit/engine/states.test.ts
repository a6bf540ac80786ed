// States of real runs of all three families fit together: residuals add up, norms normalise, cells multiply out, units are units.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerNorm } from '../../../src/explain/normalise';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import type { ModelStructure } from '../../../src/shared/modelStructure';
import type { Matrix } from '../../../src/shared/tensor';
import type { TraceSummary } from '../../../src/shared/trace';
import { engineWith, MODEL, shippedModel } from './testEngine';

const TEXTS = ["The animal didn't cross the street because it was too tired.", 'The house is very old.'];

describe.each([shippedModel, 'models/english-bert-mini', 'models/english-gpt-mini'])('%s', (folder) => {
  let engine: ExplorerEngine;
  let trace: TraceSummary;
  let structure: ModelStructure;
  beforeAll(async () => {
    engine = await engineWith(folder);
    trace = await engine.explore({ model: MODEL, texts: TEXTS });
    structure = await engine.structure({ model: MODEL });
  });
  afterAll(() => engine.dispose());

  const state = (name: string, batch = 1): Promise<Matrix> =>
    engine.states({ trace: trace.id, state: name, batch });
  const subLayers = () => structure.stacks.flatMap((stack) => stack.subLayers);

  it('residuals are input plus branch, and norms are what LayerNorm makes of their input', async () => {
    for (const { name, norm } of subLayers()) {
      const [input, branch, sum] = [
        await state(`${name}.input`),
        await state(`${name}.branch`),
        await state(`${name}.residual`),
      ];
      sum.data.forEach((x, i) => expect(Math.abs(x - input.data[i] - branch.data[i])).toBeLessThan(1e-4));
      const [before, after] = [await state(`${name}.normInput`), await state(`${name}.normOutput`)];
      const stack = engine
        .trace(trace.id)
        .runs.map((run) => run.stack)
        .find((item) => item.weights.has(norm?.gain ?? ''));
      const weight = (key: string | undefined) => stack?.weights.get(key ?? '')?.data;
      const own = layerNorm(before, {
        gain: weight(norm?.gain),
        bias: weight(norm?.bias),
        epsilon: norm?.epsilon ?? 0,
      });
      own.data.forEach((x, i) => expect(Math.abs(x - after.data[i])).toBeLessThan(1e-4));
    }
  });

  it('the terms of a cell add up to its score, and to no other one', async () => {
    const { attentions } = engine.model(MODEL).summary;
    for (const { name: attention } of attentions) {
      const place = { trace: trace.id, attention, head: 1, batch: 1 };
      const { terms, sum } = await engine.cellTerms({ ...place, query: 2, key: 1 });
      const scores = await engine.matrix({ ...place, stage: 'scores', unit: 'pieces' });
      expect(sum).toBeCloseTo(scores.data[2 * scores.columns + 1], 3);
      expect(Math.abs(sum - scores.data[scores.columns + 2])).toBeGreaterThan(1e-3);
      expect(terms.reduce((all, { product }) => all + product, 0)).toBeCloseTo(sum, 6);
    }
  });

  it('joined heads are the contexts side by side', async () => {
    const [{ name: attention }] = engine.model(MODEL).summary.attentions;
    const joined = await state(`${attention}.joined`);
    const context = await engine.vectors({ trace: trace.id, attention, head: 1, batch: 1, of: 'context' });
    for (let row = 0; row < context.rows; row++) {
      for (let i = 0; i < context.columns; i++) {
        expect(joined.data[row * joined.columns + context.columns + i]).toBeCloseTo(
          context.data[row * context.columns + i],
          5,
        );
      }
    }
  });

  it('answers about units, residual norms, neighbours, distributions and heads', async () => {
    const [stack] = structure.stacks;
    const { side, layers, width } = stack;
    expect(await state(`${side}.layer.${layers - 1}`)).toMatchObject({ columns: width });
    const norms = await engine.residualNorms({ trace: trace.id, side, batch: 0 });
    expect(norms.rows).toBe(layers + 1);
    const units = await engine.units({
      trace: trace.id,
      batch: 0,
      feedForward: `${side}.0.feedForward`,
      count: 3,
    });
    expect(units[1].zeros > 0).toBe(folder === shippedModel);
    const [first] = await engine.neighbours({ model: MODEL, id: 100, count: 3 });
    expect(first.cosine).toBeLessThan(1);
    const settings = { temperature: 1, topK: 0, topP: 1, count: 5 };
    const { candidates } = await engine.distribution({ trace: trace.id, batch: 0, position: 1, ...settings });
    expect(candidates).toHaveLength(5);
    const kind = side === 'encoder' ? 'encoderSelf' : 'decoderSelf';
    const heads = await engine.heads({ trace: trace.id, kind, batch: 0, question: 'previous' });
    expect(heads[0].score).toBeGreaterThanOrEqual(heads[heads.length - 1].score);
    await expect(state('encoder.9.nothing')).rejects.toThrow('no state');
  });
});
