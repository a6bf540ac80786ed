// All stages of a head in one answer belong together: products, softmax, heads side by side, and what is added to the residual stream.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { headOutput } from '../../../src/engine/slices/headOutput';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import type { HeadStages } from '../../../src/shared/headStages';
import type { LinearBlock } from '../../../src/shared/modelStructure';
import type { Matrix } from '../../../src/shared/tensor';
import type { TraceSummary } from '../../../src/shared/trace';
import { filesOf, MODEL, sharedEngine, shippedModel, startEngine } from './testEngine';
import { wordsOf, wordTokenizer } from './wordTokenizer';

const TEXTS = ["The animal didn't cross the street because it was too tired.", 'The house is very old.'];

/** Largest difference of two matrices of the same size. */
function difference(a: Matrix | undefined, b: Matrix | undefined): number {
  if (!a || !b || a.rows !== b.rows || a.columns !== b.columns) {
    throw new Error(`${a?.rows} × ${a?.columns} was compared with ${b?.rows} × ${b?.columns}.`);
  }
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0);
}

function product(a: Matrix | undefined, b: Matrix | undefined, turned = false): Matrix {
  if (!a || !b) {
    throw new Error('There is nothing to multiply.');
  }
  const [columns, at] = turned
    ? [b.rows, (k: number, j: number) => b.data[j * b.columns + k]]
    : [b.columns, (k: number, j: number) => b.data[k * b.columns + j]];
  const data = new Float32Array(a.rows * columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < a.columns; k++) {
        sum += a.data[i * a.columns + k] * at(k, j);
      }
      data[i * columns + j] = sum;
    }
  }
  return { rows: a.rows, columns, data };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error('A stage is missing.');
  }
  return value;
}

/** What `projected` has beyond the shares of its heads, row by row: the bias, the same in every row. */
function rest(all: readonly HeadStages[]): number {
  const [{ projected }] = all;
  if (!projected) {
    throw new Error('There is no projection.');
  }
  const { rows, columns } = projected;
  const left = projected.data.map((value, i) =>
    all.reduce((sum, { output }) => sum - (output?.data[i] ?? NaN), value),
  );
  let worst = 0;
  for (let i = columns; i < rows * columns; i++) {
    const off = Math.abs(left[i] - left[i % columns]);
    worst = off > worst || Number.isNaN(off) ? off : worst;
  }
  return worst;
}

describe.each([shippedModel, 'models/english-bert-mini', 'models/english-gpt-mini'])('%s', (folder) => {
  let engine: ExplorerEngine;
  let trace: TraceSummary;
  beforeAll(async () => {
    engine = await sharedEngine(folder);
    trace = await engine.explore({ model: MODEL, texts: TEXTS });
  });

  const attentions = () => engine.model(MODEL).summary.attentions;
  const stagesOf = (attention: string, head: number, batch = 1) =>
    engine.headStages({ trace: trace.id, attention, head, batch });

  it('each stage follows from the one before, and from no other head', async () => {
    for (const { name, scale, maskForm } of attentions()) {
      const stages = await stagesOf(name, 1);
      const other = await stagesOf(name, 0);
      expect(difference(product(stages.query, stages.key, true), stages.scores)).toBeLessThan(1e-3);
      expect(difference(product(other.query, stages.key, true), stages.scores)).toBeGreaterThan(0.1);
      const scaled = stages.scores?.data.map((score) => score * (scale ?? NaN));
      expect(difference({ ...present(stages.weights), data: present(scaled) }, stages.scaled)).toBeLessThan(
        1e-3,
      );
      if (maskForm !== 'none') {
        const masked = present(stages.scaled).data.map((score, i) => score + present(stages.mask).data[i]);
        const kept = present(stages.masked).data.map((score, i) => (stages.removed[i] ? masked[i] : score));
        expect(
          difference(
            { ...present(stages.weights), data: masked },
            { ...present(stages.weights), data: kept },
          ),
        ).toBeLessThan(1e-3);
      }
      expect(difference(product(stages.weights, stages.value), stages.context)).toBeLessThan(1e-4);
      expect(difference(product(other.weights, stages.value), stages.context)).toBeGreaterThan(1e-3);
    }
  });

  it('the shares of all heads and the bias are what is added to the residual stream', async () => {
    for (const { name, heads } of attentions()) {
      const all = await Promise.all(Array.from({ length: heads }, (_, head) => stagesOf(name, head)));
      expect(all.map(({ noOutput }) => noOutput)).toEqual(all.map(() => undefined));
      expect(rest(all)).toBeLessThan(1e-4);
      expect(rest([all[0], ...all.slice(0, -1)])).toBeGreaterThan(1e-2);
      const [{ before, projected, after }] = all;
      const sum = present(before).data.map((x, i) => x + present(projected).data[i]);
      expect(difference({ ...present(before), data: sum }, after)).toBeLessThan(1e-4);
    }
  });

  it('says the same as the slices that answer for one stage', async () => {
    const { name } = attentions()[attentions().length - 1];
    const place = { trace: trace.id, attention: name, head: 1, batch: 0 };
    const stages = await engine.headStages(place);
    for (const stage of ['scores', 'scaled', 'masked', 'weights'] as const) {
      const matrix = await engine.matrix({ ...place, stage, unit: 'pieces' });
      expect(stages[stage]?.data).toEqual(matrix.data);
      expect(stages.removed).toEqual(matrix.masked);
    }
    for (const of of ['query', 'key', 'value', 'context'] as const) {
      expect(stages[of]).toEqual(await engine.vectors({ ...place, of }));
    }
    const other = await engine.headStages({ ...place, batch: 1 });
    expect(difference(other.weights, stages.weights)).toBeGreaterThan(1e-3);
  });

  it('runs the model once for a layer, and not again for its other heads', async () => {
    const [{ name, heads }] = attentions();
    const fresh = await engine.explore({ model: MODEL, texts: TEXTS });
    const { run } = engine.trace(fresh.id).attention(name);
    const session = vi.spyOn(run.stack.session, 'run');
    for (let head = 0; head < heads; head++) {
      await engine.headStages({ trace: fresh.id, attention: name, head, batch: 0 });
    }
    expect(session).toHaveBeenCalledTimes(1);
    session.mockRestore();
  });

  it('refuses a head that the layer does not have', async () => {
    const [{ name, heads }] = attentions();
    await expect(stagesOf(name, heads)).rejects.toThrow('no head');
  });
});

