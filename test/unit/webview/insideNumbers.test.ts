// The arithmetic of the Inside view adds up to what the stages hold, and to nothing else.
import { describe, expect, test } from 'vitest';
import type { HeadStages } from '../../../src/shared/headStages';
import { exact } from '../../../webview/views/insideFormat';
import {
  blockColumns,
  effectiveScale,
  entropyOf,
  hasBias,
  histogram,
  roundRange,
  scaleEffect,
  softmaxRow,
  spreadOf,
} from '../../../webview/views/insideNumbers';
import type { CellStep } from '../../../webview/views/insideSteps';
import { cellSteps, scaleWords } from '../../../webview/views/insideSteps';
import { arithmeticText } from '../../../webview/views/insideText';
import { headOf, matrix, noise } from './insideFixture';

const size = 8;
const scale = 1 / Math.sqrt(size);
const causal = (query: number, key: number): boolean => key > query;
const vectors = { q: noise(5, size, 1, 3), k: noise(5, size, 2, 3), v: noise(5, size, 3) };
const head = headOf({ ...vectors, scale, removes: causal });
const words = scaleWords(scale, size);

/** A number as the product writes it. */
const read = (text: string): number => Number(text.replaceAll('−', '-').replaceAll(',', ''));
const number = '(−?[\\d.]+(?:e−?\\d+)?)';

/** Computes again what a line says and returns how far its result is from that, relative to it. */
function offBy({ text }: CellStep): number {
  const forms: readonly (readonly [RegExp, (a: number, b: number) => number])[] = [
    [new RegExp(`^${number} ÷ ${number} = ${number}$`), (a, b) => a / b],
    [new RegExp(`^${number} × ‖${number}‖ = ${number}$`), (a, b) => a * b],
    [new RegExp(`^${number} × ${number} = ${number}$`), (a, b) => a * b],
    [new RegExp(`^${number} \\+ \\(?${number}\\)? = ${number}$`), (a, b) => a + b],
    [new RegExp(`^(e)\\^\\(?${number}\\)? = ${number}$`), (_, b) => Math.exp(b)],
    [new RegExp(`^e\\^\\(${number} − ${number}\\) = ${number}$`), (a, b) => Math.exp(a - b)],
  ];
  for (const [form, compute] of forms) {
    const [, a, b, result] = form.exec(text) ?? [];
    if (result !== undefined) {
      return Math.abs(compute(read(a), read(b)) - read(result)) / Math.max(0.1, Math.abs(read(result)));
    }
  }
  throw new Error(`"${text}" is no arithmetic.`);
}

const stepsOf = (stages: HeadStages, query: number, key: number): readonly CellStep[] =>
  cellSteps(stages, { query, key, keyLabel: 'k' }, words);
const step = (steps: readonly CellStep[], id: CellStep['id']): CellStep => {
  const found = steps.find((each) => each.id === id);
  if (!found) {
    throw new Error(`There is no step ${id}.`);
  }
  return found;
};

describe('a row through the softmax', () => {
  test('exp ÷ sum is the captured weight of every key', () => {
    for (let query = 0; query < 5; query++) {
      const row = softmaxRow(head, query);
      expect(row?.kept).toBe(query + 1);
      expect(row?.removed).toBe(4 - query);
      row?.cells.forEach(({ exp, weight, removed }, key) => {
        expect(exp / row.sum).toBeCloseTo(weight, 5);
        expect(removed).toBe(key > query);
      });
    }
  });

  test('it would not be that of another head, row or of the transposed scores', () => {
    const other = headOf({ ...vectors, q: noise(5, size, 9, 3), scale, removes: causal });
    const turned = { ...head, masked: { ...matrix(transposed(head)), columns: 5 } };
    for (const wrong of [{ ...head, masked: other.masked }, turned]) {
      const row = softmaxRow(wrong, 3);
      const worst = Math.max(
        ...(row?.cells.map(({ exp, weight }) => Math.abs(exp / row.sum - weight)) ?? []),
      );
      expect(worst).toBeGreaterThan(0.01);
    }
  });

  test('large scores are taken relative to the largest, with the same weights', () => {
    const large = headOf({ ...vectors, q: noise(5, size, 1, 90), scale });
    const row = softmaxRow(large, 2);
    expect(row?.shift).toBeGreaterThan(12);
    row?.cells.forEach(({ exp, weight }) => expect(exp / (row?.sum ?? 0)).toBeCloseTo(weight, 5));
  });

  test('a row whose keys are all masked keeps its weights', () => {
    const nothing = headOf({ ...vectors, scale, removes: () => true, maskedValue: -1e4 });
    const row = softmaxRow(nothing, 0);
    expect(row?.kept).toBe(0);
    row?.cells.forEach(({ exp, weight }) => expect(exp / (row?.sum ?? 0)).toBeCloseTo(weight, 3));
  });

  test('without a tensor of the masked scores there is none', () => {
    expect(softmaxRow({ ...head, masked: undefined }, 0)).toBeUndefined();
  });
});

