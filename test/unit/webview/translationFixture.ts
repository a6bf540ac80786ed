// Small sentences, hypotheses and explanations for the tests of the Translation view; the numbers mean nothing.
import type { TokenSequence } from '../../../src/shared/tokens';
import type { TranslationExplanation, TranslationHypothesis } from '../../../src/shared/translation';
import type { SentenceTranslation, TranslationState } from '../../../src/shared/translationPage';
import { DEFAULT_DECODING } from '../../../src/shared/translation';

/** A sequence of words given as lists of pieces, one space between words; `</s>` is the end. Ids count from 10, the end is 0. */
export function sequenceOf(words: readonly (readonly string[])[]): TokenSequence {
  const tokens: TokenSequence['tokens'][number][] = [];
  const found: TokenSequence['words'][number][] = [];
  let text = '';
  for (const pieces of words) {
    const special = pieces[0] === '</s>';
    text += special || text === '' ? '' : ' ';
    const [first, start] = [tokens.length, text.length];
    for (const piece of pieces) {
      const at = special ? -1 : text.length;
      tokens.push({
        id: special ? 0 : 10 + tokens.length,
        piece,
        label: piece,
        start: at,
        end: special ? -1 : at + piece.length,
        word: found.length,
        special,
      });
      text += special ? '' : piece;
    }
    found.push({
      label: pieces.join(''),
      first,
      last: tokens.length - 1,
      start: special ? -1 : start,
      end: special ? -1 : text.length,
    });
  }
  return { text, tokens, words: found };
}

/** One probability per token of the target. */
export function hypothesisOf(target: TokenSequence, probabilities: readonly number[]): TranslationHypothesis {
  const logProbabilities = probabilities.map(Math.log);
  const logProbability = logProbabilities.reduce((sum, log) => sum + log, 0);
  return {
    target,
    ids: target.tokens.filter(({ special }) => !special).map(({ id }) => id),
    logProbabilities,
    logProbability,
    score: logProbability / logProbabilities.length,
    ended: true,
  };
}

/** `rows` are the weights of each step over the source tokens; every target token is a step. */
export function explanationOf(
  source: TokenSequence,
  target: TokenSequence,
  rows: readonly (readonly number[])[],
): TranslationExplanation {
  return {
    source,
    target,
    steps: rows.map((_, token) => ({ token, probability: 0.5, entropy: 1, alternatives: [] })),
    attention: {
      rows: rows.length,
      columns: source.tokens.length,
      data: Float32Array.from(rows.flat()),
    },
    untranslated: [],
    repeated: [],
  };
}

export function sentenceOf(
  source: TokenSequence,
  hypothesis: TranslationHypothesis,
  more: Partial<SentenceTranslation> = {},
): SentenceTranslation {
  return {
    sentence: 0,
    status: 'done',
    text: hypothesis.target.text,
    source,
    hypotheses: [hypothesis],
    chosen: 0,
    forced: 0,
    doubtful: false,
    note: undefined,
    ...more,
  };
}

export function stateOf(sentences: readonly SentenceTranslation[]): TranslationState {
  return {
    mode: 'translate',
    status: 'done',
    model: 'm',
    source: { document: 'a.md', line: 1, places: 1, writable: true },
    passages: [
      {
        parts: sentences.map(({ sentence, source }) => ({
          kind: 'sentence',
          text: source?.text ?? '',
          sentence,
        })),
      },
    ],
    sentences,
    progress: { sentences: sentences.length, of: sentences.length, tokens: 3, milliseconds: 10 },
    languages: [],
    sourceLanguages: [],
    language: 'de',
    sourceLanguage: undefined,
    follow: false,
    decoding: DEFAULT_DECODING,
    heads: { layer: 'all', head: 'mean' },
    layers: 2,
    headsPerLayer: 4,
    confidence: 0.5,
    error: undefined,
  };
}
