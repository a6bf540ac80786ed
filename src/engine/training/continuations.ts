// How a decoder-only model goes on from the first half of examples: what a training on running text has changed, to be read.
import type { CallOptions } from '../../shared/protocol';
import { DEFAULT_DECODING } from '../../shared/translation';
import type { Model } from '../model';
import { continueTexts } from '../translation/continueTexts';

/** Words of the beginning and of what follows it, at most: enough to recognise a text by. */
const MOST_WORDS = 16;

/** A text in two. */
export interface CutText {
  readonly begin: string;
  readonly rest: string;
}

/** A model that has learned where texts end would stop after such a word. */
const ENDS = /[.!?…]["')\]]*$/u;

/** Cuts a text near its middle, between two words of one sentence; undefined where there is no such place. */
export function cutText(text: string): CutText | undefined {
  const words = [...text.trim().matchAll(/\S+/gu)];
  let middle = Math.ceil(words.length / 2);
  while (middle > 0 && ENDS.test(words[middle - 1][0])) {
    middle--;
  }
  if (middle === 0 || middle === words.length) {
    return undefined;
  }
  const at = (word: number): number => words[word]?.index ?? text.length;
  return {
    begin: text
      .trim()
      .slice(at(Math.max(0, middle - MOST_WORDS)), at(middle))
      .trimEnd(),
    rest: text
      .trim()
      .slice(at(middle), at(Math.min(words.length, middle + MOST_WORDS)))
      .trimEnd(),
  };
}

/**
 * Greedy continuations, as many words long as the rests.
 *
 * @throws UserError as `continueTexts`
 */
export async function continuations(
  model: Model,
  id: string,
  texts: readonly CutText[],
  { signal }: CallOptions,
): Promise<string[]> {
  const decoding = {
    ...DEFAULT_DECODING,
    method: 'greedy',
    hypotheses: 1,
    maxLength: 2 * MOST_WORDS,
  } as const;
  const begins = texts.map(({ begin }) => begin);
  const found = await continueTexts(model, { model: id, texts: begins, decoding }, { signal });
  return found.map(({ hypotheses: [best] }, i) => firstWords(best.target.text, wordsIn(texts[i].rest)));
}

const wordsIn = (text: string): number => text.match(/\S+/gu)?.length ?? 0;

function firstWords(text: string, count: number): string {
  return (text.trim().match(/\S+/gu) ?? []).slice(0, count).join(' ');
}
