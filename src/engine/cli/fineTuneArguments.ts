// The options of the verb `fine-tune`: each sets one number of the training, the others keep their defaults.
import { UserError } from '../../shared/errors';
import type { TrainingOptions, TrainingTask } from '../../shared/training';
import { stepsFor, TRAINING_DEFAULTS, TRAINING_RATES } from '../../shared/trainingDefaults';

export const fineTuneOptions = {
  data: { type: 'string' },
  second: { type: 'string' },
  task: { type: 'string' },
  method: { type: 'string' },
  rank: { type: 'string' },
  alpha: { type: 'string' },
  steps: { type: 'string' },
  batch: { type: 'string' },
  accumulate: { type: 'string' },
  schedule: { type: 'string' },
  rate: { type: 'string' },
  warmup: { type: 'string' },
  'weight-decay': { type: 'string' },
  clip: { type: 'string' },
  'label-smoothing': { type: 'string' },
  dropout: { type: 'string' },
  strength: { type: 'string' },
  'held-out': { type: 'string' },
  seed: { type: 'string' },
} as const;

export const fineTuneHelp = `      --data FILE            source, tab, target in each line; JSON lines; running text; label, tab, text
      --second FILE          the second of two parallel texts
      --task NAME            translation, causal, masked or classification, where the data do not tell
      --method NAME          full (default) or lora, with --rank and --alpha
      --steps N --batch N --accumulate N --rate R --schedule constant|cosine|linear|paper --warmup N
      --weight-decay W --clip N --label-smoothing E --dropout P --seed N
      --strength S           share of the change that is kept in the end, up to 1
      --held-out SHARE       of the examples, to measure with; default: a tenth from 30 examples on`;

type Values = { readonly [K in keyof typeof fineTuneOptions]?: string };

export interface FineTuneArguments {
  readonly data: string;
  readonly second: string | undefined;
  readonly task: TrainingTask | undefined;
  /** @param examples How many there are: larger data need more steps. */
  readonly options: (examples: number) => TrainingOptions;
}

const TASKS: readonly TrainingTask[] = ['translation', 'causal', 'masked', 'classification'];
const METHODS = ['full', 'lora'] as const;
const SCHEDULES = ['constant', 'cosine', 'linear', 'paper'] as const;

/** @throws UserError `badRequest` naming the option. */
export function fineTuneArguments(values: Values): FineTuneArguments {
  if (values.data === undefined) {
    throw bad('fine-tune needs --data FILE.');
  }
  const number = (name: keyof Values, otherwise: number): number => {
    const text = values[name];
    const value = Number(text ?? otherwise);
    if (text?.trim() === '' || !Number.isFinite(value)) {
      throw bad(`--${name} is a number, not "${text}".`);
    }
    return value;
  };
  const method = oneOf('method', values.method, METHODS) ?? TRAINING_DEFAULTS.method;
  const given: Omit<TrainingOptions, 'steps'> = {
    method,
    lora: {
      ...TRAINING_DEFAULTS.lora,
      rank: number('rank', TRAINING_DEFAULTS.lora.rank),
      alpha: number('alpha', TRAINING_DEFAULTS.lora.alpha),
    },
    batch: number('batch', TRAINING_DEFAULTS.batch),
    accumulate: number('accumulate', TRAINING_DEFAULTS.accumulate),
    schedule: oneOf('schedule', values.schedule, SCHEDULES) ?? TRAINING_DEFAULTS.schedule,
    rate: number('rate', TRAINING_RATES[method]),
    warmup: number('warmup', TRAINING_DEFAULTS.warmup),
    weightDecay: number('weight-decay', TRAINING_DEFAULTS.weightDecay),
    clip: number('clip', TRAINING_DEFAULTS.clip),
    labelSmoothing: number('label-smoothing', TRAINING_DEFAULTS.labelSmoothing),
    dropout: number('dropout', TRAINING_DEFAULTS.dropout),
    strength: number('strength', TRAINING_DEFAULTS.strength),
    heldOut: values['held-out'] === undefined ? 'auto' : number('held-out', 0),
    seed: number('seed', TRAINING_DEFAULTS.seed),
    saveEvery: TRAINING_DEFAULTS.saveEvery,
  };
  return {
    data: values.data,
    second: values.second,
    task: oneOf('task', values.task, TASKS),
    options: (examples) => {
      const all = { ...given, steps: TRAINING_DEFAULTS.steps };
      return { ...all, steps: number('steps', stepsFor(examples, all)) };
    },
  };
}

function oneOf<T extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly T[],
): T | undefined {
  const found = allowed.find((each) => each === value);
  if (value !== undefined && found === undefined) {
    throw bad(`--${name} is ${allowed.join(', ')}, not "${value}".`);
  }
  return found;
}

function bad(message: string): UserError {
  return new UserError('badRequest', `${message} See --help.`);
}
