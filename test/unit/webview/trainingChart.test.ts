// The chart of a training: axes, ticks, which points are drawn, and where they lie.
import { describe, expect, it } from 'vitest';
import type { TrainingPoint } from '../../../src/shared/training';
import { chartLayout, margins } from '../../../webview/training/chartLayout';
import { linearAxis, logAxis, roundStep, shareOf, stepAxis } from '../../../webview/training/chartScale';
import { heldOutAt, joinPoints, nearestPoint } from '../../../webview/training/curve';
import { decimate } from '../../../webview/training/decimate';
import { curveOf } from './trainingFixture';

const point = (step: number, loss: number, heldOut?: number): TrainingPoint => ({
  step,
  loss,
  rate: 1e-4,
  norm: 1,
  ...(heldOut !== undefined && { heldOut }),
});

describe('linear axes', () => {
  it('have ticks at round numbers that hold all values', () => {
    expect(linearAxis(1.1, 3.6, 4)).toEqual({ from: 1, to: 4, ticks: [1, 2, 3, 4], log: false });
    expect(linearAxis(0, 5e-4, 2).ticks).toEqual([0, 5e-4]);
    expect(linearAxis(0.12, 0.31, 4).ticks).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
  });

  it('have two ends where all values are equal', () => {
    const { from, to, ticks } = linearAxis(2, 2, 4);
    expect(from).toBeLessThanOrEqual(2);
    expect(to).toBeGreaterThan(2);
    expect(ticks.length).toBeGreaterThan(1);
    expect(linearAxis(0, 0, 4).to).toBeGreaterThan(0);
  });

  it.each([
    [1e-9, 1.3e-9],
    [-3.7, 12],
    [0, 123456],
    [0.001, 9999],
  ])('hold %d to %d, ascending, without crumbs of arithmetic', (least, most) => {
    const { from, to, ticks } = linearAxis(least, most, 5);
    expect(from).toBeLessThanOrEqual(least);
    expect(to).toBeGreaterThanOrEqual(most);
    expect([...ticks].sort((a, b) => a - b)).toEqual(ticks);
    expect(ticks.every((tick) => String(tick).replace(/e.*/, '').length <= 8)).toBe(true);
  });

  it('step by 1, 2 or 5 times a power of ten', () => {
    expect([0.9, 1, 1.1, 3, 6, 0.03].map(roundStep)).toEqual([1, 1, 2, 5, 10, 0.05]);
  });
});

describe('logarithmic axes', () => {
  it('have ticks at 1, 2, 5 within few decades, at powers of ten over many', () => {
    expect(logAxis(1.1, 3.6, 4).ticks).toEqual([1, 2, 5]);
    expect(logAxis(1e-6, 8, 4).ticks).toEqual([1e-6, 1e-4, 0.01, 1]);
  });

  it('hold their values and put equal ratios at equal distances', () => {
    const axis = logAxis(0.02, 7, 6);
    expect(axis.from).toBeLessThanOrEqual(0.02);
    expect(axis.to).toBeGreaterThanOrEqual(7);
    const [a, b, c] = [0.05, 0.5, 5].map((value) => shareOf(axis, value));
    expect(b - a).toBeCloseTo(c - b, 12);
    expect(shareOf(axis, 0)).toBe(0);
  });

  it('refuse to begin at 0', () => {
    expect(() => logAxis(0, 1, 4)).toThrow(RangeError);
  });
});

describe('the axis of steps', () => {
  it('ends where training ends, with ticks at whole steps', () => {
    expect(stepAxis(400, 4)).toEqual({ from: 0, to: 400, ticks: [0, 100, 200, 300, 400], log: false });
    expect(stepAxis(7, 4).ticks).toEqual([0, 2, 4, 6]);
    expect(stepAxis(2, 5).ticks).toEqual([0, 1, 2]);
  });
});

