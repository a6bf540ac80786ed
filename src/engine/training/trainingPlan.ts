// From the settings that a person chooses to what trainer and graph are told.
import { UserError } from '../../shared/errors';
import type { TrainingOptions } from '../../shared/training';
import type { Schedule } from '../../training/schedule';
import type { TrainerOptions } from '../../training/trainer';
import type { Method } from '../../training/trainingModel';

/** As `torch.optim.AdamW` has them. */
const BETAS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Tokens of one run, padding included: what keeps the activations of a small Transformer below a gigabyte. */
const MOST_TOKENS = 4096;

const LIMITS: readonly (readonly [keyof TrainingOptions, least: number, most: number, whole?: boolean])[] = [
  ['steps', 1, 1_000_000, true],
  ['batch', 1, 4096, true],
  ['accumulate', 1, 1024, true],
  ['rate', Number.MIN_VALUE, 100],
  ['warmup', 0, 1_000_000, true],
  ['weightDecay', 0, 1],
  ['clip', 0, 1e6],
  ['labelSmoothing', 0, 0.99],
  ['dropout', 0, 0.9],
  ['strength', Number.MIN_VALUE, 1],
  ['seed', 0, 2 ** 32 - 1, true],
  ['saveEvery', 1, 1_000_000, true],
];

/** @throws UserError `badRequest` naming the setting and its range. */
export function checkTrainingOptions(options: TrainingOptions): void {
  for (const [field, least, most, whole] of LIMITS) {
    const value = options[field];
    if (typeof value !== 'number' || !(value >= least && value <= most) || (whole && value % 1 !== 0)) {
      const from = least === Number.MIN_VALUE ? 'above 0' : `from ${least}`;
      const kind = whole ? 'a whole number' : 'a number';
      const message = `The setting "${field}" of the training must be ${kind} ${from} to ${most}; it is ${String(value)}.`;
      throw new UserError('badRequest', message, { field });
    }
  }
  const { heldOut, lora, method } = options;
  if (heldOut !== 'auto' && !(heldOut >= 0 && heldOut <= 0.9)) {
    throw new UserError('badRequest', 'The held-out share must be from 0 to 0.9, or auto.', {
      field: 'heldOut',
    });
  }
  if (method === 'lora' && (!(lora.rank >= 1 && lora.rank % 1 === 0) || !(lora.alpha > 0))) {
    throw new UserError('badRequest', 'LoRA needs a whole rank of at least 1 and an alpha above 0.', {
      field: 'lora',
    });
  }
}

export function methodOf({ method, lora }: TrainingOptions): Method {
  return method === 'full' ? { kind: 'full' } : { kind: 'lora', ...lora };
}

/** @param width d_model. */
export function trainerOptions(options: TrainingOptions, width: number): TrainerOptions {
  const { steps, batch, accumulate, seed, weightDecay, clip, labelSmoothing, dropout, saveEvery } = options;
  return {
    steps,
    batches: { tokens: MOST_TOKENS, examples: batch, accumulation: accumulate, seed },
    schedule: scheduleOf(options, width),
    optimiser: { ...BETAS, weightDecay },
    clip,
    labelSmoothing,
    dropout,
    evaluateEvery: saveEvery,
  };
}

function scheduleOf({ schedule: kind, rate, warmup, steps }: TrainingOptions, width: number): Schedule {
  switch (kind) {
    case 'paper':
      return { kind, width, warmup, factor: rate };
    case 'constant':
      return { kind, rate, warmup };
    case 'cosine':
    case 'linear':
      return { kind, rate, warmup, steps };
    default:
      return kind satisfies never;
  }
}
