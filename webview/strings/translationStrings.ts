// Every sentence and word that the Translation view shows.
import type { Decoding } from '../../src/shared/translation';
import type {
  TranslationProgress,
  TranslationSource,
  TranslationState,
} from '../../src/shared/translationPage';
import { formatCount, formatFactor, formatNumber } from '../format';

const plural = (count: number, one: string, many: string) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

type Mode = TranslationState['mode'];

const sections: Readonly<Record<Mode, Readonly<Record<'source' | 'target' | 'others', string>>>> = {
  translate: { source: 'Source', target: 'Translation', others: 'Other translations' },
  continue: { source: 'Text', target: 'Continuation', others: 'Other continuations' },
};

const fields: Readonly<Record<keyof Decoding, string>> = {
  method: 'Method',
  beams: 'Beams',
  hypotheses: 'Hypotheses',
  lengthPenalty: 'Length penalty',
  temperature: 'Temperature',
  topK: 'Top-k',
  topP: 'Top-p',
  seed: 'Seed',
  noRepeat: 'No-repeat n-gram',
  repetitionPenalty: 'Repetition penalty',
  maxLength: 'Maximum length',
};

const hints: Readonly<Record<keyof Decoding, string>> = {
  method: 'How tokens are chosen',
  beams: 'Sequences that are continued side by side',
  hypotheses: 'Translations to keep',
  lengthPenalty: 'A hypothesis is worth its log-probability ÷ length to this power; more favours longer ones',
  temperature: 'Logits are divided by it: below 1 sharper, above 1 more varied',
  topK: 'Only so many of the likeliest tokens; 0 for all',
  topP: 'Only the likeliest tokens that together reach this probability; 1 for all',
  seed: 'The same seed gives the same text',
  noRepeat: 'No run of so many tokens occurs twice; 0 allows all',
  repetitionPenalty: 'Tokens that occurred become less likely above 1; 1 changes nothing',
  maxLength: 'Tokens at most, the end included; 0 leaves it to the model and the source',
};

const methods: Readonly<Record<Decoding['method'], string>> = {
  greedy: 'Greedy',
  beam: 'Beam',
  sample: 'Sample',
};

const methodHints: Readonly<Record<Decoding['method'], string>> = {
  greedy: 'The likeliest token at every step',
  beam: 'Several beginnings side by side, the best whole one wins',
  sample: 'Tokens at random, by their probabilities',
};

