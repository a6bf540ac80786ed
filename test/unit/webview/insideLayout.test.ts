// Pictures of the Inside view stand apart, hold whole cells, and one query is one straight band; windows move no further than needed.
import { describe, expect, test } from 'vitest';
import type { InsideLayout, InsideLayoutInput } from '../../../webview/views/insideLayout';
import { insideLayout, stageNames, titleHeight, windowFor } from '../../../webview/views/insideLayout';

const sentence: InsideLayoutInput = {
  width: 1010,
  queries: 15,
  keys: 17,
  headSize: 32,
  valueSize: 32,
  model: 256,
};
const cases: readonly (readonly [string, InsideLayoutInput])[] = [
  ['a sentence', sentence],
  ['a sentence in a narrow panel', { ...sentence, width: 590 }],
  ['a sentence in a very narrow panel', { ...sentence, width: 320 }],
  ['one token', { ...sentence, queries: 1, keys: 1 }],
  ['512 tokens', { ...sentence, queries: 512, keys: 512, headSize: 64, valueSize: 64, model: 768 }],
  ['512 tokens, narrow', { ...sentence, width: 400, queries: 512, keys: 512, model: 768 }],
  ['a wide model on a wide screen', { ...sentence, width: 1900, headSize: 128, valueSize: 128, model: 4096 }],
];

describe.each(cases)('%s', (_, input) => {
  const layout: InsideLayout = insideLayout(input);

  test('no picture lies on another one, or outside', () => {
    for (const a of stageNames) {
      const [p, top] = [layout.places[a], layout.places[a].y - titleHeight];
      expect(p.x).toBeGreaterThan(0);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(p.y + p.height).toBeLessThanOrEqual(layout.height);
      expect(p.x + p.width, a).toBeLessThanOrEqual(Math.max(input.width, 320));
      for (const b of stageNames.filter((each) => each !== a)) {
        const q = layout.places[b];
        const apart =
          p.x + p.width <= q.x ||
          q.x + q.width <= p.x ||
          p.y + p.height <= q.y - titleHeight ||
          q.y + q.height <= top;
        expect(apart, `${a} lies on ${b}`).toBe(true);
      }
    }
  });

  test('cells can be seen, and what is visible are whole cells', () => {
    const { places, visible } = layout;
    for (const name of stageNames) {
      const { cellHeight, cellWidth, height, width } = places[name];
      const rows = name === 'key' || name === 'value' ? visible.keys : visible.queries;
      expect(cellHeight).toBeGreaterThanOrEqual(2);
      expect(height).toBe(rows * cellHeight);
      expect(cellWidth).toBeGreaterThanOrEqual(1);
      expect(width).toBeGreaterThan(0);
    }
    expect(places.weights.width).toBe(visible.keyColumns * places.weights.cellWidth);
    expect(visible.queries).toBeLessThanOrEqual(input.queries);
  });

  test('every element of a vector is in the picture', () => {
    for (const [name, elements] of [
      ['query', input.headSize],
      ['value', input.valueSize],
      ['output', input.model],
    ] as const) {
      const { block, width, cellWidth } = layout.places[name];
      expect(Math.round(width / cellWidth) * block).toBeGreaterThanOrEqual(elements);
    }
  });
});

test('one query is one straight band from Q to the output', () => {
  const { places, mode } = insideLayout(sentence);
  expect(mode).toBe('wide');
  const band = stageNames.filter((name) => name !== 'key' && name !== 'value').map((name) => places[name]);
  expect(new Set(band.map(({ y }) => y)).size).toBe(1);
  expect(new Set(band.map(({ cellHeight }) => cellHeight)).size).toBe(1);
  const order = band.map(({ x }) => x);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('below 800 pixels the stages stand below each other', () => {
  expect(insideLayout({ ...sentence, width: 799 }).mode).toBe('stacked');
  expect(insideLayout({ ...sentence, width: 799 }).compared).toBeUndefined();
});

describe('the window on the rows', () => {
  test.each([
    [0, 50, 512, undefined, 0],
    [0, 50, 512, 49, 0],
    [0, 50, 512, 50, 1],
    [100, 50, 512, 20, 20],
    [100, 50, 512, 120, 100],
    [900, 50, 512, undefined, 462],
    [-5, 50, 512, undefined, 0],
    [3, 15, 15, 14, 0],
  ])('from %i, %i of %i visible, showing %s: from %i', (first, visible, count, index, expected) => {
    expect(windowFor(first, visible, count, index)).toBe(expected);
  });
});
