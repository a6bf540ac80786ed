// What is drawn and said about the weights of one head: pixels, lines, rankings, numbers.
import { describe, expect, it } from 'vitest';
import type { AttentionMatrix } from '../../../src/shared/trace';
import { groupOf, selectLines, strongestFirst, weightGroups } from '../../../webview/draw/attentionLines';
import { sequentialScale, weightStep } from '../../../webview/draw/colour';
import {
  divergingPixel,
  heatPixels,
  linearPixel,
  symmetricRange,
  weightPixel,
} from '../../../webview/draw/heatPixels';
import {
  formatCount,
  formatFactor,
  formatMask,
  formatNumber,
  formatScientific,
  formatToken,
  formatWeight,
} from '../../../webview/format';
import {
  columnShares,
  entropyBits,
  rank,
  rankOf,
  rowShares,
  strongest,
} from '../../../webview/views/rowFacts';
import { pageOf } from '../../../webview/views/tablePage';
import { divergingScale } from '../../../webview/draw/colour';

const matrix: AttentionMatrix = {
  rows: 2,
  columns: 4,
  data: Float32Array.of(0.5, 0.25, 0.25, 0, 0.1, 0.2, 0.05, 0.65),
  masked: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0),
};
const dark = [31, 31, 31] as const;

describe('pixels', () => {
  it('show each weight in its own colour, and masked is not zero', () => {
    const scale = sequentialScale(dark);
    const pixels = heatPixels(matrix, weightPixel(scale), matrix.masked, 0xff353535);
    expect([...pixels]).toEqual(
      [...matrix.data].map((weight, index) => (index === 3 ? 0xff353535 : scale.table[weightStep(weight)])),
    );
    expect(pixels[3]).not.toBe(scale.table[0]);
  });

  it('show signed and linear values', () => {
    const scale = divergingScale(dark);
    const pixelOf = divergingPixel(scale, 2);
    expect(pixelOf(-2)).toBe(scale.lower[256]);
    expect(pixelOf(2)).toBe(scale.higher[256]);
    expect(pixelOf(1)).toBe(scale.higher[128]);
    const sequential = sequentialScale(dark);
    expect(linearPixel(sequential, 4)(1)).toBe(sequential.table[64]);
    expect(symmetricRange(Float32Array.of(-3, 2, -Infinity))).toBe(3);
  });
});

describe('lines', () => {
  it('join the pairs that reach the threshold', () => {
    const lines = selectLines(matrix, 0.2);
    expect([...lines.queries]).toEqual([0, 0, 0, 1, 1]);
    expect([...lines.keys]).toEqual([0, 1, 2, 1, 3]);
    expect(lines.pairs).toBe(7);
  });

  it('leave out masked pairs even at threshold 0', () => {
    expect(selectLines(matrix, 0).weights.length).toBe(7);
  });

  it('are ordered by groups of weight, the strongest first', () => {
    expect([...strongestFirst(Float32Array.of(0, 0.5, 1, 0.51, 0.01))]).toEqual([2, 1, 3, 0, 4]);
    expect(groupOf(0.5)).toBe(groupOf(0.51));
    expect([0, 1].map(groupOf)).toEqual([0, weightGroups - 1]);
    expect(strongestFirst(new Float32Array())).toHaveLength(0);
  });
});

describe('rankings', () => {
  it('order a row and add up the rest', () => {
    const { top, others, othersSum } = rank(rowShares(matrix, 1), 2);
    expect(top.map(({ index }) => index)).toEqual([3, 1]);
    expect(others).toBe(2);
    expect(othersSum).toBeCloseTo(0.15, 6);
  });

  it('leave out what is masked', () => {
    const row = rowShares(matrix, 0);
    expect(rank(row, 9).top.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(rankOf(row, 3)).toBeUndefined();
    expect(rankOf(row, 1)).toBe(2);
    expect(rankOf(row, 2)).toBe(2);
    expect(strongest(row)).toBe(0);
    expect(strongest([])).toBeUndefined();
  });

  it('read columns', () => {
    expect(columnShares(matrix, 3).map(({ weight, masked }) => [Number(weight.toFixed(2)), masked])).toEqual([
      [0, true],
      [0.65, false],
    ]);
  });

  it('measure entropy in bits', () => {
    expect(entropyBits(rowShares(matrix, 0))).toBeCloseTo(1.5, 6);
    expect(Object.is(entropyBits([{ index: 0, weight: 1, masked: false }]), 0)).toBe(true);
  });
});

describe('numbers', () => {
  it('have 3 decimals as weights and 2 otherwise, with a real minus', () => {
    expect(formatWeight(0.78749)).toBe('0.787');
    expect(formatNumber(-28.555)).toBe('−28.55');
    expect(formatNumber(-0.001)).toBe('0.00');
    expect(formatNumber(-Infinity)).toBe('−∞');
    expect(formatNumber(-3.4028234663852886e38)).toBe('−3.40e38');
    expect(formatNumber(NaN)).toBe('NaN');
  });

  it('name mask values, counts, factors and tiny differences', () => {
    expect([0, -10000, -Infinity, -0.5].map(formatMask)).toEqual(['0', '−10,000', '−∞', '−0.50']);
    expect(formatCount(263168)).toBe('263,168');
    expect(formatFactor(1 / Math.sqrt(32))).toBe('0.1768');
    expect(formatFactor(16)).toBe('16');
    expect(formatScientific(5.96e-8)).toBe('6e−8');
  });
});

describe('tokens', () => {
  it('never change case and show what cannot be seen', () => {
    expect(['İstanbul', 'ΩMEGA', 'ß'].map(formatToken)).toEqual(['İstanbul', 'ΩMEGA', 'ß']);
    expect(formatToken('\r\n')).toBe('↵');
    expect(formatToken('\t')).toBe('⇥');
    expect(formatToken('  ')).toBe('␣␣');
    expect(formatToken('')).toBe('␣');
    expect(formatToken('a\u202eb')).toBe('a·b');
  });
});

describe('pages of a table', () => {
  it('have whole rows and cover all of them', () => {
    expect(pageOf(0, 14, 14)).toEqual({ first: 0, end: 14 });
    const rows: number[] = [];
    for (let row = 0; row < 512;) {
      const { first, end } = pageOf(row, 512, 512);
      expect(first).toBe(row);
      rows.push(end - first);
      row = end;
    }
    expect(rows.reduce((sum, count) => sum + count)).toBe(512);
    expect(pageOf(3, 10, 100_000)).toEqual({ first: 3, end: 4 });
  });
});
