// An engine that translates by writing backwards in capitals, word by word: quick, and easy to recognise. No test in itself.
import { throwIfCancelled, UserError } from '../../../../src/shared/errors';
import type { Translator } from '../../../../src/host/translation/sessionParts';
import type { TokenSequence } from '../../../../src/shared/tokens';
import type {
  TranslatedText,
  TranslateRequest,
  TranslationHypothesis,
} from '../../../../src/shared/translation';

/** Words as tokens, with the end as a special one. */
export function sequenceOf(text: string, end = true): TokenSequence {
  const found = [...text.matchAll(/\S+/gu)];
  const tokens = found.map((match, word) => ({
    id: idOf(match[0]),
    piece: match[0],
    label: match[0],
    start: match.index,
    end: match.index + match[0].length,
    word,
    special: false,
  }));
  const last = { id: 0, piece: '</s>', label: '</s>', start: -1, end: -1, word: found.length, special: true };
  const all = end ? [...tokens, last] : tokens;
  const words = all.map(({ label, start, end: until }, index) => ({
    label,
    start,
    end: until,
    first: index,
    last: index,
  }));
  return { text, tokens: all, words };
}

const VOCABULARY: string[] = ['</s>'];
export function idOf(word: string): number {
  const known = VOCABULARY.indexOf(word);
  return known >= 0 ? known : VOCABULARY.push(word) - 1;
}

/** What the fake says of a text; `variant` counts its hypotheses. */
export type Say = (text: string, variant: number) => string;

export const LOUD: Say = (text, variant) =>
  text.toUpperCase().replaceAll('TOM', 'Tom').replaceAll('MARY', 'Mary') + '!'.repeat(variant);

export class FakeTranslator implements Translator {
  readonly requests: TranslateRequest[] = [];
  /** Called before each step: may throw, or wait. */
  onStep: (step: number, request: TranslateRequest) => void | Promise<void> = () => undefined;

  constructor(private readonly say: Say = LOUD) {}

  translate: Translator['translate'] = async (request, call = {}) => {
    this.requests.push(request);
    const { texts, begin } = request;
    const tooLong = texts.findIndex((text) => text.includes('endless'));
    if (tooLong >= 0) {
      throw new UserError('textTooLong', 'Too long.', { text: tooLong, tokens: 900, limit: 512 });
    }
    const targets = texts.map((text) => this.target(this.say(text, 0), begin));
    for (let step = 1; step <= Math.max(...targets.map((target) => target.split(' ').length)); step++) {
      await new Promise((resolve) => setTimeout(resolve));
      await this.onStep(step, request);
      throwIfCancelled(call.signal);
      const partial = { texts: targets.map((target) => target.split(' ').slice(0, step).join(' ')), step };
      call.onProgress?.({ message: '', done: step, total: 0, partial });
    }
    return texts.map((text, index): TranslatedText => {
      const others = begin ? [] : [1, 2].map((variant) => this.say(text, variant));
      return { source: sequenceOf(text), hypotheses: [targets[index], ...others].map(hypothesis) };
    });
  };

  explainTranslation: Translator['explainTranslation'] = async ({ text, ids }) => {
    const source = sequenceOf(text);
    const target = sequenceOf(ids.map((id) => VOCABULARY[id]).join(' '));
    const rows = target.tokens.length;
    const columns = source.tokens.length;
    const data = new Float32Array(rows * columns);
    target.tokens.forEach((_, row) => (data[row * columns + Math.min(row, columns - 1)] = 1));
    const steps = target.tokens.map((_, token) => ({ token, probability: 1, entropy: 0, alternatives: [] }));
    return { source, target, steps, attention: { rows, columns, data }, untranslated: [0], repeated: [] };
  };

  private target(text: string, begin: readonly number[] | undefined): string {
    return begin ? [...begin.map((id) => VOCABULARY[id]), 'forced', 'rest'].join(' ') : text;
  }
}

function hypothesis(text: string): TranslationHypothesis {
  const target = sequenceOf(text);
  const ids = target.tokens.slice(0, -1).map(({ id }) => id);
  const logProbabilities = target.tokens.map(() => -0.1);
  const logProbability = logProbabilities.reduce((sum, value) => sum + value, 0);
  return {
    target,
    ids,
    logProbabilities,
    logProbability,
    score: logProbability / logProbabilities.length,
    ended: true,
  };
}
