// What the engine shows equals what PyTorch computes on the same weights, for all three families: every stage of every head.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { captureAll } from '../../../src/engine/captureAll';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import type { NamedTensors, Tensor } from '../../../src/shared/tensor';
import type { TraceSummary } from '../../../src/shared/trace';
import { golden, MODEL, root, sharedEngine, shippedModel } from './testEngine';

const TOLERANCE = 1e-4;
const FIRST = "The animal didn't cross the street because it was too tired.";

/** Our names of the stages by those of the golden files. */
const stages = {
  q: 'query',
  k: 'key',
  v: 'value',
  scores: 'scores',
  scaled: 'scaled',
  masked: 'masked',
  weights: 'weights',
} as const;

const families = [
  { family: 'translation', folder: shippedModel, texts: [FIRST, 'The house is very old.'] },
  {
    family: 'encoder-only',
    folder: 'models/english-bert-mini',
    texts: [FIRST, 'Every student reads a letter.'],
  },
  {
    family: 'decoder-only',
    folder: 'models/english-gpt-mini',
    texts: [FIRST, 'Every student reads a letter.'],
  },
] as const;

/** Largest difference, relative to 1 for what is larger; what both call masked counts as equal. */
function difference(actual: Tensor, expected: Tensor): number {
  expect(actual.dims).toEqual(expected.dims);
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [Number(actual.data[i]), Number(expected.data[i])];
    if (!(a < -1e9 && b < -1e9)) {
      largest = Math.max(largest, Math.abs(a - b) / Math.max(1, Math.abs(b)));
    }
  }
  return largest;
}

/** Which cells `[query, key]` the reference removes for one text. */
function expectedMask(reference: NamedTensors, name: string, batch: number): boolean[] {
  const [, , rows, columns] = reference[`${name}.weights`].dims;
  const at = (tensor: Tensor | undefined, query: number, key: number): number => {
    const [texts = 1, , queries = 1, keys = 1] = tensor?.dims ?? [];
    const index = ((texts === 1 ? 0 : batch) * queries + (queries === 1 ? 0 : query)) * keys + key;
    return Number(tensor?.data[index] ?? 0);
  };
  const { [`${name}.mask`]: mask, [`${name}.causal`]: causal, [`${name}.padding`]: padding } = reference;
  return Array.from({ length: rows * columns }, (_, i) => {
    const [query, key] = [Math.floor(i / columns), i % columns];
    return mask
      ? at(mask, query, key) < -1e3
      : at(causal, query, key) === 0 || at(padding, query, key) < -1e3;
  });
}