describe.each([
  ['llama', {}],
  ['bloom', {}],
  ['distilbert', {}],
  ['sdpa', {}],
])('%s', (layout) => {
  it('heads add up to the projection', async () => {
    const engine = await startEngine();
    const files = { ...filesOf(`test/golden/layouts/${layout}`), ...wordTokenizer(64) };
    await engine.loadModel({ id: MODEL, name: layout, files });
    const trace = await engine.explore({ model: MODEL, texts: [wordsOf([5, 9, 7, 12, 30])] });
    const { attentions } = engine.model(MODEL).summary;
    for (const { name, heads } of attentions) {
      const all = await Promise.all(
        Array.from({ length: heads }, (_, head) =>
          engine.headStages({ trace: trace.id, attention: name, head, batch: 0 }),
        ),
      );
      expect(rest(all)).toBeLessThan(1e-4);
      expect(rest([...all.slice(1), all[1]])).toBeGreaterThan(1e-4);
      // Queries and keys are those that meet, turned by rotary positions where there are any; grouped ones are shared.
      for (const { query, key, scores, value, weights, context } of all) {
        expect(difference(product(query, key, true), scores)).toBeLessThan(1e-4);
        expect(difference(product(weights, value), context)).toBeLessThan(1e-4);
      }
    }
    engine.dispose();
  });
});

describe('headOutput', () => {
  const block = (transposed: boolean): LinearBlock => ({
    input: '',
    output: '',
    weight: 'w',
    transposed,
    bias: undefined,
    inputs: 4,
    outputs: 3,
    parameters: 12,
  });
  const joined: Matrix = { rows: 1, columns: 4, data: Float32Array.of(1, 2, 3, 4) };
  const second: Matrix = { rows: 1, columns: 2, data: Float32Array.of(3, 4) };
  // rows: inputs; the second head owns the last two
  const weight = { dims: [4, 3], data: Float32Array.of(9, 9, 9, 9, 9, 9, 1, 0, 2, 0, 1, 5) };

  it('takes the rows of the head', () => {
    expect(headOutput(second, joined, 1, block(false), weight)).toEqual({
      rows: 1,
      columns: 3,
      data: Float32Array.of(3, 4, 26),
    });
  });

  it('reads a weight that lies turned in the file', () => {
    const turned = { dims: [3, 4], data: Float32Array.of(9, 9, 1, 0, 9, 9, 0, 1, 9, 9, 2, 5) };
    expect(headOutput(second, joined, 1, block(true), turned)).toMatchObject({
      data: Float32Array.of(3, 4, 26),
    });
  });

  it('says why there is none', () => {
    expect(headOutput(second, joined, 1, undefined, weight)).toBe('noProjection');
    expect(headOutput(second, joined, 1, block(false), undefined)).toBe('weightElsewhere');
    // The heads lie in another order than the projection's rows.
    expect(headOutput(second, joined, 0, block(false), weight)).toBe('otherLayout');
  });
});
