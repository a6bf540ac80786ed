// Every recorded way of writing attention down, from text to head: what the engine captures equals what PyTorch computed.
import { describe, expect, test } from 'vitest';
import { captureAll } from '../../../src/engine/captureAll';
import type { NamedTensors } from '../../../src/shared/tensor';
import { loadLayout, rowsOf } from './layoutEngine';
import { golden, MODEL, startEngine } from './testEngine';
import { wordsOf } from './wordTokenizer';

const TOLERANCE = 1e-4;
const VOCABULARY = 64;
const stages = { q: 'query', k: 'key', v: 'value', scores: 'scores', scaled: 'scaled', weights: 'weights' };

/** Compares the first `batch` texts; grouped heads are recorded once, and shown for each query head. */
function compare(actual: NamedTensors, reference: NamedTensors, batch: number): number {
  let compared = 0;
  for (const [key, expected] of Object.entries(reference)) {
    const [, name, stage] = /^(\w+\.\d+\.\w+)\.(\w+)$/.exec(key) ?? [];
    if (!(stage in stages)) {
      continue;
    }
    const tensor = actual[`${name}.${stages[stage as keyof typeof stages]}`];
    const [, heads, rows, columns] = tensor.dims;
    const group = heads / expected.dims[1];
    const size = rows * columns;
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        const from = (b * expected.dims[1] + Math.floor(h / group)) * size;
        for (let i = 0; i < size; i++) {
          const value = Number(expected.data[from + i]);
          const difference = Math.abs(Number(tensor.data[(b * heads + h) * size + i]) - value);
          if (!(difference / Math.max(1, Math.abs(value)) < TOLERANCE)) {
            expect.fail(`${key} of text ${b}, head ${h}, cell ${i} differs by ${difference}`);
          }
        }
      }
    }
    compared++;
  }
  return compared;
}

describe.each(['bloom', 'distilbert', 'llama', 'sdpa'])('%s', (layout) => {
  test('every stage of every head, for a padded batch', async () => {
    const engine = await startEngine();
    await loadLayout(engine, layout);
    const reference = golden(`layouts/${layout}`);
    const texts = rowsOf(reference['input_ids']).map(wordsOf);
    const trace = await engine.explore({ model: MODEL, texts });
    const tensors = await captureAll(engine.trace(trace.id));
    expect(compare(tensors, reference, texts.length)).toBeGreaterThanOrEqual(12);
    engine.dispose();
  });
});

const unmerged = 'onnx/decoder_model.onnx';

describe.each([
  { layout: 'bart', without: '' },
  { layout: 'bart', without: unmerged },
  { layout: 'marian', without: '' },
  { layout: 'merged', without: '' },
  { layout: 't5', without: '' },
  { layout: 't5', without: unmerged },
])('$layout without "$without"', ({ layout, without }) => {
  test('every stage of every head, with a given target', async () => {
    const engine = await startEngine();
    const reference = golden(`layouts/${layout}`);
    const [source] = rowsOf(reference['input_ids']);
    const [[start, ...target]] = rowsOf(reference['decoder_input_ids']);
    await loadLayout(engine, layout, { config: { decoder_start_token_id: start }, without });
    const trace = await engine.explore({
      model: MODEL,
      texts: [wordsOf(source)],
      decoder: { from: 'text', texts: [wordsOf(target)] },
    });
    const tensors = await captureAll(engine.trace(trace.id));
    expect(compare(tensors, reference, 1)).toBeGreaterThanOrEqual(24);
    engine.dispose();
  });

  test('decodes, though the graph takes no cache', async () => {
    const engine = await startEngine();
    await loadLayout(engine, layout, { without });
    const trace = await engine.explore({ model: MODEL, texts: ['w5 w6 w7'] });
    expect(trace.decoder[0].tokens.length).toBeGreaterThan(1);
    // Read in one pass, each chosen token is the largest logit of its position.
    const { logits } = await captureAll(engine.trace(trace.id));
    const chosen = trace.decoder[0].tokens.slice(1).map(({ id }) => id);
    const best = chosen.map((_id, position) => {
      const row = Array.from(logits.data.slice(position * VOCABULARY, (position + 1) * VOCABULARY), Number);
      // Padding is never chosen.
      return row.indexOf(Math.max(...row.slice(1)), 1);
    });
    expect(chosen).toEqual(best);
    engine.dispose();
  });
});

describe('positions that are no table', () => {
  test('T5: the relative bias of each head, as it is added to the scores', async () => {
    const engine = await startEngine();
    await loadLayout(engine, 't5');
    const bias = golden('layouts/t5')['encoder.0.self.bias'];
    const [, , rows, columns] = bias.dims;
    for (const head of [0, 3]) {
      const positions = await engine.positions({ model: MODEL, side: 'encoder', rows, layer: 0, head });
      expect(positions).toMatchObject({ kind: 'relative', table: undefined });
      const { similarity } = positions;
      expect([similarity?.rows, similarity?.columns]).toEqual([rows, columns]);
      similarity?.data.forEach((value, i) =>
        expect(value).toBeCloseTo(Number(bias.data[head * rows * columns + i]), 4),
      );
    }
    engine.dispose();
  });

  test('ALiBi: a bias that grows with the slope of each head', async () => {
    const engine = await startEngine();
    await loadLayout(engine, 'bloom');
    const { slopes } = golden('layouts/bloom');
    const rows = 6;
    for (const head of [0, 2]) {
      const { kind, similarity } = await engine.positions({
        model: MODEL,
        side: 'decoder',
        rows,
        layer: 1,
        head,
      });
      expect(kind).toBe('alibi');
      expect([similarity?.rows, similarity?.columns]).toEqual([rows, rows]);
      for (let i = 0; i < rows * rows; i++) {
        expect(similarity?.data[i]).toBeCloseTo(Number(slopes.data[head]) * (i % rows), 5);
      }
    }
    engine.dispose();
  });

  test('rotary: angles by position and pair', async () => {
    const engine = await startEngine();
    await loadLayout(engine, 'llama');
    const expected = golden('layouts/llama')['positions.decoder'];
    const { kind, table } = await engine.positions({ model: MODEL, side: 'decoder', rows: expected.dims[0] });
    expect(kind).toBe('rotary');
    expect([table?.rows, table?.columns]).toEqual([...expected.dims]);
    table?.data.forEach((angle, i) => expect(angle).toBeCloseTo(Number(expected.data[i]), 4));
    engine.dispose();
  });
});