describe.each(families)('$family', ({ family, folder, texts }) => {
  let engine: ExplorerEngine;
  let trace: TraceSummary;
  let tensors: NamedTensors;
  const reference = golden(family);
  const names = [...new Set(Object.keys(reference).flatMap((key) => /^\w+\.\d+\.\w+/.exec(key) ?? []))];

  beforeAll(async () => {
    engine = await sharedEngine(folder);
    trace = await engine.explore({
      model: MODEL,
      texts,
      decoder: { from: 'translation', language: family === 'translation' ? 'de' : undefined },
    });
    tensors = await captureAll(engine.trace(trace.id));
  }, 60_000);

  test('the tokens are the same', () => {
    const ids = (sequences: TraceSummary['encoder']) =>
      sequences.flatMap(({ tokens }) => tokens.map(({ id }) => BigInt(id)));
    const { input_ids: input, decoder_input_ids: target } = reference;
    expect(ids(trace.encoder.length > 0 ? trace.encoder : trace.decoder)).toEqual([...input.data]);
    if (target) {
      expect(ids(trace.decoder)).toEqual([...target.data]);
    }
  });

  test('every attention is there', () => {
    expect(
      engine
        .model(MODEL)
        .summary.attentions.map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort());
  });

  test.each(Object.entries(stages))('%s of every head', (key, stage) => {
    for (const name of names) {
      const expected = reference[`${name}.${key}`];
      expect(difference(tensors[`${name}.${stage}`], expected), name).toBeLessThan(TOLERANCE);
    }
  });

  test('the whole mask, as it enters the softmax', async () => {
    for (const name of names) {
      for (const batch of texts.keys()) {
        const { total } = await engine.masks({ trace: trace.id, attention: name, batch });
        const expected = expectedMask(reference, name, batch);
        const removed = Array.from(total?.matrix.data ?? [], (value) => value < -1e3);
        expect(removed, `${name} of text ${batch}`).toEqual(expected);
      }
    }
  });

  test('the parts of the mask: padding in whole columns, and what lies ahead', async () => {
    for (const name of names) {
      for (const batch of texts.keys()) {
        const masks = await engine.masks({ trace: trace.id, attention: name, batch });
        const keys = name.startsWith('encoder') || name.endsWith('cross') ? trace.encoder : trace.decoder;
        const padded = keys[batch].tokens.filter(({ padding }) => padding).length;
        // The shipped decoder hides padding only behind the causal mask, as it is always at the end.
        const masksPadding =
          family !== 'translation' || !name.startsWith('decoder') || name.endsWith('cross');
        expect(masks.padding?.removed ?? 0, name).toBe(masksPadding ? padded : 0);
        const { rows = 0 } = masks.total?.matrix ?? {};
        const causal = name.startsWith('decoder') && name.endsWith('self');
        expect(masks.causal?.removed ?? 0, name).toBe(causal ? (rows * (rows - 1)) / 2 : 0);
      }
    }
  });

  test('logits', () => {
    const expected = reference['logits'];
    const actual = tensors['logits'];
    if (expected && expected.dims[1] < actual.dims[1]) {
      // Only the first positions are recorded.
      const [batch, positions, vocabulary] = expected.dims;
      const length = actual.dims[1];
      const rows = Array.from({ length: batch }, (_, b) => [
        ...(actual.data as Float32Array).subarray(
          b * length * vocabulary,
          (b * length + positions) * vocabulary,
        ),
      ]);
      const cut: Tensor = { ...expected, data: Float32Array.from(rows.flat()) };
      expect(difference(cut, expected)).toBeLessThan(TOLERANCE);
    } else if (expected) {
      expect(difference(actual, expected)).toBeLessThan(TOLERANCE);
    }
  });

  test.each(['encoder', 'decoder'] as const)('positions of the %s', async (side) => {
    const expected = reference[`positions.${side}`];
    if (!expected) {
      return;
    }
    const { table } = await engine.positions({ model: MODEL, side, rows: expected.dims[0] });
    const actual: Tensor = {
      type: 'float32',
      dims: [table?.rows ?? 0, table?.columns ?? 0],
      data: table?.data ?? new Float32Array(0),
    };
    expect(difference(actual, expected)).toBeLessThan(TOLERANCE);
  });
});

describe('greedy translations of the shipped model', () => {
  interface Recorded {
    readonly text: string;
    readonly language: string;
    readonly ids: readonly number[];
    readonly translation: string;
  }
  const file = path.join(root, 'test/golden/translation/greedy.json');
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as readonly Recorded[];
  let engine: ExplorerEngine;

  beforeAll(async () => {
    engine = await sharedEngine(shippedModel);
  }, 60_000);

  test('there are recorded ones for every language', () => {
    expect(new Set(recorded.map(({ language }) => language)).size).toBe(3);
  });

  test('equal the recorded ids', async () => {
    for (const { text, language, ids } of recorded) {
      const trace = await engine.explore({
        model: MODEL,
        texts: [text],
        decoder: { from: 'translation', language },
      });
      expect(
        trace.decoder[0].tokens.slice(1).map(({ id }) => id),
        text,
      ).toEqual(ids);
      await engine.releaseTrace({ trace: trace.id });
    }
  }, 120_000);
});
