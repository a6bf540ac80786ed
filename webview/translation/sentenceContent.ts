// What is to be drawn of one sentence on one side: its text, its words, and what is remarkable about them. Pure.
import type { TokenSequence } from '../../src/shared/tokens';
import type { TranslationExplanation } from '../../src/shared/translation';
import type { SentenceTranslation } from '../../src/shared/translationPage';
import { formatWeight } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import { chosenOf, wordProbabilities } from './confidence';

export type TextSide = 'source' | 'target';

export type Mark = 'unsure' | 'doubtful' | 'untranslated' | 'repeated' | 'forced';

/** A word that can be seen, with its place in the sentence's text. */
export interface DrawnWord {
  /** Index into the sequence's words. */
  readonly word: number;
  readonly start: number;
  readonly end: number;
  readonly marks: readonly Mark[];
  readonly title: string;
}

export interface SentenceContent {
  readonly text: string;
  readonly words: readonly DrawnWord[];
  /** Not there yet: the text only keeps its place. */
  readonly waiting: boolean;
  readonly failed: boolean;
  /** Only the beginning is there, and nothing goes on with it. */
  readonly unfinished: boolean;
}

/** The source needs no translation to be drawn; its words are known when the model has read it. */
export function sourceContent(
  text: string,
  sentence: SentenceTranslation | undefined,
  explanation: TranslationExplanation | undefined,
): SentenceContent {
  const untranslated = new Set(explanation?.untranslated);
  const sequence = sentence?.source;
  return {
    text,
    words:
      sequence?.text === text
        ? drawnWords(sequence, (word) =>
            untranslated.has(word) ? [['untranslated', strings.untranslatedHow]] : [],
          )
        : [],
    waiting: false,
    failed: false,
    unfinished: false,
  };
}

/** A word is unsure when one of its tokens is less probable than `confidence`. */
export function targetContent(
  sentence: SentenceTranslation | undefined,
  explanation: TranslationExplanation | undefined,
  confidence: number,
): SentenceContent {
  const hypothesis = sentence && chosenOf(sentence);
  const text = sentence?.text ?? '';
  const waiting = text === '' && sentence?.status !== 'done' && sentence?.status !== 'failed';
  const failed = sentence?.status === 'failed';
  if (!sentence || !hypothesis || hypothesis.target.text !== text) {
    // The text of a sentence that runs grows; that of any other one that is not done has come to a halt.
    const unfinished = text !== '' && (sentence?.status === 'waiting' || failed);
    return { text: waiting ? '…' : unfinished ? `${text}…` : text, words: [], waiting, failed, unfinished };
  }
  const { target } = hypothesis;
  const probabilities = wordProbabilities(hypothesis);
  const repeated = new Set(explanation?.target.text === text ? explanation.repeated : []);
  const words = drawnWords(target, (word) => {
    const probability = probabilities[word];
    return [
      ...(probability !== undefined && probability < confidence
        ? ([
            ['unsure', isOneToken(target, word) ? '' : strings.wordUnsure(formatWeight(probability))],
          ] as const)
        : []),
      ...(sentence.doubtful ? ([['doubtful', (sentence.note ?? '').replace(/\.$/u, '')]] as const) : []),
      ...(repeated.has(word) ? ([['repeated', strings.repeatedHow]] as const) : []),
      ...(target.words[word].first < sentence.forced ? ([['forced', strings.forcedHow]] as const) : []),
    ];
  });
  return { text, words, waiting, failed, unfinished: false };
}

/** Then the card's header has said how probable it is. */
function isOneToken({ words }: TokenSequence, word: number): boolean {
  return words[word].first === words[word].last;
}

function drawnWords(
  { words }: TokenSequence,
  marksOf: (word: number) => readonly (readonly [Mark, string])[],
): DrawnWord[] {
  return words.flatMap(({ start, end }, word) => {
    if (start < 0 || end <= start) {
      return [];
    }
    const marks = marksOf(word);
    return [
      {
        word,
        start,
        end,
        marks: marks.map(([mark]) => mark),
        title: strings.wordTitle(marks.map(([, why]) => why).filter((why) => why !== '')),
      },
    ];
  });
}
