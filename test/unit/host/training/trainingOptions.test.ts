// How a training is set up: what was chosen before what is set before the defaults, within their limits; and the planned rate.
import { expect, test } from 'vitest';
import { optionsFor, plannedRates } from '../../../../src/host/training/trainingOptions';
import { TRAINING_DEFAULTS, TRAINING_RATES, withOptions } from '../../../../src/shared/trainingDefaults';

test('where nobody says anything, the defaults', () => {
  expect(optionsFor({}, {}, 20)).toEqual(TRAINING_DEFAULTS);
});

test('the rate suits the method, unless somebody says which', () => {
  expect(optionsFor({}, { method: 'lora' }, 20).rate).toBe(TRAINING_RATES.lora);
  expect(optionsFor({ rate: 3e-4 }, { method: 'lora' }, 20).rate).toBe(3e-4);
  expect(optionsFor({ rate: 3e-4 }, { method: 'lora', rate: undefined }, 20).rate).toBe(TRAINING_RATES.lora);
  expect(optionsFor({ method: 'lora', rate: 3e-4 }, { rate: 2e-4 }, 20).rate).toBe(2e-4);
});

test('more data get more steps, unless somebody says how many', () => {
  expect(optionsFor({}, {}, 2000).steps).toBe(300);
  expect(optionsFor({}, { batch: 100 }, 2000).steps).toBe(60);
  expect(optionsFor({ steps: 7 }, {}, 2000).steps).toBe(7);
});

test('numbers stay within their limits, and what is none changes nothing', () => {
  const changed = withOptions(TRAINING_DEFAULTS, {
    steps: 2.6,
    rate: -1,
    strength: 7,
    seed: Number.NaN,
    lora: { rank: 0, alpha: 8, targets: [] },
    heldOut: 5,
  });
  expect(changed).toMatchObject({
    steps: 3,
    rate: 1e-8,
    strength: 1,
    seed: TRAINING_DEFAULTS.seed,
    heldOut: 0.9,
  });
  expect(changed.lora).toEqual({ rank: 1, alpha: 8, targets: TRAINING_DEFAULTS.lora.targets });
});

test('the planned rate rises to its height at the end of the warm-up, at no more steps than can be drawn', () => {
  const options = { ...TRAINING_DEFAULTS, steps: 100_000, warmup: 777, schedule: 'cosine' } as const;
  const planned = plannedRates(options, 256);
  expect(planned.length).toBeLessThanOrEqual(201);
  expect(planned[0].step).toBe(1);
  expect(planned.at(-1)?.step).toBe(100_000);
  const highest = planned.reduce((a, b) => (b.rate > a.rate ? b : a));
  expect(highest).toEqual({ step: 777, rate: options.rate });
  expect(plannedRates({ ...options, steps: 1 }, 256)).toHaveLength(1);
});