export const translationStrings = {
  sections,
  comesFrom: 'Comes from',
  wordComesFrom: (word: string) => `${word} comes from`,
  wordGoesTo: (word: string) => `${word} goes to`,
  beamTree: 'Beam tree',
  settings: 'Settings',

  sourceLanguage: 'Source language',
  language: 'Target language',
  follow: 'Follow the selection',
  again: 'Translate what is selected now',
  continueAgain: 'Continue what is selected now',
  source: ({ document, line, places }: TranslationSource) =>
    `${document}, line ${line}${places > 1 ? `, ${places} places` : ''}`,

  empty: 'Nothing selected.',
  emptyHint: {
    translate:
      'Select text in an editor, then translate it here, or switch on Follow to translate whatever is selected.',
    continue:
      'Select text in an editor, then continue it here, or switch on Follow to continue whatever is selected.',
  },
  emptyAction: { translate: 'Translate Selection', continue: 'Continue Selection' },

  replace: 'Replace',
  insert: { translate: 'Insert Below', continue: 'Insert Behind' },
  copy: 'Copy',
  readOnly: 'The document cannot be changed. Once it can, translate again.',
  nothingYet: 'There is no text yet.',
  stillRunning: 'The text is not complete yet.',

  loading: 'Loading the model…',
  running: ({ sentences, of }: TranslationProgress) =>
    of > 1 ? `${formatCount(sentences)} of ${formatCount(of)} sentences` : 'Decoding',
  done: ({ of }: TranslationProgress) => plural(of, 'sentence', 'sentences'),
  stopped: ({ sentences, of }: TranslationProgress) =>
    `Stopped after ${formatCount(sentences)} of ${plural(of, 'sentence', 'sentences')}`,
  failed: ({ sentences, of }: TranslationProgress) =>
    of > 0 ? `Failed after ${formatCount(sentences)} of ${plural(of, 'sentence', 'sentences')}` : '',
  rate: (rate: number) => `${formatCount(rate)} tokens/s`,
  time: (milliseconds: number) =>
    milliseconds < 1000 ? `${formatCount(milliseconds)} ms` : `${formatNumber(milliseconds / 1000)} s`,
  stop: 'Stop',
  retry: 'Retry',
  unfinishedHow: 'Not finished',
  perToken: (mean: string) => `${mean} per token`,
  perTokenHow: 'Geometric mean of the probabilities of all tokens',
  /** What stands before the numbers of the sentences that a note is about, and what stands behind them. */
  noteOf: (count: number) => (count > 1 ? 'Sentences ' : 'Sentence '),
  noteOfMore: (more: number) => (more > 0 ? ` and ${formatCount(more)} more: ` : ': '),
  showSentence: 'Show it',
  moreNotes: (count: number) => `${plural(count, 'more note', 'more notes')}.`,

  below: (threshold: string) => `below ${threshold}`,
  belowHow: (threshold: string) => `Words with a token less probable than ${threshold}`,
  doubtful: 'doubtful',
  doubtfulHow:
    'Pieces that the model may have made up: it was unsure of all of them, or said far more than there is',
  untranslated: 'untranslated',
  untranslatedHow: 'Words that no target word looks at, as far as attention can tell',
  repeated: 'repeated',
  repeatedHow: 'Words that say again what stands before them',
  forced: 'forced',
  forcedHow: 'Words up to the one that you chose',
  forcedHere: 'You chose how it begins.',
  forcedIn: (sentence: number) => `You chose how sentence ${sentence} begins.`,
  unforce: 'Let the model decide',
  wordTitle: (facts: readonly string[]) => facts.join('. '),
  wordUnsure: (probability: string) => `Least probable token: ${probability}`,

  sourceLabel: 'Source words. Arrow keys move; the words that a word goes to are lit.',
  targetLabel:
    'Target words. Arrow keys move, Enter shows what else could stand here, O opens the word in the explorer.',
  words: (title: string, sentence: number, of: number) =>
    of > 1 ? `${title}, sentence ${sentence} of ${of}` : title,
  spokenWord: (word: string, probability: string | undefined, from: string) =>
    [word, ...(probability === undefined ? [] : [`probability ${probability}`]), from]
      .filter((part) => part !== '')
      .join(', '),
  spokenFrom: (words: string) => (words === '' ? '' : `comes from ${words}`),
  spokenTo: (words: string) => (words === '' ? '' : `goes to ${words}`),
  announceDone: {
    translate: (sentences: number, language: string | undefined) =>
      `Translated ${plural(sentences, 'sentence', 'sentences')}${language === undefined ? '' : ` into ${language}`}.`,
    continue: () => 'Continued the text.',
  },
  announceStopped: ({ sentences, of }: TranslationProgress) =>
    `Stopped after ${sentences} of ${of} sentences.`,

  alternatives: (word: string) => `What else could stand for ${word}`,
  pieces: 'Tokens of the word',
  bits: (entropy: string) => `${entropy} bits`,
  bitsHow: 'Entropy of the whole distribution at this step',
  others: 'others',
  end: 'end of text',
  spaceHow: 'A space by itself, before a word or a sign that comes next',
  endPieceHow: 'The step behind the word, at which the text ends',
  force: 'Choose one: the words before stay, the rest is decoded again.',
  spokenAlternative: (label: string, probability: string) => `${label}, ${probability}`,
  openInExplorer: 'Open in explorer',
  openKey: 'O',
  explaining: 'Looking at what made this word…',

  othersCaption: (sentence: number, of: number) => (of > 1 ? `sentence ${sentence} of ${of}` : ''),
  othersNone: 'There is only one; more hypotheses can be asked for under Settings.',
  othersWaiting: 'They come with the end of the sentence.',
  othersLabel: 'Hypotheses, best first. Enter puts one into the text.',
  otherTitle: (rank: number, score: string, logProbability: string) =>
    `${rank}: score ${score}, log-probability ${logProbability}`,
  unended: 'cut off',

  point: {
    translate: 'Point at a word of the translation or of the source.',
    continue: 'Point at a word of the continuation or of the text.',
  },
  layer: 'Layer',
  head: 'Head',
  allLayers: 'All layers',
  layerName: (layer: number) => `Layer ${layer}`,
  meanHead: 'Mean of heads',
  headName: (head: number) => `Head ${head}`,
  headsCaption: (mode: Mode, layer: string, head: string | undefined) =>
    [
      mode === 'translate' ? 'cross' : 'self',
      head === undefined ? `mean of ${layer.toLowerCase()}` : `${layer.toLowerCase()}, ${head.toLowerCase()}`,
    ].join(', '),
  ownWords: 'words made before',
  comesFromHow: 'weight of the attention; each row sums to 1 over the source tokens',
  goesToHow: 'weight of the attention that each word gives to this one',

  lightLegend: 'weight, √ scale',

  treeNotBeam: 'Only a beam search has a tree: choose Beam under Settings.',
  treeLoading: 'Searching once more, keeping the tree…',
  treeLabel:
    'Beam tree: one column per token, best continuations first. Arrow keys move between a node, its parent and its children.',
  treeCaption: (nodes: number) => plural(nodes, 'node', 'nodes'),
  fates: { kept: 'kept', ended: 'ended', dropped: 'dropped' },
  bestPath: 'best',
  step: (step: number) => `token ${step}`,
  treeNode: (text: string, probability: string, total: string, fate: string) =>
    `${text}: probability ${probability}, sum of logs ${total}, ${fate}`,
  treeHint: 'Point at a node to read the text up to it.',

  fields,
  hints,
  methods,
  methodHints,
  reset: 'Reset',
  range: (least: string, most: string, whole: boolean) =>
    `${whole ? 'A whole number' : 'A number'} from ${least} to ${most}.`,
  atMostBeams: (beams: number) => `At most as many as there are beams: ${beams}.`,
  decoding: ({ method, beams, lengthPenalty, temperature }: Decoding) =>
    method === 'beam'
      ? `beam ${beams}, length penalty ${formatFactor(lengthPenalty)}`
      : method === 'sample'
        ? `sample, temperature ${formatFactor(temperature)}`
        : 'greedy',
} as const;
