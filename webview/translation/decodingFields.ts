// Which settings each way of decoding has, and which values they may have. Pure: the form draws it, the engine checks it again.
import type { Decoding } from '../../src/shared/translation';
import type { NumberRange } from '../side/numberRange';
import { readNumber } from '../side/numberRange';
import { translationStrings as strings } from '../strings/translationStrings';

export type NumberField = Exclude<keyof Decoding, 'method'>;

const ranges: Readonly<Record<NumberField, NumberRange>> = {
  beams: { least: 1, most: 32, whole: true },
  hypotheses: { least: 1, most: 32, whole: true },
  lengthPenalty: { least: -10, most: 10 },
  temperature: { least: 0, most: 100, above: true },
  topK: { least: 0, whole: true },
  topP: { least: 0, most: 1, above: true },
  seed: { least: 0, most: 2 ** 32 - 1, whole: true },
  noRepeat: { least: 0, whole: true },
  repetitionPenalty: { least: 0, most: 10, above: true },
  maxLength: { least: 0, whole: true },
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
    const { least, most, whole, above } = range;
    return {
      problem:
        above && most !== undefined ? strings.aboveZero(most) : strings.range(least, most, whole === true),
    };
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
