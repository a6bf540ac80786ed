// The settings of a training: which apply, which values they may have, and what a new value changes. Pure.
import type { TrainingOptions } from '../../src/shared/training';
import {
  LORA_RANGES,
  TRAINING_RANGES,
  TRAINING_RATES,
  WHOLE_OPTIONS,
} from '../../src/shared/trainingDefaults';
import type { NumberRange } from '../side/numberRange';
import { readNumber } from '../side/numberRange';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { formatTick } from './trainingFormat';

/** Settings that are one number. */
export type NumberSetting = keyof typeof LORA_RANGES | keyof typeof TRAINING_RANGES;

function rangeOf(setting: NumberSetting): Required<Omit<NumberRange, 'above'>> {
  const [least, most] =
    setting === 'rank' || setting === 'alpha' ? LORA_RANGES[setting] : TRAINING_RANGES[setting];
  return { least, most, whole: WHOLE_OPTIONS.includes(setting) };
}

/** The settings that come after the method, in the order in which they are shown. */
export function settingsOf(options: TrainingOptions): readonly NumberSetting[] {
  return [
    ...(options.method === 'lora' ? (['rank', 'alpha'] as const) : []),
    'steps',
    'batch',
    'accumulate',
    'rate',
    'warmup',
    'weightDecay',
    'clip',
    'labelSmoothing',
    'dropout',
    'strength',
    'seed',
    'saveEvery',
  ];
}

export function settingOf(options: TrainingOptions, setting: NumberSetting): number {
  return setting === 'rank' || setting === 'alpha' ? options.lora[setting] : options[setting];
}

/** Reads what was typed: the number, or what is wrong with it. */
export function readSetting(
  setting: NumberSetting,
  text: string,
): { readonly value: number } | { readonly problem: string } {
  const range = rangeOf(setting);
  const value = readNumber(text, range);
  if (value === undefined) {
    return { problem: strings.range(range.whole, formatTick(range.least), formatTick(range.most)) };
  }
  return { value };
}

/** The change that a new value makes. */
export function changeOf(
  setting: NumberSetting,
  value: number,
  options: TrainingOptions,
): Partial<TrainingOptions> {
  if (setting === 'rank' || setting === 'alpha') {
    return { lora: { ...options.lora, [setting]: value } };
  }
  return { [setting]: value };
}

/** The change to another method; a rate that was the method's own becomes that of the other. */
export function methodChange(
  method: TrainingOptions['method'],
  options: TrainingOptions,
): Partial<TrainingOptions> {
  const own = options.schedule !== 'paper' && options.rate === TRAINING_RATES[options.method];
  return own ? { method, rate: TRAINING_RATES[method] } : { method };
}

/** Shares that can be held out, as the values of a dropdown; one that was set elsewhere is among them. */
export function heldOutChoices({ heldOut }: TrainingOptions): readonly (number | 'auto')[] {
  const usual: readonly (number | 'auto')[] = ['auto', 0, 0.05, 0.1, 0.2, 0.3];
  return usual.includes(heldOut) ? usual : [...usual, heldOut];
}
