// Every sentence and word that the Fine-tuning view shows.
import type {
  LoraTarget,
  TrainingEffect,
  TrainingLayout,
  TrainingOptions,
  TrainingPreview,
  TrainingTask,
} from '../../src/shared/training';
import type { TrainingSource } from '../../src/shared/trainingPage';
import { formatCount, formatNumber } from '../format';
import { skipReasons, skipSentences } from './trainingSkipStrings';

const plural = (count: number, one: string, many: string) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

const tasks: Readonly<Record<TrainingTask, string>> = {
  translation: 'Translation',
  causal: 'Next token',
  masked: 'Masked tokens',
  classification: 'Classification',
};

const layouts: Readonly<Record<TrainingLayout, string>> = {
  tabs: 'two columns, divided by a tab',
  jsonl: 'one JSON object per line',
  parallel: 'two texts, line by line',
  plain: 'running text',
};

const nouns: Readonly<Record<TrainingTask, readonly [one: string, many: string]>> = {
  translation: ['pair', 'pairs'],
  causal: ['text', 'texts'],
  masked: ['text', 'texts'],
  classification: ['text', 'texts'],
};

const examplesOf = (task: TrainingTask, count: number, kind = '') => {
  const [one, many] = nouns[task];
  return plural(count, kind + one, kind + many);
};

const methods: Readonly<Record<TrainingOptions['method'], string>> = { lora: 'LoRA', full: 'All weights' };

const schedules: Readonly<Record<TrainingOptions['schedule'], string>> = {
  constant: 'Constant',
  linear: 'Linear',
  cosine: 'Cosine',
  paper: 'The paper’s',
};

const targets: Readonly<Record<LoraTarget, string>> = {
  query: 'Query',
  key: 'Key',
  value: 'Value',
  output: 'Output',
  feedForward: 'Feed-forward',
};

const fields = {
  method: 'Method',
  targets: 'Adapted matrices',
  rank: 'Rank',
  alpha: 'Alpha',
  steps: 'Steps',
  batch: 'Batch',
  accumulate: 'Batches per step',
  schedule: 'Schedule',
  rate: 'Learning rate',
  warmup: 'Warm-up steps',
  weightDecay: 'Weight decay',
  clip: 'Clip gradient at',
  labelSmoothing: 'Label smoothing',
  dropout: 'Dropout',
  strength: 'Strength',
  heldOut: 'Held out',
  seed: 'Seed',
  saveEvery: 'Save every',
} as const;

const hints: Readonly<Record<keyof typeof fields, string>> = {
  method: 'LoRA trains two small matrices beside each adapted one; All weights trains the model itself',
  targets: 'The weight matrices beside which LoRA puts its own',
  rank: 'Inner size of the small matrices',
  alpha: 'Their product is multiplied by alpha ÷ rank',
  steps: 'How often the weights are changed',
  batch: 'Examples that are computed at once',
  accumulate: 'Gradients of so many batches are added before the weights change',
  schedule:
    'How the learning rate goes with the step; the paper’s is d_model^−0.5 · min(step^−0.5, step · warmup^−1.5)',
  rate: 'The highest learning rate',
  warmup: 'Steps over which the learning rate rises from 0',
  weightDecay: 'Share of each weight, times the learning rate, that every step takes away (AdamW)',
  clip: 'The gradient is shortened to this norm where it is longer; 0 leaves it as it is',
  labelSmoothing: 'Share of the probability that is spread over the whole vocabulary',
  dropout: 'Share of activations that are set to 0 while training',
  strength: 'Share of the change that is kept in the end: below 1, less is learned and less forgotten',
  heldOut: 'Examples that are not learned from, but measured with; automatic: a tenth from 30 examples on',
  seed: 'The same seed, data and settings give the same training',
  saveEvery: 'Steps between two checkpoints, and between two measurements of the held-out loss',
};

const measures = {
  loss: 'Loss',
  chrf: 'chrF',
  accuracy: 'Labels right',
  filled: 'Gaps filled right',
  otherText: 'Other text, chrF',
} as const;

const measureHints: Readonly<Record<keyof typeof measures, string>> = {
  loss: 'Mean over the target tokens, in nats; less is better',
  chrf: 'F-score of character n-grams against the targets, 0 to 100; more is better',
  accuracy: 'Share of examples whose label is right; more is better',
  filled: 'Share of the hidden tokens that the model finds, all gaps of a text at once; more is better',
  otherText:
    'Translations of other text against those of before, 100 where nothing changed: less was forgotten the higher it is',
};

