// What the explorer says where heads are ranked by what they do.
import type { HeadQuestion } from '../../src/shared/insight';

/** The questions, in the order in which they are offered. */
export const headQuestions: readonly HeadQuestion[] = [
  'previous',
  'next',
  'itself',
  'sameWord',
  'delimiter',
  'sharpest',
  'even',
  'pair',
];

const questions: Readonly<Record<Exclude<HeadQuestion, 'pair'>, string>> = {
  previous: 'Previous token',
  next: 'Next token',
  itself: 'Itself',
  sameWord: 'Same word',
  delimiter: 'Delimiters',
  sharpest: 'Sharpest',
  even: 'Most even',
};

const meanings: Readonly<Record<HeadQuestion, string>> = {
  previous: 'Mean weight on the token before, over all tokens that have one.',
  next: 'Mean weight on the token after, over all tokens that have one; 0 where the mask hides it.',
  itself: 'Mean weight of a token on itself.',
  sameWord: 'Mean weight on other tokens of the same word, here or elsewhere in the text.',
  delimiter: 'Mean weight on punctuation and special tokens such as </s>.',
  sharpest:
    '1 − H ÷ ln n, the mean over rows with entropy H and n keys: 1 where every token looks at one other.',
  even: 'H ÷ ln n, the mean over rows with entropy H and n keys: 1 where every token looks at all alike.',
  pair: 'Weight of the pinned pair.',
};

export const headFinderStrings = {
  title: 'Find a head',
  caption: 'by what it does on this text',
  switch: 'Beside the heads',
  selected: 'Selected',
  find: 'Find a head',
  question: 'Rank heads by',
  name: (question: HeadQuestion, pair: string | undefined): string =>
    question === 'pair' ? (pair ?? 'Pinned pair') : questions[question],
  meaning: (question: HeadQuestion): string => meanings[question],
  crossMeaning: ' In cross-attention by position in the other text.',
  list: (question: string) => `Heads by ${question}. Arrow keys move, Enter goes to the head.`,
  place: (layer: number, head: number) => `${layer}·${head}`,
  head: (place: number, layer: number, head: number, score: string) =>
    `${place}. Layer ${layer}, head ${head}: ${score}`,
  noPair: 'Pin a pair first: click a cell of the matrix.',
  nowhere: 'No head does: every score is 0 on this text.',
  chosen: (layer: number, head: number) => `Layer ${layer}, head ${head}`,
} as const;
