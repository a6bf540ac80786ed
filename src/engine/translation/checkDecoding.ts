// Checks what a translation is asked: every setting within its range, named where it is not.
import { UserError } from '../../shared/errors';
import type { Decoding, TranslateRequest } from '../../shared/translation';

/** Sequences that can be asked for at most: each is a row of the batch. */
export const MOST_SEQUENCES = 64;
const LARGEST_SEED = 2 ** 32 - 1;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
  /** Whether `from` itself is outside. */
  readonly above?: boolean;
}

const whole = (from: number, to: number): Range => ({ from, to, whole: true });
const number = (from: number, to: number): Range => ({ from, to, whole: false });
const above = (from: number, to: number): Range => ({ from, to, whole: false, above: true });

const ranges: Readonly<Record<Exclude<keyof Decoding, 'method'>, Range>> = {
  beams: whole(1, MOST_SEQUENCES),
  hypotheses: whole(1, MOST_SEQUENCES),
  lengthPenalty: number(0, 5),
  temperature: above(0, 100),
  topK: whole(0, 1e9),
  topP: above(0, 1),
  seed: whole(0, LARGEST_SEED),
  noRepeat: whole(0, 1000),
  repetitionPenalty: above(0, 100),
  maxLength: whole(0, 1e6),
};

/** @throws UserError `badRequest` with details `field`, `from` and `to`. */
export function checkDecoding(decoding: Decoding): void {
  if (!['greedy', 'beam', 'sample'].includes(decoding.method)) {
    throw bad(`The method of decoding is greedy, beam or sample, not "${decoding.method}".`, {
      field: 'method',
    });
  }
  for (const [name, range] of Object.entries(ranges)) {
    const value = decoding[name as keyof typeof ranges];
    const { from, to } = range;
    if (!isInside(value, range)) {
      const what = range.whole ? 'a whole number' : 'a number';
      const between = range.above ? `above ${from} and at most ${to}` : `from ${from} to ${to}`;
      throw bad(`${name} is ${what} ${between}, not ${value}.`, { field: name, from, to });
    }
  }
}

/** @throws UserError `badRequest` for a beginning of several texts, or one that the vocabulary cannot spell. */
export function checkBegin({ begin = [], texts }: TranslateRequest, vocabulary: number): void {
  if (begin.length > 0 && texts.length > 1) {
    throw bad('Only a single text can be given what its translation begins with.', { field: 'begin' });
  }
  checkTokenIds(begin, vocabulary, 'begin');
}

/** @throws UserError `badRequest` */
export function checkTokenIds(ids: readonly number[], vocabulary: number, field: string): void {
  const stranger = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (stranger !== undefined) {
    throw bad(`${field} holds ${stranger}, but ids of this model are from 0 to ${vocabulary - 1}.`, {
      field,
    });
  }
}

function isInside(value: number, { from, to, whole: isWhole, above: isAbove }: Range): boolean {
  const enough = isAbove ? value > from : value >= from;
  return enough && value <= to && (!isWhole || Number.isInteger(value));
}

function bad(message: string, details: Record<string, string | number>): UserError {
  return new UserError('badRequest', message, details);
}
