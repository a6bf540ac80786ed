// The training loop on a toy model: PyTorch's curve, the same curve after being killed, and a stop where it goes wrong.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/shared/tensor';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/training/checkpoint';
import { DivergenceWatch } from '../../../src/training/divergence';
import { Generator } from '../../../src/training/generator';
import type { TrainerSetup } from '../../../src/training/trainer';
import { Trainer } from '../../../src/training/trainer';
import type { Toy } from './toyModel';
import { failingAt, toy } from './toyModel';

const file = path.join(import.meta.dirname, '../../golden/training/optimiser.json');
const recorded = (JSON.parse(readFileSync(file, 'utf8')) as { toy: number[] }).toy;

let plain: Toy;
let dropping: Toy;
beforeAll(async () => {
  plain = await toy();
  dropping = await toy(true);
});
afterAll(async () => {
  await plain.release();
  await dropping.release();
});

const losses = (trainer: Trainer) => trainer.points.map(({ loss }) => loss);
const shapesOf = ({ parameters }: TrainerSetup) => new Map(parameters.map(({ name, dims }) => [name, dims]));

describe('training', () => {
  it('has the curve that PyTorch has', async () => {
    const trainer = new Trainer(plain.setup());
    const reports: number[] = [];
    const outcome = await trainer.train(50, { onStep: ({ tokens }) => reports.push(tokens) });
    expect(outcome).toEqual({ step: 50, finished: true, stopped: undefined, goodStep: 50 });
    trainer.points.forEach(({ loss }, i) => expect(Math.abs(loss - recorded[i])).toBeLessThan(1e-4));
    expect(recorded[49]).toBeLessThan(0.7 * recorded[0]);
    expect(reports).toEqual(Array(50).fill(36));
    const measured = trainer.points.filter(({ heldOut }) => heldOut !== undefined).map(({ step }) => step);
    expect(measured).toEqual([10, 20, 30, 40, 50]);
    expect(await trainer.evaluate()).toBe(trainer.points[49].heldOut);
  });

  it('takes the same steps when the gradient is summed over several runs', async () => {
    const batches = { tokens: 1000, examples: 2, accumulation: 4, seed: 1 };
    const trainer = new Trainer(plain.setup({ batches }));
    await trainer.train(20);
    losses(trainer).forEach((loss, i) => expect(Math.abs(loss - recorded[i])).toBeLessThan(1e-4));
  });

  it('gives the same curve whenever it is killed', async () => {
    const batches = { tokens: 12, examples: 3, accumulation: 2, seed: 3 };
    const options = { steps: 30, dropout: 0.2, batches };
    const unbroken = new Trainer(dropping.setup(options));
    await unbroken.train(30);
    expect(unbroken.state.epoch).toBeGreaterThan(5);
    const random = Generator.of(9);
    for (let kill = 0; kill < 20; kill++) {
      const setup = dropping.setup(options);
      // Killed in the middle of some run; the last checkpoint is up to 5 steps old.
      const run = failingAt(setup.gradients, new Set([random.below(58)]));
      const first = new Trainer({ ...setup, gradients: run });
      let saved = encodeCheckpoint(first.state);
      try {
        for (let step = 5; step <= 30; step += 5) {
          await first.train(step);
          saved = encodeCheckpoint(first.state);
        }
      } catch (error) {
        expect((error as Error).message).toContain('killed');
      }
      const second = new Trainer(dropping.setup(options));
      second.restore(decodeCheckpoint(saved, second.state.identity, shapesOf(setup)));
      expect(second.step % 5).toBe(0);
      await second.train(30);
      expect(second.points).toEqual(unbroken.points);
    }
    for (const [name, { weight }] of unbroken.state.parameters) {
      const again = new Trainer(dropping.setup(options));
      again.restore(unbroken.state);
      expect(again.weight(name)).toEqual(weight);
    }
  }, 60_000);

  it('drops the step under way when it is cancelled or a run fails', async () => {
    const setup = plain.setup({ batches: { tokens: 12, examples: 3, accumulation: 2, seed: 3 } });
    const trainer = new Trainer({ ...setup, gradients: failingAt(setup.gradients, new Set([5])) });
    await trainer.train(2);
    const before = encodeCheckpoint(trainer.state);
    await expect(trainer.train(50)).rejects.toThrow('killed at 5');
    expect(encodeCheckpoint(trainer.state)).toEqual(before);
    const cancelled = new AbortController();
    const onStep = () => cancelled.abort();
    await expect(trainer.train(50, { signal: cancelled.signal, onStep })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(trainer.step).toBe(3);
    await trainer.train(6);
    const unbroken = new Trainer(
      plain.setup({ batches: { tokens: 12, examples: 3, accumulation: 2, seed: 3 } }),
    );
    await unbroken.train(6);
    expect(trainer.points).toEqual(unbroken.points);
  });

  it('measures later what was to be measured when it was cancelled', async () => {
    const setup = plain.setup();
    const trainer = new Trainer({ ...setup, evaluate: failingAt(setup.evaluate, new Set([0])) });
    await expect(trainer.train(12)).rejects.toThrow('killed at 0');
    expect([trainer.step, trainer.points[9].heldOut]).toEqual([10, undefined]);
    await trainer.train(12);
    expect(trainer.points[9].heldOut).toBeGreaterThan(0);
  });

  it('differs by seed where there is something to draw', async () => {
    const run = async (seed: number) => {
      const batches = { tokens: 12, examples: 3, accumulation: 1, seed };
      const trainer = new Trainer(dropping.setup({ dropout: 0.3, batches }));
      await trainer.train(5);
      return losses(trainer);
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('needs examples and values of the right shape', () => {
    expect(() => new Trainer({ ...plain.setup(), examples: [] })).toThrow(RangeError);
    expect(() => new Trainer({ ...plain.setup(), weights: new Map() })).toThrow('embedding');
  });
});

describe('a training that goes wrong', () => {
  it('stops before a step whose loss is no number', async () => {
    const setup = plain.setup();
    let call = 0;
    const broken: Run = async (feeds, ...rest) => {
      const results = await setup.gradients(feeds, ...rest);
      call++;
      return call === 4 ? { ...results, loss: { ...results['loss'], data: Float32Array.of(NaN) } } : results;
    };
    const trainer = new Trainer({ ...setup, gradients: broken });
    const outcome = await trainer.train(50);
    expect(outcome).toMatchObject({ step: 3, finished: false });
    expect(outcome.stopped).toContain('The loss of step 4 is not a finite number');
    const unbroken = new Trainer(plain.setup());
    await unbroken.train(3);
    expect(trainer.weight('up')).toEqual(unbroken.weight('up'));
    // It does not go on by itself, but does from a state that is restored.
    expect((await trainer.train(50)).step).toBe(3);
    trainer.restore(unbroken.state);
    expect((await trainer.train(5)).stopped).toBeUndefined();
  });

  it('stops when the loss explodes, and knows where it was good', async () => {
    const schedule = { kind: 'linear', rate: 60, warmup: 400, steps: 1000 } as const;
    const trainer = new Trainer(plain.setup({ schedule, steps: 1000, clip: 0 }));
    const outcome = await trainer.train(1000);
    expect(outcome.stopped).toContain('The loss has risen from');
    expect(outcome.goodStep).toBeLessThan(outcome.step);
    expect(outcome.goodStep).toBeGreaterThan(0);
  });

  it('sees a loss that explodes with the first step, after which nothing is good', () => {
    const watch = new DivergenceWatch();
    const stops = [4.2, 900, 800, 950, 990].map((loss, i) => watch.add(i + 1, loss));
    expect(stops.findIndex((stop) => stop !== undefined)).toBe(4);
    expect(stops[4]).toContain('from 4.20 to 728.84');
    expect(watch.goodStep).toBe(0);
    // A first loss that is low by chance is no reason to stop.
    const lucky = new DivergenceWatch();
    expect([0.5, 3, 3.2, 2.9, 3, 3.1].map((loss, i) => lucky.add(i + 1, loss))).toEqual(
      Array(6).fill(undefined),
    );
  });

  it('takes noise for noise', () => {
    const watch = new DivergenceWatch();
    const stops = Array.from({ length: 40 }, (_, i) => watch.add(i + 1, 0.1 + (i % 2) * 1.5));
    expect(stops.every((stop) => stop === undefined)).toBe(true);
    const rises = [8, 8, 8].map((loss, i) => watch.add(41 + i, loss));
    expect(rises.findIndex((stop) => stop !== undefined)).toBe(1);
    expect(watch.goodStep).toBeLessThanOrEqual(40);
    expect(watch.goodStep).toBeGreaterThan(30);
  });

  it('calls no step good on a curve that only rises', () => {
    const curve = [6.95, 7.94, 15.84, 16.98, 17.57, 16.24];
    const watch = new DivergenceWatch();
    curve.forEach((loss, i) => watch.add(i + 1, loss));
    expect(watch.goodStep).toBe(1);
  });
});
