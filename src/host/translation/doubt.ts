// Whether a translation is to be doubted: whether the search's own numbers say that the model made it up. Pure.
import type { TokenSequence } from '../../shared/tokens';
import type { TranslationHypothesis } from '../../shared/translation';

/** One text as the model read it, and what it said. */
export interface Said {
  readonly source: TokenSequence;
  readonly hypothesis: TranslationHypothesis;
}

/** Why a translation is doubted: it says nothing, says far more than there is, or the model was unsure of every word. */
export type Doubt = 'empty' | 'long' | 'unsure';

/**
 * A text is doubted when the geometric mean of the probabilities of its tokens, the end included, is below it. Measured with the shipped
 * translator (`npm run bench -- doubt`): the tenth of all sentences that lies below scores 29 chrF, all together 51. Pieces that are no
 * sentence are wrong far more often at the same probability.
 */
const UNSURE_BELOW = { sentence: 0.43, piece: 0.53 } as const;
/** Words of a piece at most. */
const PIECE = 3;
/** Tokens that a target may have for each one of its source, and a few that every text may have. */
const TOKENS_PER_TOKEN = 2;
const TOKENS_MORE = 5;

/**
 * Short pieces without a sentence around them, such as headings and cells of tables, are what a translator trained on sentences
 * invents most for.
 *
 * @param said The texts of one sentence.
 * @param forced Tokens at the beginning that the user chose: what they are worth says nothing of the model.
 */
export function doubtOf(said: readonly Said[], forced: number): Doubt | undefined {
  const isBlank = ({ source, hypothesis }: Said) =>
    hasWords(source.text) && !hasWords(hypothesis.target.text);
  if (said.some(isBlank)) {
    return 'empty';
  }
  const read = sum(said, ({ source }) => source.tokens.filter(({ special }) => !special).length);
  const written = sum(said, ({ hypothesis }) => hypothesis.ids.length);
  if (written > TOKENS_PER_TOKEN * read + TOKENS_MORE) {
    return 'long';
  }
  const own = said.flatMap(({ hypothesis }) => hypothesis.logProbabilities).slice(forced);
  const mean = own.reduce((so, each) => so + each, 0) / own.length;
  const least = UNSURE_BELOW[said.every(({ source }) => isPiece(source.text)) ? 'piece' : 'sentence'];
  return own.length > 0 && mean < Math.log(least) ? 'unsure' : undefined;
}

/** A heading or a cell of a table rather than a sentence: a few words, and no sign that ends them. */
function isPiece(text: string): boolean {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  return words <= PIECE && !/[.!?…。！？]\P{L}*$/u.test(text);
}

const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

function sum(said: readonly Said[], of: (each: Said) => number): number {
  return said.reduce((so, each) => so + of(each), 0);
}
