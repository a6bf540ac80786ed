// What a training is told: the ranges of its settings, schedule and method; and the sentences that show what is forgotten.
import { describe, expect, it } from 'vitest';
import { OTHER_TEXTS } from '../../../../src/engine/training/otherTexts';
import { checkTrainingOptions, methodOf, trainerOptions } from '../../../../src/engine/training/trainingPlan';
import type { TrainingOptions } from '../../../../src/shared/training';
import {
  LORA_RANGES,
  TRAINING_DEFAULTS,
  TRAINING_RANGES,
  WHOLE_OPTIONS,
} from '../../../../src/shared/trainingDefaults';

const withField = (field: string, value: unknown) =>
  ({ ...TRAINING_DEFAULTS, [field]: value }) as TrainingOptions;

describe('the settings of a training', () => {
  it('are as they should be where nobody says anything', () => {
    expect(() => checkTrainingOptions(TRAINING_DEFAULTS)).not.toThrow();
    expect(() => checkTrainingOptions({ ...TRAINING_DEFAULTS, method: 'lora' })).not.toThrow();
  });

  it.each(Object.entries(TRAINING_RANGES))(
    '%s has both ends of its range and nothing beyond',
    (field, range) => {
      const [least, most] = range;
      const beyond = (field in TRAINING_DEFAULTS && WHOLE_OPTIONS.includes(field) ? 1 : least / 2) || 1e-6;
      for (const value of [least, most]) {
        expect(() => checkTrainingOptions(withField(field, value))).not.toThrow();
      }
      for (const value of [least - beyond, most * 2, Number.NaN, undefined]) {
        expect(() => checkTrainingOptions(withField(field, value))).toThrow(`"${field}"`);
      }
    },
  );

  it.each(WHOLE_OPTIONS.filter((field) => field !== 'rank'))('%s is whole', (field) => {
    expect(() => checkTrainingOptions(withField(field, 2.5))).toThrow(
      `"${field}" of the training must be a whole`,
    );
  });

  it('of LoRA count only where it is chosen', () => {
    for (const [field, [least, most]] of Object.entries(LORA_RANGES)) {
      for (const value of [least / 2, most * 2]) {
        const lora = { ...TRAINING_DEFAULTS.lora, [field]: value };
        expect(() => checkTrainingOptions({ ...TRAINING_DEFAULTS, lora })).not.toThrow();
        expect(() => checkTrainingOptions({ ...TRAINING_DEFAULTS, lora, method: 'lora' })).toThrow(
          `"${field}"`,
        );
      }
    }
  });

  it('hold out a share or what suits the data', () => {
    expect(() => checkTrainingOptions(withField('heldOut', 0.95))).toThrow('"heldOut"');
    expect(() => checkTrainingOptions(withField('heldOut', 0.9))).not.toThrow();
    expect(() => checkTrainingOptions(withField('heldOut', 'all'))).toThrow('"heldOut"');
  });

  it('become the schedule and the method that the trainer knows', () => {
    const scheduleOf = (schedule: TrainingOptions['schedule']) =>
      trainerOptions({ ...TRAINING_DEFAULTS, schedule, rate: 2, warmup: 7, steps: 30 }, 64).schedule;
    expect(scheduleOf('paper')).toEqual({ kind: 'paper', width: 64, warmup: 7, factor: 2 });
    expect(scheduleOf('constant')).toEqual({ kind: 'constant', rate: 2, warmup: 7 });
    expect(scheduleOf('linear')).toEqual({ kind: 'linear', rate: 2, warmup: 7, steps: 30 });
    expect(scheduleOf('cosine')).toEqual({ kind: 'cosine', rate: 2, warmup: 7, steps: 30 });
    expect(methodOf(TRAINING_DEFAULTS)).toEqual({ kind: 'full' });
    const { lora } = TRAINING_DEFAULTS;
    expect(methodOf({ ...TRAINING_DEFAULTS, method: 'lora' })).toEqual({ kind: 'lora', ...lora });
    const { batches, evaluateEvery } = trainerOptions({ ...TRAINING_DEFAULTS, batch: 3, accumulate: 2 }, 64);
    expect(batches).toMatchObject({ examples: 3, accumulation: 2, seed: TRAINING_DEFAULTS.seed });
    expect(evaluateEvery).toBe(TRAINING_DEFAULTS.saveEvery);
  });
});

it('what is forgotten shows in sentences that are all different', () => {
  expect(new Set(OTHER_TEXTS).size).toBe(OTHER_TEXTS.length);
  expect(OTHER_TEXTS.every((text) => /^[A-Z].*[.?]$/.test(text))).toBe(true);
});
