// What the Masks and Positions views say: counts, reasons, facts, normalised similarity.
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../../src/shared/tensor';
import type { Masks, MaskStage, Positions } from '../../../src/shared/trace';
import { maskFacts, maskReasons, maskTitles } from '../../../webview/views/maskFacts';
import { isTriangular, maskedCells, otherRange } from '../../../webview/views/maskCells';
import { positionFacts } from '../../../webview/views/positionFacts';
import {
  dimensionsOf,
  normalise,
  parseDimensions,
  rowNorms,
  wrapAngle,
} from '../../../webview/views/positionNumbers';
import { model, trace } from './explorerFixture';

function stage(rows: number, columns: number, value: (row: number, column: number) => number): MaskStage {
  const data = Float32Array.from({ length: rows * columns }, (_, index) =>
    value(Math.floor(index / columns), index % columns),
  );
  return {
    matrix: { rows, columns, data },
    source: 'mask',
    removed: maskedCells(data).filter(Boolean).length,
  };
}

const causal = stage(3, 3, (query, key) => (key > query ? -Infinity : 0));
const none: Masks = {
  form: 'add',
  padding: undefined,
  causal: undefined,
  total: undefined,
  input: undefined,
  dims: undefined,
  maskedValue: undefined,
  sharedBy: [],
  why: undefined,
};

describe('mask cells', () => {
  it('are masked when nothing is left of their weight', () => {
    expect([...maskedCells(Float32Array.of(0, -Infinity, -10000, -3.4e38, -5))]).toEqual([0, 1, 1, 1, 0]);
    expect(otherRange(stage(1, 3, (_, key) => [0, -5, -Infinity][key]))).toBe(5);
    expect(otherRange(causal)).toBe(0);
  });

  it('know a causal mask, also with remembered keys', () => {
    expect(isTriangular(causal)).toBe(true);
    expect(isTriangular(stage(2, 5, (query, key) => (key > query + 3 ? -1e9 : 0)))).toBe(true);
    expect(isTriangular(stage(3, 3, (query, key) => (key > query + 1 ? -1e9 : 0)))).toBe(false);
  });
});

describe('mask sentences', () => {
  it('count what is removed', () => {
    const padding = { ...stage(3, 3, (_, key) => (key === 2 ? -1e9 : 0)), removed: 1 };
    expect(maskTitles({ ...none, padding, causal, total: causal })).toEqual({
      padding: '1 of 3 keys are padding',
      causal: 'no query sees a later key',
      total: '3 of 9 cells masked',
    });
  });

  it('say why a part is missing', () => {
    expect(maskReasons(none, 1, false).padding).toBe('One selection, nothing padded. Select several places.');
    expect(maskReasons(none, 2, false).padding).toContain('same number of tokens');
    expect(maskReasons({ ...none, why: 'The graph adds nothing.' }, 1, false).total).toBe(
      'The graph adds nothing.',
    );
    expect(maskReasons({ ...none, causal }, 2, true).padding).toContain('causal mask hides it');
    expect(maskReasons(none, 2, true).padding).toContain('no padding mask');
    expect(maskReasons({ ...none, causal }, 1, false).causal).toBe('');
  });

  it('list the facts', () => {
    const masks: Masks = {
      ...none,
      causal,
      total: causal,
      input: 'decoder_mask',
      dims: [2, 1, 3, 3],
      maskedValue: -Infinity,
      sharedBy: ['decoder.0.self', 'decoder.1.self'],
    };
    const facts = Object.fromEntries(
      maskFacts(masks, model.attentions[2], model, trace, 3).map(({ name, value }) => [name, value]),
    );
    expect(facts).toMatchObject({
      Kind: 'decoder self',
      'Mask input': 'decoder_mask',
      Form: 'added to the scores',
      Shape: '2 × 1 × 3 × 3',
      'Masked value': '−∞',
      'Shared by': 'all 2 layers',
      Batch: '1 selection',
      'Padded to': '3 tokens',
    });
    const unmasked = maskFacts({ ...masks, maskedValue: 0 }, model.attentions[2], model, trace, 3);
    expect(unmasked.find(({ name }) => name === 'Masked value')?.value).toBe('none');
    const alone = maskFacts({ ...masks, sharedBy: ['decoder.0.self'] }, model.attentions[2], model, trace, 3);
    expect(alone.find(({ name }) => name === 'Shared by')?.value).toBe('no other attention');
  });
});

