// States of real runs of all three families fit together: residuals add up, norms normalise, cells multiply out, units are units.
import { beforeAll, describe, expect, it } from 'vitest';
import { layerNorm } from '../../../src/explain/normalise';
import { pca } from '../../../src/explain/pca';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import type { ModelStructure } from '../../../src/shared/modelStructure';
import type { Matrix } from '../../../src/shared/tensor';
import type { TraceSummary } from '../../../src/shared/trace';
import { MODEL, sharedEngine, shippedModel } from './testEngine';

const TEXTS = ["The animal didn't cross the street because it was too tired.", 'The house is very old.'];

/** Infinite where a number is missing. */
function largestGap({ data }: Matrix, expected: (i: number) => number): number {
  return data.reduce((most, x, i) => {
    const gap = Math.abs(x - expected(i));
    return Number.isNaN(gap) ? Infinity : Math.max(most, gap);
  }, 0);
}

describe.each([shippedModel, 'models/english-bert-mini', 'models/english-gpt-mini'])('%s', (folder) => {
  let engine: ExplorerEngine;
  let trace: TraceSummary;
  let structure: ModelStructure;
  beforeAll(async () => {
    engine = await sharedEngine(folder);
    trace = await engine.explore({ model: MODEL, texts: TEXTS });
    structure = await engine.structure({ model: MODEL });
    for (const run of engine.trace(trace.id).runs) {
      // in one run of the model, not in one for each state
      await run.fetch([...run.stack.stateOutputs.values(), ...run.stack.taps.map(({ output }) => output)]);
    }
  });

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
      expect(largestGap(sum, (i) => input.data[i] + branch.data[i])).toBeLessThan(1e-4);
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
      expect(largestGap(own, (i) => after.data[i])).toBeLessThan(1e-4);
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

  it('says what a sub-layer adds, and what BatchNorm over all tokens would have made of it', async () => {
    const [{ side, normPlacement }] = structure.stacks;
    const flows = await engine.subLayers({ trace: trace.id, side, layer: 1, batch: 1 });
    expect(flows.map(({ name }) => name)).toEqual(
      structure.stacks[0].subLayers.filter(({ layer }) => layer === 1).map(({ name }) => name),
    );
    const length = ({ data, columns }: Matrix, row: number) =>
      Math.hypot(...data.subarray(row * columns, (row + 1) * columns));
    for (const { name, tokens } of flows) {
      const parts = { input: 'input', branch: 'branch', sum: 'residual', after: 'normOutput' } as const;
      for (const [key, part] of Object.entries(parts)) {
        const matrix = await state(`${name}.${part}`);
        const numbers = tokens[2][key as keyof typeof parts];
        expect(numbers?.length).toBeCloseTo(length(matrix, 2), 3);
        expect(Math.abs((numbers?.length ?? 0) - length(matrix, 1))).toBeGreaterThan(1e-5);
      }
      if (normPlacement === 'post') {
        expect(tokens[2].before).toEqual(tokens[2].sum);
      }
      expect(tokens[2].batchNorm?.distance).toBeGreaterThan(0.05);
    }
    // BatchNorm makes a token depend on the other texts of its batch, which the model's own norm does not.
    const alone = await engine.explore({ model: MODEL, texts: [TEXTS[1]] });
    const [flow] = await engine.subLayers({ trace: alone.id, side, layer: 1, batch: 0 });
    expect(flow.tokens[2].after?.length).toBeCloseTo(flows[0].tokens[2].after?.length ?? 0, 3);
    const [apart, together] = [flow.tokens[2].batchNorm, flows[0].tokens[2].batchNorm];
    expect(Math.abs((apart?.distance ?? 0) - (together?.distance ?? 0))).toBeGreaterThan(1e-3);
    await expect(engine.subLayers({ trace: trace.id, side, layer: 99, batch: 0 })).rejects.toThrow('100');
  });

  it('projects the states of chosen tokens onto common axes', async () => {
    const [{ side, layers }] = structure.stacks;
    const tokens = [
      { batch: 0, position: 1 },
      { batch: 1, position: 1 },
      { batch: 0, position: 3 },
    ];
    const request = { trace: trace.id, side, tokens, centred: false };
    const { states, points, explained } = await engine.projection(request);
    expect(states).toHaveLength(layers + 1);
    const rows = [];
    for (const name of states) {
      for (const { batch, position } of tokens) {
        const { data, columns } = await state(name, batch);
        rows.push(data.slice(position * columns, (position + 1) * columns));
      }
    }
    const columns = rows[0].length;
    const data = Float32Array.from(rows.flatMap((row) => Array.from(row)));
    const expected = pca({ rows: rows.length, columns, data });
    expect(explained[0]).toBeCloseTo(expected.explained[0], 6);
    expect(points.flat().flatMap(({ x, y }) => [x, y])).toEqual(Array.from(expected.points.data));
    const centred = await engine.projection({ ...request, centred: true });
    for (const layer of centred.points) {
      expect(layer.reduce((sum, { x }) => sum + x, 0)).toBeCloseTo(0, 3);
    }
    const beyond = { ...request, tokens: [{ batch: 1, position: 999 }] };
    await expect(engine.projection(beyond)).rejects.toThrow('999');
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