describe('decimation', () => {
  it('keeps every point of a short curve', () => {
    const values = [3, 1, 2];
    expect(decimate(values, (index) => index)).toEqual([0, 1, 2]);
  });

  it('keeps first, lowest, highest and last of each column, and nothing else', () => {
    const values = [5, 9, 1, 4, 3, 2, 2, 8];
    expect(decimate(values, (index) => Math.floor(index / 4))).toEqual([0, 1, 2, 3, 4, 5, 7]);
  });

  it('draws 10,000 points with at most four per column, extremes included', () => {
    const values = Float64Array.from({ length: 10_000 }, (_, index) => Math.sin(index) + index / 5000);
    values[4321] = 99;
    values[8765] = -99;
    const kept = decimate(values, (index) => Math.floor((index * 220) / 10_000));
    expect(kept.length).toBeLessThanOrEqual(880);
    expect(kept).toContain(4321);
    expect(kept).toContain(8765);
    expect([...kept].sort((a, b) => a - b)).toEqual(kept);
  });

  it('marks where values are no numbers, once per run of them', () => {
    expect(decimate([1, NaN, NaN, 2, Infinity], () => 0)).toEqual([0, 1, 3, 4]);
  });
});

describe('the curve', () => {
  it('grows by further points, and begins anew at a checkpoint', () => {
    const points = [1, 2, 3, 4].map((step) => point(step, step));
    expect(joinPoints(points, [point(5, 5)]).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(joinPoints(points, [point(3, 30), point(4, 40)]).map(({ loss }) => loss)).toEqual([1, 2, 30, 40]);
    expect(joinPoints(points, [])).toBe(points);
  });

  it('is looked up by the nearest step', () => {
    const points = [10, 20, 40].map((step) => point(step, 1));
    expect([-5, 10, 14, 16, 29, 31, 99].map((step) => nearestPoint(points, step))).toEqual([
      0, 0, 0, 1, 1, 2, 2,
    ]);
    expect(nearestPoint([], 3)).toBe(-1);
  });

  it('tells the held-out loss that was measured last', () => {
    const points = [point(1, 1), point(2, 1, 0.5), point(3, 1)];
    expect(heldOutAt(points, 0)).toBeUndefined();
    expect(heldOutAt(points, 2)).toEqual({ step: 2, loss: 0.5 });
  });
});

describe('the layout', () => {
  const size = { width: 280, height: 130, planned: [], steps: 400, log: false };

  it('puts steps from left to right and losses upwards, within the margins', () => {
    const layout = chartLayout({ ...size, points: curveOf(240, 400) });
    expect(layout.x(0)).toBe(margins.left);
    expect(layout.x(400)).toBe(280 - margins.right);
    expect(layout.lossY(1)).toBeGreaterThan(layout.lossY(3));
    expect(layout.stepAt(layout.x(123))).toBeCloseTo(123, 9);
    for (const place of layout.loss) {
      const [x, y] = place ?? [NaN, NaN];
      expect(x).toBeGreaterThanOrEqual(margins.left);
      expect(x).toBeLessThanOrEqual(280 - margins.right);
      expect(y).toBeGreaterThanOrEqual(margins.top);
      expect(y).toBeLessThanOrEqual(130 - margins.bottom);
    }
    expect(layout.heldOut).toHaveLength(6);
  });

  it('has no numbers on the axis of losses before there is one', () => {
    const layout = chartLayout({ ...size, points: [], planned: [{ step: 1, rate: 1e-3 }] });
    expect(layout.lossAxis.ticks).toEqual([]);
    expect(layout.rate).toHaveLength(1);
    expect(layout.rateAxis.to).toBe(1e-3);
  });

  it('breaks the line where the loss is no number, and scales by the others', () => {
    const layout = chartLayout({ ...size, points: [point(1, 2), point(2, NaN), point(3, 1)] });
    expect(layout.loss[1]).toBeUndefined();
    expect(layout.broken).toEqual([layout.x(2)]);
    expect(layout.lossAxis.to).toBe(2);
  });

  it('leaves losses of 0 at the end of a logarithmic axis', () => {
    const layout = chartLayout({ ...size, log: true, points: [point(1, 2), point(2, 0), point(3, 0.1)] });
    expect(layout.lossAxis.from).toBe(0.1);
    expect(layout.lossY(0)).toBe(layout.lossY(0.1));
  });

  it('shows the planned rate to the last step', () => {
    const planned = [0, 200, 400].map((step) => ({ step, rate: step / 1e6 }));
    const layout = chartLayout({ ...size, points: curveOf(10, 400), planned });
    expect(layout.rate.at(-1)?.[0]).toBe(layout.x(400));
    // Up to the last step that was made, the rate is the one that was used.
    expect(layout.rate[0]).toEqual([layout.x(1), layout.rateY(curveOf(10, 400)[0].rate)]);
  });
});