export const trainingStrings = {
  tasks,
  layouts,
  methods,
  schedules,
  targets,
  fields,
  hints,
  measures,
  measureHints,
  skipReasons,
  skipSentences,
  percent: ' %',

  view: 'Fine-tuning',
  data: 'Data',
  settings: 'Settings',
  training: 'Training',
  effect: 'Before and after',
  weights: 'Weights',

  empty: 'No data.',
  emptyHint:
    'Select lines in an editor, then press the button below, or run Fine-Tune on Selection… from the command palette or the editor’s context menu. Of a .tsv, .jsonl or .txt document, nothing need be selected. It may hold:',
  formats: [
    ['Pairs', 'a source and a target per line, divided by a tab'],
    ['Labels', 'a label and a text per line, divided by a tab'],
    ['JSON lines', 'an object per line with source and target, label and text, or text'],
    ['Two texts', 'selections in two editors, or two selections, whose lines belong together'],
    ['Running text', 'any text, for models that predict tokens'],
  ],
  readSelection: 'Read Selection',
  reading: 'Reading the data…',
  source: ({ documents, line }: TrainingSource) =>
    `${documents.join(' + ')}${line > 1 ? `, line ${formatCount(line)}` : ''}`,
  dataCaption: (source: string, { task, train, heldOut }: TrainingPreview) =>
    [source, examplesOf(task, train + heldOut)].filter((part) => part !== '').join(', '),
  understoodAs: 'Understood as',
  targetLanguage: 'Target language',
  layout: 'Form',
  sourceColumn: 'Source',
  targetColumn: 'Target',
  textColumn: 'Text',
  labelColumn: 'Label',
  tokensColumn: 'tokens',
  heldOutMark: 'held out',
  pairTokens: (source: number, target: number, one: boolean) =>
    one ? formatCount(source) : `${formatCount(source)} / ${formatCount(target)}`,
  examplesLabel: 'Examples. Enter shows the line in its document.',
  lineTitle: (line: number, heldOut: boolean) => `Line ${formatCount(line)}${heldOut ? ', held out' : ''}`,
  split: ({ train, heldOut }: TrainingPreview) =>
    heldOut > 0
      ? `${formatCount(train)} to train, ${formatCount(heldOut)} held out`
      : `${formatCount(train)} to train, none held out`,
  tokensPerPass: (tokens: number) => `${plural(tokens, 'token', 'tokens')} per pass`,
  labels: (labels: readonly string[]) => `${plural(labels.length, 'label', 'labels')}: ${labels.join(', ')}`,
  skipped: (count: number) => `${formatCount(count)} skipped`,
  skippedLabel: 'Skipped lines. Enter shows the line in its document.',
  line: (line: number) => `line ${formatCount(line)}`,
  firstOf: (shown: number, all: number) => `the first ${formatCount(shown)} of ${formatCount(all)}`,
  pageOf: (from: number, to: number, all: number, note: string) =>
    `${formatCount(from)}–${formatCount(to)} of ${formatCount(all)}${note === '' ? '' : `, ${note}`}`,
  earlier: 'Earlier',
  later: 'Later',

  settingsCaption: ({ steps, schedule }: TrainingOptions, rate: string) =>
    `${plural(steps, 'step', 'steps')}, ${schedule === 'paper' ? 'the paper’s schedule' : `rate ${rate}`}`,
  settingsFixed: 'Settings cannot change while a training goes on.',
  paperFactor: 'Factor of the rate',
  paperFactorHint: 'The paper’s schedule is multiplied by it',
  heldOutAuto: 'Automatic',
  heldOutNone: 'None',
  heldOutShare: (share: number) => `${formatNumber(share * 100).replace(/\.?0+$/, '')} %`,
  reset: 'Reset',
  range: (whole: boolean, least: string, most: string) =>
    `${whole ? 'A whole number' : 'A number'} from ${least} to ${most}.`,
  oneTarget: 'LoRA needs at least one.',

  trainingCaption: ({ method, lora }: TrainingOptions, weights: string) =>
    method === 'lora'
      ? [`LoRA, rank ${lora.rank}`, ...(weights === '' ? [] : [`${weights} weights`])].join(', ')
      : weights === ''
        ? methods.full
        : `All ${weights} weights`,
  step: (step: number, steps: number) => `Step ${formatCount(step)} of ${formatCount(steps)}`,
  notStarted: (steps: number) => plural(steps, 'step', 'steps'),
  left: (time: string) => `${time} left`,
  paused: 'paused',
  ended: 'done',
  building: 'Building the backward graph…',
  tokensPerSecond: (rate: number) => `${formatCount(rate)} tokens/s`,
  start: 'Start',
  pause: 'Pause',
  resume: 'Resume',
  continue: 'Continue',
  stop: 'Stop',
  undo: 'Undo',
  nothingRuns: 'No training is going on.',
  notBegun: 'The first step is not made yet.',
  needsData: 'There is no data to learn from.',
  nothingToLearn: 'No line of the data can be learned from.',
  stopHint:
    'Ends the training here and puts the weights of this step to use. Continue in the list of tuned models goes on from there.',
  undoLater: 'Stop the training first: until then it changes nothing that is in use.',
  nothingToUndo: 'Nothing to undo: no tuned model is in use.',
  beforeUnknown:
    'Nothing to undo: the model that was in use before is not known any more. Use Base, or another of the list, changes what is in use.',

  loss: 'loss',
  heldOut: 'held out',
  rate: 'rate',
  norm: 'gradient norm',
  normColumn: 'norm',
  chartLabel:
    'Loss, held-out loss and learning rate by step. Arrow keys move, Shift by ten, L switches the logarithm, T the table.',
  chartAt: (parts: readonly string[]) => parts.join(', '),
  chartStep: (step: number) => `step ${formatCount(step)}`,
  chartEmpty: 'The curve begins with the first step.',
  value: (name: string, value: string) => `${name} ${value}`,
  valueAt: (name: string, value: string, step: number) => `${name} ${value} at step ${formatCount(step)}`,
  notMeasured: '–',
  logarithm: 'Logarithmic axis of losses (L)',
  table: 'Table instead of the chart (T)',
  tableCaption: 'The curve, one row per step',
  stepColumn: 'Step',

  effectCaption: ({ on, measured }: TrainingEffect, task: TrainingTask) =>
    on === 'heldOut' ? examplesOf(task, measured, 'held-out ') : `${examplesOf(task, measured)} learned from`,
  learnedFrom: 'learned from',
  onTrain: 'Measured on examples that it learned from: nothing is held out.',
  effectNone: 'It is measured when training has ended.',
  effectMissing: 'It was not measured when training had ended.',
  measuring: {
    translation: 'Translating the examples once more…',
    causal: 'Continuing the examples once more…',
    masked: 'Filling gaps in the examples once more…',
    classification: 'Labelling the examples once more…',
  } satisfies Readonly<Record<TrainingTask, string>>,
  strengthNote: (strength: number) =>
    `Now: with the weights that are kept, at a strength of ${strength}; the curve is that of the whole change.`,
  before: 'before',
  now: 'now',
  wanted: 'wanted',
  change: 'change',
  worse: 'worse',
  asWanted: 'as wanted',
  unchanged: 'unchanged',
  compare: 'Compare attention',
  examples: 'Examples before and now',

  base: 'Base',
  saved: 'Saved',
  savedAt: (step: number, size: string) => `step ${formatCount(step)}, ${size}`,
  nothingSaved: 'nothing yet',
  inUse: 'In use for translation',
  inUseOther: 'In use',
  baseInUse: 'base',
  tuned: 'Tuned models',
  tunedLabel:
    'Tuned models. Arrow keys move; Enter uses one, T shows its training, F2 renames it, Delete deletes it, the menu key goes to everything that can be done.',
  tunedNone: 'No tuned models yet.',
  tunedFacts: (method: TrainingOptions['method'], step: number, of: number, size: string) =>
    `${methods[method]}, step ${formatCount(step)} of ${formatCount(of)}, ${size}`,
  tunedFrom: (base: string, date: string) => `from ${base}, ${date}`,
  tunedUnnamed: (number: string) => `fine-tuned ${number}`.trimEnd(),
  used: 'in use',
  use: 'Use',
  useBase: 'Use Base',
  rename: 'Rename…',
  delete: 'Delete…',
  export: 'Export…',
  goOn: 'Continue',
  showTraining: 'Show Training',
  baseUsed: 'The base is in use already.',
  compareShort: 'Compare',
  tunedCount: (count: number) => plural(count, 'tuned model', 'tuned models'),
  incomplete: 'Go on with its training, or stop it, first: only checkpoints are stored yet.',
  alreadyUsed: 'It is in use already.',
  notResumable: 'All its steps are done, or it has no checkpoint.',
  whileTraining: 'A training goes on.',

  announceStarting: 'Building the backward graph.',
  announceStarted: (steps: number) => `Training has started: ${plural(steps, 'step', 'steps')}.`,
  announceResumed: (step: number) => `Training goes on after step ${formatCount(step)}.`,
  announcePaused: (step: number) => `Paused after step ${formatCount(step)}.`,
  announceStep: (step: number, steps: number, loss: number | undefined, left: string | undefined) =>
    [
      `Step ${formatCount(step)} of ${formatCount(steps)}`,
      ...(loss === undefined ? [] : [`loss ${formatNumber(loss)}`]),
      ...(left === undefined ? [] : [`${left} left`]),
    ].join(', ') + '.',
  announceDone: (step: number, loss: number | undefined) =>
    `Training has ended after step ${formatCount(step)}${loss === undefined ? '' : `, loss ${formatNumber(loss)}`}.`,
  announceFailed: (step: number) =>
    step > 0 ? `Training has failed at step ${formatCount(step)}.` : 'Training has failed.',
  announceShown: (name: string, step: number, loss: number | undefined) =>
    `The training of ${name} is shown: ${plural(step, 'step', 'steps')}${loss === undefined ? '' : `, loss ${formatNumber(loss)}`}.`,
  announceData: (train: number, heldOut: number, skipped: number) =>
    `${formatCount(train)} to train, ${formatCount(heldOut)} held out, ${formatCount(skipped)} skipped.`,
} as const;