const width = 16;
const sinusoids: Matrix = {
  rows: 4,
  columns: width,
  data: Float32Array.from({ length: 4 * width }, (_, index) => {
    const [position, dimension] = [Math.floor(index / width), index % width];
    const angle = position * 10000 ** (-(dimension - (dimension % 2)) / width);
    return dimension % 2 ? Math.cos(angle) : Math.sin(angle);
  }),
};
const positions: Positions = {
  side: 'encoder',
  kind: 'sinusoidal',
  evidence: 'Equal to the formula.',
  available: 512,
  table: sinusoids,
  similarity: undefined,
  layout: 'interleaved',
  formulaError: 6.1e-8,
  wavelengths: Float32Array.of(2 * Math.PI, 58470),
  embeddingScale: 4,
  tensor: 'positions',
};

describe('positions', () => {
  it('have norms and a similarity of 1 with themselves', () => {
    expect(rowNorms(sinusoids).map((norm) => norm.toFixed(4))).toEqual(Array(4).fill('2.8284'));
    const dots = Float32Array.from({ length: 16 }, (_, index) => {
      const [a, b] = [Math.floor(index / 4), index % 4];
      let sum = 0;
      for (let dimension = 0; dimension < width; dimension++) {
        sum += sinusoids.data[a * width + dimension] * sinusoids.data[b * width + dimension];
      }
      return sum;
    });
    const { matrix, equalNorms, signed } = normalise({ rows: 4, columns: 4, data: dots });
    expect(equalNorms).toBe(true);
    expect(signed).toBe(false);
    expect([0, 5, 10, 15].map((index) => matrix.data[index].toFixed(4))).toEqual(Array(4).fill('1.0000'));
    expect(matrix.data[1]).toBeLessThan(1);
  });

  it('tell cosines from dot products of equal norms', () => {
    const { equalNorms, signed, matrix } = normalise({
      rows: 2,
      columns: 2,
      data: Float32Array.of(4, -2, -2, 9),
    });
    expect([equalNorms, signed]).toEqual([false, true]);
    expect(matrix.data[1]).toBeCloseTo(-2 / 6, 6);
  });

  it('choose dimensions of growing wavelength, or those that are asked for', () => {
    const wide = { ...positions, table: { rows: 1, columns: 256, data: new Float32Array(256) } };
    expect(dimensionsOf([], wide)).toEqual([4, 20, 40, 64, 100]);
    expect(dimensionsOf([], { ...wide, layout: 'halves' })).toEqual([2, 10, 20, 32, 50]);
    expect(dimensionsOf([7, 300, 7, 1], wide)).toEqual([7, 1]);
    expect(parseDimensions('3, 1;2 x 999 3', 256)).toEqual([3, 1, 2]);
  });

  it('wrap angles to one turn', () => {
    expect(wrapAngle(0.5)).toBeCloseTo(0.5, 9);
    expect(wrapAngle(7)).toBeCloseTo(7 - 2 * Math.PI, 9);
    expect(wrapAngle(-4)).toBeCloseTo(2 * Math.PI - 4, 9);
  });

  it('list the facts', () => {
    const facts = Object.fromEntries(
      positionFacts(positions, model, 3).map(({ name, value }) => [name, value]),
    );
    expect(facts).toMatchObject({
      Kind: 'sinusoidal, fixed',
      Table: '512 × 16',
      Used: 'rows 0 to 2',
      Order: 'sin, cos interleaved',
      Wavelengths: '2π to 58,470',
      'Embedding scale': '√16 = 4',
      'Row norm': '2.83',
      'Agrees with formula': 'to 6e−8',
    });
    const bias = positionFacts(
      { ...positions, kind: 'alibi', table: undefined, layout: undefined, wavelengths: new Float32Array() },
      model,
      3,
    );
    expect(bias.map(({ name }) => name)).not.toContain('Row norm');
  });
});
