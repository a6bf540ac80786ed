// From the settings that a person chooses to what trainer and graph are told.
import { UserError } from '../../shared/errors';
import type { TrainingOptions } from '../../shared/training';
import { LORA_RANGES, MOST_HELD_OUT, TRAINING_RANGES, WHOLE_OPTIONS } from '../../shared/trainingDefaults';
import type { Schedule } from '../../training/schedule';
import type { TrainerOptions } from '../../training/trainer';
import type { Method } from '../../training/trainingModel';

/** As `torch.optim.AdamW` has them. */
const BETAS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Tokens of one run, padding included: what keeps the activations of a small Transformer below a gigabyte. */
const MOST_TOKENS = 4096;

/** @throws UserError `badRequest` naming the setting and its range. */
export function checkTrainingOptions(options: TrainingOptions): void {
  const { heldOut, lora, method } = options;
  for (const [field, range] of Object.entries(TRAINING_RANGES)) {
    checkNumber(field, options[field as keyof typeof TRAINING_RANGES], range);
  }
  if (heldOut !== 'auto') {
    checkNumber('heldOut', heldOut, [0, MOST_HELD_OUT]);
  }
  if (method === 'lora') {
    checkNumber('rank', lora.rank, LORA_RANGES.rank);
    checkNumber('alpha', lora.alpha, LORA_RANGES.alpha);
  }
}

function checkNumber(field: string, value: unknown, [least, most]: readonly [number, number]): void {
  const isWhole = WHOLE_OPTIONS.includes(field);
  if (typeof value !== 'number' || !(value >= least && value <= most) || (isWhole && value % 1 !== 0)) {
    const kind = isWhole ? 'a whole number' : 'a number';
    const message = `The setting "${field}" of the training must be ${kind} from ${least} to ${most}; it is ${String(value)}.`;
    throw new UserError('badRequest', message, { field });
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
