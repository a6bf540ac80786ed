// Every layout of encoder-decoders and decoders that was recorded: it translates, or continues, what the explorer reads, and explains it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureAll } from '../../../../src/engine/captureAll';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { likeliest } from '../../../../src/generation/logits';
import { defaultHeads } from '../../../../src/shared/headChoice';
import { rowOf } from '../../../../src/shared/tensor';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { loadLayout } from '../layoutEngine';
import { MODEL, startEngine } from '../testEngine';

const greedy = { ...DEFAULT_DECODING, method: 'greedy', maxLength: 8 } as const;
const unmerged = 'onnx/decoder_model.onnx';
const VOCABULARY = 64;
const TEXTS = ['w5 w6 w7', 'w9 w4 w33 w21 w8'];

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.dispose());

describe.each([
  { layout: 'bart', without: '' },
  { layout: 'bart', without: unmerged },
  { layout: 'marian', without: '' },
  { layout: 'merged', without: '' },
  { layout: 't5', without: '' },
  { layout: 't5', without: unmerged },
])('$layout without "$without"', ({ layout, without }) => {
  test('translations are those of the explorer, and explained with the same probabilities', async () => {
    await loadLayout(engine, layout, { without });
    const { summary } = engine.model(MODEL);
    const found = await engine.translate({ model: MODEL, texts: TEXTS, decoding: greedy });
    for (const [i, text] of TEXTS.entries()) {
      const trace = await engine.explore({ model: MODEL, texts: [text] });
      const [, ...ids] = trace.decoder[0].tokens.map(({ id }) => id);
      const [best] = found[i].hypotheses;
      expect(best.ids).toEqual(ids.slice(0, greedy.maxLength));
      const { steps, attention } = await engine.explainTranslation({
        ...{ model: MODEL, text, ids: best.ids, heads: defaultHeads(summary), alternatives: 3 },
      });
      best.logProbabilities.forEach((value, step) =>
        expect(Math.abs(Math.log(steps[step].probability) - value)).toBeLessThan(1e-4),
      );
      for (let row = 0; row < attention.rows; row++) {
        expect(rowOf(attention, row).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
      }
    }
  }, 60_000);
});

describe.each(['bloom', 'llama'])('%s', (layout) => {
  test('continues with the largest logits of one pass, without padding among them', async () => {
    await loadLayout(engine, layout);
    const [{ source, hypotheses }] = await engine.translate({
      model: MODEL,
      texts: ['w5 w6 w7'],
      decoding: greedy,
    });
    const [{ ids, target }] = hypotheses;
    expect(source.tokens.map(({ id }) => id)).toEqual([5, 6, 7]);
    expect(target.text).toBe(` ${ids.map((id) => `w${id}`).join(' ')}`);
    const trace = await engine.explore({ model: MODEL, texts: [`w5 w6 w7${target.text}`] });
    const { logits } = await captureAll(engine.trace(trace.id));
    ids.forEach((id, i) => {
      const start = (2 + i) * VOCABULARY;
      const row = Float32Array.from(logits.data.slice(start, start + VOCABULARY), Number);
      row[0] = -Infinity;
      expect(likeliest(row, 1)).toEqual([id]);
    });
  });
});
