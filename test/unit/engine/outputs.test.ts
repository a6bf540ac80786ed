// What a model says, and what its earlier layers would have said: the lens of the last layer is the model itself.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import type { TraceSummary } from '../../../src/shared/trace';
import { filesOf, MODEL, sharedEngine, shippedModel, startEngine } from './testEngine';
import { wordsOf, wordTokenizer } from './wordTokenizer';

const TEXTS = ["The animal didn't cross the street because it was too tired.", 'The house is very old.'];
const BERT = 'models/english-bert-mini';
const settings = { temperature: 1, topK: 0, topP: 1, count: 5 };

describe.each([shippedModel, BERT, 'models/english-gpt-mini'])('%s', (folder) => {
  let engine: ExplorerEngine;
  let trace: TraceSummary;
  beforeAll(async () => {
    engine = await sharedEngine(folder);
    trace = await engine.explore({ model: MODEL, texts: TEXTS });
  });
  const tokens = (batch: number) => (folder === BERT ? trace.encoder : trace.decoder)[batch].tokens;

  it('looks through every layer, and through the last one sees what the model says', async () => {
    const place = { trace: trace.id, batch: 0 };
    const lens = await engine.logitLens({ ...place, first: 1, last: 4, count: 3 });
    expect(lens.error).toBeLessThan(1e-3);
    expect(lens.states[0]).toContain('embedding');
    const last = lens.cells[lens.cells.length - 1];
    for (const [i, { final, candidates }] of last.entries()) {
      expect(final.rank).toBe(1);
      const { candidates: said } = await engine.distribution({ ...place, ...settings, position: 1 + i });
      expect(candidates[0].id).toBe(said[0].id);
      expect(candidates[0].probability).toBeCloseTo(said[0].plain, 4);
    }
    // Earlier layers say something else: a lens that always looked at the end would not.
    expect(lens.cells[0].some(({ candidates }, i) => candidates[0].id !== last[i].final.id)).toBe(true);
  });

  it('tells at every position what stands there and what it would have said', async () => {
    const steps = await engine.steps({ trace: trace.id, batch: 1 });
    const ids = tokens(1);
    const real = ids.filter(({ padding }) => !padding).length;
    const ahead = folder === BERT ? 0 : 1;
    expect(steps).toHaveLength(ids.length);
    expect(steps.filter(({ actual }) => actual)).toHaveLength(real - ahead);
    steps.slice(0, real - ahead).forEach(({ actual, best }, i) => {
      expect(actual?.id).toBe(ids[i + ahead].id);
      expect(best.probability).toBeGreaterThanOrEqual(actual?.probability ?? 1);
      expect(best.rank).toBe(1);
    });
    if (folder === shippedModel) {
      // The translation is the model's own: greedy, so every token was the likeliest but for forbidden ones.
      expect(steps.slice(0, real - 1).every(({ actual }) => actual?.rank === 1)).toBe(true);
    }
  });

  it('hides a token where the model can fill it in', async () => {
    const place = { trace: trace.id, batch: 0, position: 2, ...settings };
    if (folder !== BERT) {
      await expect(engine.distribution({ ...place, hide: true })).rejects.toThrow('mask token');
      return;
    }
    const { start, end } = tokens(0)[2];
    const text = `${TEXTS[0].slice(0, start)}[MASK]${TEXTS[0].slice(end)}`;
    const typed = await engine.explore({ model: MODEL, texts: [text, TEXTS[1]] });
    const hidden = await engine.distribution({ ...place, hide: true });
    const { candidates } = await engine.distribution({ ...place, trace: typed.id });
    expect(hidden.candidates.map(({ id }) => id)).toEqual(candidates.map(({ id }) => id));
    expect(hidden.candidates[0].logit).toBeCloseTo(candidates[0].logit, 4);
    const seen = await engine.distribution(place);
    expect(Math.abs(seen.entropy - hidden.entropy)).toBeGreaterThan(1e-3);
  });

  it('refuses too many positions at once', async () => {
    const request = { trace: trace.id, batch: 0, first: 0, last: 64, count: 1 };
    await expect(engine.logitLens(request)).rejects.toThrow('64 positions');
  });
});

describe.each(['t5', 'bart', 'marian', 'gpt2', 'llama', 'bert'])('the layout %s', (layout) => {
  it('has a lens whose last row is the model', async () => {
    const engine = await startEngine();
    const folder = filesOf(`test/golden/layouts/${layout}`);
    await engine.loadModel({ id: MODEL, name: layout, files: { ...folder, ...wordTokenizer(64) } });
    const { id } = await engine.explore({ model: MODEL, texts: [wordsOf([5, 9, 12, 7])] });
    const lens = await engine.logitLens({ trace: id, batch: 0, first: 0, last: 1, count: 2 });
    expect(lens.error).toBeLessThan(1e-4);
    engine.dispose();
  });
});