describe('the steps of a cell', () => {
  test('every line of every kept cell adds up', () => {
    for (let query = 0; query < 5; query++) {
      for (let key = 0; key <= query; key++) {
        const steps = stepsOf(head, query, key);
        expect(steps.map(({ id }) => id)).toEqual(['dot', 'scale', 'mask', 'exp', 'sum', 'weight', 'value']);
        for (const id of ['scale', 'mask', 'exp', 'weight', 'value'] as const) {
          expect(offBy(step(steps, id)), step(steps, id).text).toBeLessThan(3e-3);
        }
        expect(step(steps, 'weight').value).toBe(head.weights?.data[query * 5 + key]);
      }
    }
  });

  test('each line begins with the result of the one before', () => {
    const steps = stepsOf(head, 3, 1);
    expect(step(steps, 'scale').text.startsWith(step(steps, 'dot').text)).toBe(true);
    const scaled = step(steps, 'scale').text.split(' = ')[1];
    expect(step(steps, 'mask').text).toBe(`${scaled} + 0 = ${scaled}`);
    const exp = step(steps, 'exp').text.split(' = ')[1];
    const sum = step(steps, 'sum').text.split(' ')[0];
    expect(step(steps, 'weight').text.startsWith(`${exp} ÷ ${sum} = `)).toBe(true);
  });

  test('a masked cell says what the mask adds, and weighs nothing', () => {
    const steps = stepsOf(head, 1, 3);
    expect(step(steps, 'mask').text).toContain('(−1.00e9) = −1.00e9');
    expect(step(steps, 'exp').text).toBe('e^(−1.00e9) = 0');
    expect(step(steps, 'weight').text).toMatch(/^0 ÷ .* = 0$/);
    const infinite = headOf({ ...vectors, scale, removes: causal, maskedValue: -Infinity });
    expect(step(stepsOf(infinite, 1, 3), 'mask').text).toContain('(−∞) = −∞');
  });

  test('a bias of the positions is a line of its own', () => {
    const biased = headOf({ ...vectors, scale, bias: (query, key) => -0.5 * Math.abs(query - key) });
    expect(hasBias(biased)).toBe(true);
    expect(hasBias(head)).toBe(false);
    const steps = stepsOf(biased, 4, 1);
    expect(offBy(step(steps, 'bias'))).toBeLessThan(1e-3);
    expect(step(steps, 'bias').text).toContain('+ (−1.5000)');
    expect(offBy(step(steps, 'mask'))).toBeLessThan(1e-3);
  });

  test('a scaled score that is not the product says that there is more', () => {
    const capped = { ...head, scaled: matrix([...Array(5)].map(() => [...Array(5)].map(() => 0.25))) };
    expect(step(stepsOf(capped, 2, 1), 'scale').text).toContain('more than scale');
  });

  test('a missing stage is named in its place', () => {
    const steps = stepsOf({ ...head, scores: undefined, masked: undefined, value: undefined }, 2, 1);
    expect(step(steps, 'dot').text).toBe('not in the graph');
    expect(step(steps, 'mask').text).toBe('not in the graph');
    expect(steps.map(({ id }) => id)).toEqual(['dot', 'scale', 'mask', 'weight']);
  });

  test('the scale is named as the paper does, or by its number', () => {
    expect(scaleWords(1 / Math.sqrt(32), 32)?.title).toBe('÷ √32');
    expect(scaleWords(0.25, 32)).toMatchObject({ title: '× 0.25', arithmetic: '× 0.25' });
    expect(scaleWords(1, 8)).toMatchObject({ title: '× 1', changes: false });
    expect(scaleWords(undefined, 8)).toBeUndefined();
  });
});

describe('under interventions', () => {
  test('another scale is named by its own number', () => {
    expect(effectiveScale(head, scale)).toBe(scale);
    const doubled = headOf({ ...vectors, scale: scale / 2, removes: causal });
    expect(effectiveScale(doubled, scale)).toBeCloseTo(scale / 2, 5);
    expect(effectiveScale(headOf({ ...vectors, scale: 1 }), scale)).toBeCloseTo(1, 5);
    const capped = head.scaled?.data.map((x) => 2 * Math.tanh(x / 2)) ?? new Float32Array();
    expect(effectiveScale({ ...head, scaled: { rows: 5, columns: 5, data: capped } }, scale)).toBe(scale);
    expect(effectiveScale({ ...head, scores: undefined }, scale)).toBe(scale);
  });

  test('what replaces the softmax is not written as one', () => {
    const scores = head.masked?.data ?? new Float32Array();
    const relu = Float32Array.from({ length: 25 }, (_, i) => {
      const row = scores.subarray(i - (i % 5), i - (i % 5) + 5).map((x) => Math.max(0, x));
      const sum = row.reduce((all, x) => all + x, 0);
      return sum === 0 ? 0 : row[i % 5] / sum;
    });
    const changed = { ...head, weights: { rows: 5, columns: 5, data: relu } };
    expect(softmaxRow(head, 4)?.isSoftmax).toBe(true);
    expect(softmaxRow(changed, 4)?.isSoftmax).toBe(false);
    expect(step(stepsOf(changed, 4, 1), 'weight').text).toContain('in this run');
    expect(scaleEffect(changed, 4)).toBeUndefined();
  });
});

