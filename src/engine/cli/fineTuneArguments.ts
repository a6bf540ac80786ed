// The options of the verb `fine-tune`: each sets one number of the training, the others keep their defaults.
import { UserError } from '../../shared/errors';
import type { LoraTarget, TrainingOptions, TrainingTask } from '../../shared/training';
import {
  LORA_RANGES,
  LORA_TARGETS,
  MOST_HELD_OUT,
  stepsFor,
  TRAINING_DEFAULTS,
  TRAINING_RANGES,
  TRAINING_RATES,
  WHOLE_OPTIONS,
} from '../../shared/trainingDefaults';

export const fineTuneOptions = {
  data: { type: 'string' },
  second: { type: 'string' },
  task: { type: 'string' },
  method: { type: 'string' },
  rank: { type: 'string' },
  alpha: { type: 'string' },
  'lora-targets': { type: 'string' },
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
      --lora-targets LIST    of query,key,value,output,feedForward: what lora adapts; default: all of them
      --steps N --batch N --accumulate N --rate R --schedule constant|cosine|linear|paper --warmup N
      --weight-decay W --clip N --label-smoothing E --dropout P --seed N
      --strength S           share of the change that is kept in the end, up to 1
      --held-out SHARE       of the examples, to measure with; default: a tenth from 30 examples on;
                             of running text, an example is a paragraph, or as much of it as is read at once`;

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

/** Of each option that is a number, both ends included. */
const RANGES = {
  ...TRAINING_RANGES,
  ...LORA_RANGES,
  'weight-decay': TRAINING_RANGES.weightDecay,
  'label-smoothing': TRAINING_RANGES.labelSmoothing,
  'held-out': [0, MOST_HELD_OUT],
} as const;

/** @throws UserError `badRequest` naming the option. */
export function fineTuneArguments(values: Values): FineTuneArguments {
  if (values.data === undefined) {
    throw bad('fine-tune needs --data FILE.');
  }
  const number = (name: keyof typeof RANGES & keyof Values, otherwise: number): number => {
    const text = values[name];
    const value = Number(text ?? otherwise);
    const [least, most] = RANGES[name];
    const isWhole = WHOLE_OPTIONS.includes(name);
    if (text?.trim() === '' || !(value >= least && value <= most) || (isWhole && value % 1 !== 0)) {
      throw bad(`--${name} is a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}".`);
    }
    return value;
  };
  // Data that decide how many steps there are otherwise are read later.
  number('steps', TRAINING_DEFAULTS.steps);
  const method = oneOf('method', values.method, METHODS) ?? TRAINING_DEFAULTS.method;
  const given: Omit<TrainingOptions, 'steps'> = {
    method,
    lora: {
      rank: number('rank', TRAINING_DEFAULTS.lora.rank),
      alpha: number('alpha', TRAINING_DEFAULTS.lora.alpha),
      targets: targetsOf(values['lora-targets']),
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

function targetsOf(list: string | undefined): readonly LoraTarget[] {
  const names = list?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !LORA_TARGETS.some((target) => target === name));
  if (unknown !== undefined) {
    throw bad(`--lora-targets is a list of ${LORA_TARGETS.join(', ')}; "${unknown}" is none of them.`);
  }
  return LORA_TARGETS.filter((target) => names?.includes(target) ?? true);
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
