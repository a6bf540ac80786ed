// Which settings each way of decoding has, and which values they may have. Pure: the form draws it, the engine checks it again.
import type { Decoding } from '../../src/shared/translation';
import { formatFactor } from '../format';
import type { NumberRange } from '../side/numberRange';
import { readNumber } from '../side/numberRange';
import { translationStrings as strings } from '../strings/translationStrings';

export type NumberField = Exclude<keyof Decoding, 'method'>;

/** As the user settings in package.json have them, and within what the engine takes. */
const ranges: Readonly<Record<NumberField, Required<Pick<NumberRange, 'least' | 'most' | 'whole'>>>> = {
  beams: { least: 1, most: 16, whole: true },
  hypotheses: { least: 1, most: 16, whole: true },
  lengthPenalty: { least: 0, most: 4, whole: false },
  temperature: { least: 0.05, most: 5, whole: false },
  topK: { least: 0, most: 1000, whole: true },
  topP: { least: 0.01, most: 1, whole: false },
  seed: { least: 0, most: 2 ** 31 - 1, whole: true },
  noRepeat: { least: 0, most: 8, whole: true },
  repetitionPenalty: { least: 1, most: 3, whole: false },
  maxLength: { least: 0, most: 512, whole: true },
};

const common: readonly NumberField[] = ['noRepeat', 'repetitionPenalty', 'maxLength'];

const applying: Readonly<Record<Decoding['method'], readonly NumberField[]>> = {
  greedy: common,
  beam: ['beams', 'hypotheses', 'lengthPenalty', ...common],
  sample: ['temperature', 'topK', 'topP', 'seed', 'hypotheses', ...common],
};

/** The settings that a method has, in the order in which they are shown. */
export function fieldsOf(method: Decoding['method']): readonly NumberField[] {
  return applying[method];
}

/** Reads what was typed: the number, or what is wrong with it. */
export function readField(
  field: NumberField,
  text: string,
  decoding: Decoding,
): { readonly value: number } | { readonly problem: string } {
  const range = ranges[field];
  const value = readNumber(text, range);
  if (value === undefined) {
    return { problem: strings.range(written(range.least), written(range.most), range.whole) };
  }
  if (field === 'hypotheses' && decoding.method === 'beam' && value > decoding.beams) {
    return { problem: strings.atMostBeams(decoding.beams) };
  }
  return { value };
}

/** The change that a new value makes: fewer beams cannot give more hypotheses than there are of them. */
export function changeOf(field: NumberField, value: number, decoding: Decoding): Partial<Decoding> {
  return field === 'beams' && decoding.hypotheses > value
    ? { beams: value, hypotheses: value }
    : { [field]: value };
}

/** A value as the field shows it: whole numbers, such as a seed, with all their digits. */
export function written(value: number): string {
  return Number.isInteger(value) && value >= 0 ? String(value) : formatFactor(value);
}