describe('what the scale changes', () => {
  test('without it the scores vary d_k times as much, and one weight takes more', () => {
    const effect = scaleEffect(head, 4);
    expect((effect?.without.variance ?? 0) / (effect?.with.variance ?? 1)).toBeCloseTo(size, 3);
    expect(effect?.with.largest).toBe(Math.max(...(head.weights?.data.subarray(20) ?? [])));
    expect(effect?.without.largest).toBeGreaterThan(effect?.with.largest ?? 1);
    expect(effect?.without.bits).toBeLessThan(effect?.with.bits ?? 0);
  });

  test('without it the row is the softmax of the captured scores, mask and bias kept', () => {
    const biased = headOf({ ...vectors, scale, removes: causal, bias: (query, key) => key - query });
    const row = 3;
    const scores = [0, 1, 2, 3].map((key) => (biased.scores?.data[row * 5 + key] ?? 0) + key - row);
    const exps = scores.map((score) => Math.exp(score - Math.max(...scores)));
    const largest = Math.max(...exps) / exps.reduce((sum, exp) => sum + exp, 0);
    const effect = scaleEffect(biased, row);
    expect(effect?.without.largest).toBeCloseTo(largest, 5);
    expect(effect?.without.slope).toBeCloseTo(largest * (1 - largest), 5);
  });

  test('it is not said where a stage is missing', () => {
    expect(scaleEffect({ ...head, scores: undefined }, 0)).toBeUndefined();
  });
});

describe('spread', () => {
  test('leaves masked cells out', () => {
    const found = spreadOf(Float32Array.of(1, 3, 1e9), Uint8Array.of(0, 0, 1));
    expect(found).toEqual({ mean: 2, variance: 1, least: 1, most: 3, count: 2 });
  });

  test('a histogram counts each kept value once', () => {
    const data = Float32Array.of(-4, -0.1, 0.1, 3.9, 4, -1e9);
    const counts = histogram(data, Uint8Array.of(0, 0, 0, 0, 0, 1), 4, 4);
    expect(counts).toEqual([1, 1, 1, 2]);
  });

  test('a range is round and large enough', () => {
    expect([0.93, 1, 17.3, 24, 240.1].map(roundRange)).toEqual([1, 1, 20, 25, 250]);
  });

  test('entropy of an even row is log2 of its length', () => {
    expect(entropyOf(new Float32Array(8).fill(1 / 8))).toBeCloseTo(3, 6);
    expect(entropyOf(Float32Array.of(1, 0))).toBe(0);
  });

  test('of several columns in one, the largest magnitude is seen', () => {
    expect(blockColumns(matrix([[1, -3, 2, 0.5, 4]]), 2)).toEqual(matrix([[-3, 2, 4]]));
  });
});

describe('copied text', () => {
  test('has every product, every step and every key', () => {
    const terms = vectors.q[3].map((q, dimension) => {
      const k = vectors.k[1][dimension];
      return { dimension, query: q, key: k, product: q * k };
    });
    const sum = terms.reduce((all, { product }) => all + product, 0);
    const text = arithmeticText({
      head: 'Layer 1, head 1',
      query: 'es',
      key: 'Tier',
      terms: { terms, sum, cosine: 0.5 },
      steps: stepsOf(head, 3, 1),
      row: softmaxRow(head, 3),
      keyLabels: ['Das', 'Tier', 'war', 'es', 'müde'],
    });
    const products = text
      .split('\n')
      .filter((line) => /^\d\s/.test(line))
      .map((line) => read(line.trim().split(/\s+/)[3].replace('+', '')));
    expect(products).toHaveLength(size);
    // Each product is rounded to two decimals.
    expect(Math.abs(products.reduce((all, each) => all + each, 0) - sum)).toBeLessThan(size * 0.005);
    expect(sum).toBeCloseTo(head.scores?.data[3 * 5 + 1] ?? NaN, 4);
    expect(text).toContain('müde');
    expect(text).toMatch(/müde .*masked/);
    expect(text).toContain(`Weight${' '.repeat('Σ exp of the row'.length - 'Weight'.length)}`);
  });

  test('numbers have enough digits, and a real minus', () => {
    expect([17.90321, -0.0312345, 0, 1234567, 0.0000123].map(exact)).toEqual([
      '17.9032',
      '−0.0312',
      '0',
      '1.23e6',
      '1.23e−5',
    ]);
  });
});

function transposed({ masked }: HeadStages): number[][] {
  const data = masked?.data ?? new Float32Array();
  return [0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => data[j * 5 + i]));
}
