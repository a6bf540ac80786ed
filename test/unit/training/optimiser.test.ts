// AdamW, clipping, schedules and random numbers against PyTorch and against their definitions.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { adamW, paperAdam, zeroMoments } from '../../../src/training/adamW';
import { accumulate, clipFactor, globalNorm } from '../../../src/training/clipGradients';
import { Generator } from '../../../src/training/generator';
import { learningRate } from '../../../src/training/schedule';

interface Recorded {
  readonly adamW: readonly {
    readonly weightDecay: number;
    readonly clip: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly start: readonly number[];
    readonly steps: readonly {
      readonly rate: number;
      readonly norm: number;
      readonly gradient: readonly number[];
      readonly weight: readonly number[];
      readonly first: readonly number[];
      readonly second: readonly number[];
    }[];
  }[];
  readonly xoshiro: { readonly state: [number, number, number, number]; readonly numbers: readonly number[] };
  readonly paper: readonly (readonly [number, number])[];
  readonly cosine: readonly (readonly [number, number])[];
}

const recorded = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../golden/training/optimiser.json'), 'utf8'),
) as Recorded;

const largest = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.max(...b.map((value, i) => Math.abs(value - a[i]) / Math.max(1, Math.abs(value))));

describe('AdamW', () => {
  it.each(recorded.adamW)('does what PyTorch does with decay $weightDecay and norm ≤ $clip', (run) => {
    const weight = Float32Array.from(run.start);
    const moments = zeroMoments(weight.length);
    run.steps.forEach(({ rate, gradient, norm, ...after }, i) => {
      const slope = Float32Array.from(gradient);
      expect(globalNorm([slope])).toBeCloseTo(norm, 4);
      const scale = clipFactor(globalNorm([slope]), run.clip);
      adamW(weight, slope, moments, run, { rate, step: i + 1, scale });
      expect(largest(weight, after.weight)).toBeLessThan(1e-6);
      expect(largest(moments.first, after.first)).toBeLessThan(1e-6);
      expect(largest(moments.second, after.second)).toBeLessThan(1e-6);
      expect(Array.from(slope)).toEqual(Array.from(Float32Array.from(gradient)));
    });
  });

  it('decays apart from the gradient', () => {
    const weight = Float32Array.of(2);
    const options = { ...paperAdam, weightDecay: 0.1 };
    adamW(weight, Float32Array.of(0), zeroMoments(1), options, { rate: 0.5, step: 1 });
    expect(weight[0]).toBeCloseTo(1.9, 6);
  });
});

describe('gradients', () => {
  it('have one norm over all weights', () => {
    expect(globalNorm([Float32Array.of(3, 0), Float32Array.of(4)])).toBe(5);
    expect(globalNorm([Float32Array.of(1, NaN)])).toBeNaN();
    expect(clipFactor(5, 1)).toBeCloseTo(0.2, 6);
    expect(clipFactor(0.5, 1)).toBe(1);
    const sum = Float32Array.of(1, 2);
    accumulate(sum, Float32Array.of(10, 20));
    expect(Array.from(sum)).toEqual([11, 22]);
  });
});

describe('the learning rate', () => {
  it('follows the paper', () => {
    const schedule = { kind: 'paper', width: 512, warmup: 4000, factor: 1 } as const;
    recorded.paper.forEach(([step, rate]) => expect(learningRate(schedule, step)).toBeCloseTo(rate, 12));
    expect(learningRate({ ...schedule, factor: 2 }, 100)).toBeCloseTo(2 * learningRate(schedule, 100), 12);
  });

  it('warms up, then stays, or falls to nothing after the last step', () => {
    const common = { rate: 1, warmup: 10 };
    const rates = (kind: 'constant' | 'cosine' | 'linear', ...at: number[]) =>
      at.map((step) => learningRate({ kind, ...common, steps: 100 }, step));
    expect(rates('constant', 1, 5, 10, 100)).toEqual([0.1, 0.5, 1, 1]);
    expect(rates('linear', 5, 10, 101)).toEqual([0.5, 1, 0]);
    expect(rates('linear', 100)[0]).toBeCloseTo(1 / 91, 12);
    recorded.cosine.forEach(([step, rate]) => expect(rates('cosine', step)[0]).toBeCloseTo(rate, 12));
    expect(learningRate({ kind: 'linear', rate: 1, warmup: 0, steps: 2 }, 1)).toBe(1);
    expect(learningRate({ kind: 'linear', rate: 1, warmup: 0, steps: 2 }, 2)).toBe(0.5);
  });
});

describe('the generator', () => {
  it('is xoshiro128**', () => {
    const generator = new Generator(recorded.xoshiro.state);
    expect(recorded.xoshiro.numbers.map(() => generator.next())).toEqual(recorded.xoshiro.numbers);
  });

  it('goes on exactly from a saved state', () => {
    const generator = Generator.of(3, 'dropout');
    for (let i = 0; i < 100; i++) {
      generator.normal();
    }
    const again = new Generator(JSON.parse(JSON.stringify(generator.state)) as typeof generator.state);
    const [a, b] = [new Float32Array(1000), new Float32Array(1000)];
    generator.fillDropout(a, 0.1);
    again.fillDropout(b, 0.1);
    expect(a).toEqual(b);
    expect(again.state).toEqual(generator.state);
    expect(() => new Generator([0, 0, 0, 0])).toThrow(RangeError);
    expect(() => new Generator([1.5, 0, 0, 0])).toThrow(RangeError);
  });

  it('differs by seed and purpose', () => {
    const first = [
      Generator.of(1),
      Generator.of(2),
      Generator.of(1, 'epoch', 1),
      Generator.of(1, 'epoch', 2),
    ];
    expect(new Set(first.map((each) => each.next())).size).toBe(4);
  });

  it('has the moments and shares it should have', () => {
    const generator = Generator.of(11);
    const count = 100_000;
    const normal = Float64Array.from({ length: count }, () => generator.normal());
    const mean = normal.reduce((a, b) => a + b, 0) / count;
    expect(Math.abs(mean)).toBeLessThan(0.015);
    expect(normal.reduce((a, b) => a + (b - mean) ** 2, 0) / count).toBeCloseTo(1, 1);
    const mask = new Float32Array(count);
    generator.fillDropout(mask, 0.1);
    expect(mask.filter((value) => value === 0).length / count).toBeCloseTo(0.1, 2);
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.9)]));
    generator.fillUniform(mask, -2, 3);
    expect(Math.min(...mask.subarray(0, 1000))).toBeGreaterThanOrEqual(-2);
    expect(mask.reduce((a, b) => a + b, 0) / count).toBeCloseTo(0.5, 1);
    expect(generator.permutation(50).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
