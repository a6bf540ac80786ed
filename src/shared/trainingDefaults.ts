// How a training is set up where the user says nothing, which values are allowed, and how many steps the data call for.
import type { LoraTarget, TrainingOptions } from './training';

/** Highest learning rate that suits each method. */
export const TRAINING_RATES: Readonly<Record<TrainingOptions['method'], number>> = { full: 1e-4, lora: 1e-3 };

export const LORA_TARGETS: readonly LoraTarget[] = ['query', 'key', 'value', 'output', 'feedForward'];

/**
 * Chosen with the shipped translator and twenty pairs of terms other than those of test/terms, which prove it (`npm run bench -- terms`):
 * of what teaches nearly all terms, what forgets least of the rest.
 */
export const TRAINING_DEFAULTS: TrainingOptions = {
  method: 'full',
  lora: { rank: 16, alpha: 32, targets: LORA_TARGETS },
  steps: 25,
  batch: 20,
  accumulate: 1,
  schedule: 'constant',
  rate: TRAINING_RATES.full,
  warmup: 5,
  weightDecay: 0.01,
  clip: 1,
  labelSmoothing: 0,
  dropout: 0,
  strength: 0.7,
  heldOut: 'auto',
  seed: 1,
  saveEvery: 5,
};

/** How often larger data are gone through where the user does not say how many steps. */
const PASSES = 3;

/** Steps for that many examples: the default, or more where that would not reach every example {@link PASSES} times. */
export function stepsFor(examples: number, { batch, accumulate }: TrainingOptions): number {
  return Math.max(TRAINING_DEFAULTS.steps, Math.ceil((PASSES * examples) / (batch * accumulate)));
}

/** The allowed range of each number, both ends included. */
export const TRAINING_RANGES = {
  steps: [1, 100_000],
  batch: [1, 1024],
  accumulate: [1, 1024],
  rate: [1e-8, 100],
  warmup: [0, 100_000],
  weightDecay: [0, 1],
  clip: [0, 1e6],
  labelSmoothing: [0, 0.9],
  dropout: [0, 0.9],
  strength: [0.01, 1],
  seed: [0, 2 ** 31 - 1],
  saveEvery: [1, 100_000],
} as const;
export const LORA_RANGES = { rank: [1, 1024], alpha: [1e-3, 1e4] } as const;
/** Numbers that must be whole. */
export const WHOLE_OPTIONS: readonly string[] = [
  'steps',
  'batch',
  'accumulate',
  'warmup',
  'seed',
  'saveEvery',
  'rank',
];
const SCHEDULES: readonly TrainingOptions['schedule'][] = ['constant', 'cosine', 'linear', 'paper'];
/** Largest share of the examples that may be held out. */
export const MOST_HELD_OUT = 0.9;

/** `options` with `changes`; numbers outside their range become the nearest allowed one, what is no number is left out. */
export function withOptions(options: TrainingOptions, changes: Partial<TrainingOptions>): TrainingOptions {
  const numbers = Object.fromEntries(
    Object.entries(TRAINING_RANGES).map(([key, [low, high]]) => {
      const name = key as keyof typeof TRAINING_RANGES;
      const value = between(changes[name], low, high, options[name]);
      return [name, WHOLE_OPTIONS.includes(name) ? Math.round(value) : value];
    }),
  ) as Pick<TrainingOptions, keyof typeof TRAINING_RANGES>;
  const { rank, alpha, targets } = { ...options.lora, ...changes.lora };
  const known = LORA_TARGETS.filter((target) => targets.includes(target));
  return {
    ...options,
    ...numbers,
    method: changes.method === 'full' || changes.method === 'lora' ? changes.method : options.method,
    schedule: SCHEDULES.find((schedule) => schedule === changes.schedule) ?? options.schedule,
    lora: {
      rank: Math.round(between(rank, ...LORA_RANGES.rank, options.lora.rank)),
      alpha: between(alpha, ...LORA_RANGES.alpha, options.lora.alpha),
      targets: known.length > 0 ? known : options.lora.targets,
    },
    heldOut: heldOut(changes.heldOut, options.heldOut),
  };
}

function heldOut(value: unknown, otherwise: TrainingOptions['heldOut']): TrainingOptions['heldOut'] {
  if (value === 'auto') {
    return value;
  }
  return typeof value === 'number' ? between(value, 0, MOST_HELD_OUT, 0) : otherwise;
}

function between(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.max(low, Math.min(high, value))
    : otherwise;
}
