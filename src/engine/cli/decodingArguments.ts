// The options of the command line that say how tokens are chosen.
import { UserError } from '../../shared/errors';
import type { Decoding } from '../../shared/translation';
import { DEFAULT_DECODING } from '../../shared/translation';

/** As `parseArgs` takes them. */
export const decodingOptions = {
  method: { type: 'string' },
  beams: { type: 'string' },
  'length-penalty': { type: 'string' },
  temperature: { type: 'string' },
  'top-k': { type: 'string' },
  'top-p': { type: 'string' },
  seed: { type: 'string' },
  'no-repeat': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  'max-length': { type: 'string' },
} as const;

type Values = Readonly<Partial<Record<keyof typeof decodingOptions, string>>>;

export const decodingHelp = `      --method NAME          greedy, beam or sample; default: greedy, beam where --beams is given
      --beams N              beam: sequences that are continued side by side; default: ${DEFAULT_DECODING.beams}
      --length-penalty X     beam: score = log-probability / length ** X; default: ${DEFAULT_DECODING.lengthPenalty}
      --temperature X        sample: logits are divided by it; default: ${DEFAULT_DECODING.temperature}
      --top-k N              sample: only the N likeliest tokens; default: 0, all
      --top-p X              sample: only the likeliest tokens that reach this probability; default: 1, all
      --seed N               sample: the same seed writes the same text; default: ${DEFAULT_DECODING.seed}
      --no-repeat N          no N tokens in a row occur twice; default: 0, off
      --repetition-penalty X lowers the logits of tokens that occurred; default: 1, off
      --max-length N         tokens to write at most; default: by the length of the source`;

/** @throws UserError `badRequest` naming an option that is no number; ranges are checked where decoding begins. */
export function decodingOf(values: Values): Decoding {
  const { method = values.beams === undefined ? 'greedy' : 'beam' } = values;
  if (method !== 'greedy' && method !== 'beam' && method !== 'sample') {
    throw bad(`--method is greedy, beam or sample, not "${method}".`);
  }
  const number = (name: Exclude<keyof Values, 'method'>, otherwise: number): number => {
    const value = values[name];
    if (value === undefined) {
      return otherwise;
    }
    if (value.trim() === '' || !Number.isFinite(Number(value))) {
      throw bad(`--${name} is a number, not "${value}".`);
    }
    return Number(value);
  };
  return {
    method,
    beams: number('beams', DEFAULT_DECODING.beams),
    // Each line is answered with one.
    hypotheses: 1,
    lengthPenalty: number('length-penalty', DEFAULT_DECODING.lengthPenalty),
    temperature: number('temperature', DEFAULT_DECODING.temperature),
    topK: number('top-k', DEFAULT_DECODING.topK),
    topP: number('top-p', DEFAULT_DECODING.topP),
    seed: number('seed', DEFAULT_DECODING.seed),
    noRepeat: number('no-repeat', DEFAULT_DECODING.noRepeat),
    repetitionPenalty: number('repetition-penalty', DEFAULT_DECODING.repetitionPenalty),
    maxLength: number('max-length', DEFAULT_DECODING.maxLength),
  };
}

function bad(message: string): UserError {
  return new UserError('badRequest', `${message} See --help.`);
}
