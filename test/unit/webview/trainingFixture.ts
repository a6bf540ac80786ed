// States of the Fine-tuning view as a host could send them, for tests of the view. The numbers are made up.
import type { TrainingEffect, TrainingPoint, TrainingPreview } from '../../../src/shared/training';
import { LORA_TARGETS, TRAINING_DEFAULTS } from '../../../src/shared/trainingDefaults';
import type { TrainingState, TunedModel } from '../../../src/shared/trainingPage';

const pairs = [
  ['The animal was tired.', 'Das Tier war müde.', 7, 6],
  ['attention head', 'Aufmerksamkeitskopf', 3, 6],
  ['padding mask', 'Auffüllmaske', 4, 5],
  ['The head is masked.', 'Der Kopf ist maskiert.', 7, 7],
] as const;

export const preview: TrainingPreview = {
  task: 'translation',
  layout: 'tabs',
  language: 'de',
  train: 34,
  heldOut: 4,
  tokens: 204,
  examples: Array.from({ length: 38 }, (_, index) => {
    const [source, target, sourceTokens, targetTokens] = pairs[index % pairs.length];
    return { line: index, source, target, sourceTokens, targetTokens, heldOut: index % 10 === 2 };
  }),
  skipped: [
    { line: 16, reason: 'oneSided', text: 'embedding matrix' },
    { line: 21, reason: 'duplicate', text: 'padding mask\tAuffüllmaske' },
    { line: 30, reason: 'empty', text: '' },
  ],
  counts: { oneSided: 1, duplicate: 1, empty: 1 },
  labels: [],
};

/** A curve of this many steps that falls with some noise, measured on held-out examples every tenth of them. */
export function curveOf(steps: number, of = steps): TrainingPoint[] {
  return Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const noise = Math.sin(step * 12.9898) * 0.3 * Math.exp((-5 * step) / of);
    const rate = 5e-4 * Math.min((10 * step) / of, 1, Math.sqrt(of / (10 * step)));
    return {
      step,
      loss: 1.1 + 2.4 * Math.exp((-7 * step) / of) + noise,
      rate,
      norm: 1 + Math.abs(noise),
      ...(step % Math.max(1, Math.round(of / 10)) === 0 && {
        heldOut: 1.35 + 2.2 * Math.exp((-6 * step) / of),
      }),
    };
  });
}

export const effect: TrainingEffect = {
  on: 'heldOut',
  measured: 4,
  examples: [
    {
      source: 'padding mask',
      wanted: 'Auffüllmaske',
      before: 'Polstermaske',
      now: 'Auffüllmaske',
      heldOut: true,
    },
    {
      source: 'The head is tired.',
      wanted: 'Der Kopf ist müde.',
      before: 'Der Kopf ist müde.',
      now: 'Der Kopf ist müde.',
      heldOut: true,
    },
    {
      source: 'a masked head',
      wanted: 'ein maskierter Kopf',
      before: 'ein verdeckter Chef',
      now: 'ein maskierter Chef',
      heldOut: true,
    },
    {
      source: 'attention mask',
      wanted: 'Aufmerksamkeitsmaske',
      before: 'Achtung Maske',
      now: 'Aufmerksamkeitsmaske',
      heldOut: true,
    },
  ],
  loss: { before: 3.62, now: 1.37 },
  chrf: { before: 41.8, now: 63 },
  otherText: { before: 100, now: 97.5 },
};

export function tunedModel(change: Partial<TunedModel> = {}): TunedModel {
  return {
    id: 'tuned-1',
    name: 'terms.tsv',
    base: 'en-de',
    baseName: 'English–German 6×8',
    step: 400,
    of: 400,
    method: 'lora',
    bytes: 1_677_721,
    saved: Date.UTC(2026, 9, 4, 12, 30),
    resumable: true,
    usable: true,
    recorded: true,
    inUse: false,
    ...change,
  };
}

export const empty: TrainingState = {
  status: 'empty',
  model: 'English–German 6×8',
  source: undefined,
  firstLine: 1,
  preview: undefined,
  tasks: ['translation'],
  languages: [
    { code: 'de', token: '>>deu<<' },
    { code: 'fr', token: '>>fra<<' },
  ],
  options: {
    ...TRAINING_DEFAULTS,
    method: 'lora',
    lora: { rank: 8, alpha: 16, targets: LORA_TARGETS },
    schedule: 'paper',
    steps: 400,
    warmup: 40,
    saveEvery: 50,
  },
  trainable: 0,
  step: 0,
  points: [],
  planned: [],
  tokensPerSecond: 0,
  left: undefined,
  saved: undefined,
  effect: undefined,
  measuring: false,
  result: undefined,
  tuned: [],
  undoable: false,
  note: undefined,
  error: undefined,
};

export const ready: TrainingState = {
  ...empty,
  status: 'ready',
  source: { documents: ['terms.tsv'], line: 1 },
  preview,
  planned: curveOf(400).map(({ step, rate }) => ({ step, rate })),
};

export const running: TrainingState = {
  ...ready,
  status: 'running',
  trainable: 393_216,
  step: 240,
  points: curveOf(240, 400),
  tokensPerSecond: 812,
  left: 72_000,
  saved: { step: 200, bytes: 1_677_721 },
};

export const done: TrainingState = {
  ...running,
  status: 'done',
  step: 400,
  points: curveOf(400),
  left: undefined,
  saved: { step: 400, bytes: 1_677_721 },
  effect,
  result: tunedModel({ inUse: true }),
  tuned: [
    tunedModel({ inUse: true }),
    tunedModel({
      id: 'tuned-2',
      name: 'legal terms with a rather long name, second try',
      step: 150,
      method: 'full',
      bytes: 61_000_000,
    }),
  ],
  undoable: true,
};

export const failed: TrainingState = {
  ...running,
  status: 'failed',
  points: [...curveOf(205, 400), { step: 206, loss: NaN, rate: 4e-4, norm: NaN }],
  step: 206,
  left: undefined,
  note: 'The loss of step 206 is not a number. The checkpoint of step 200 stands.',
  result: tunedModel({ step: 200 }),
  tuned: [tunedModel({ step: 200 })],
};
