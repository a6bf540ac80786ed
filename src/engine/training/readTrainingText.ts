// Training data as a model reads them: recognised, tokenised, split into what is learned from and what is held out.
import { UserError } from '../../shared/errors';
import type { CallOptions } from '../../shared/protocol';
import type { TrainingOptions, TrainingPreview, TrainingText } from '../../shared/training';
import { PREVIEW_EXAMPLES } from '../../shared/training';
import type { TrainingData } from '../../training/data/example';
import { holdOut } from '../../training/data/holdOut';
import { linesOf } from '../../training/data/lines';
import type { Reading, TokenExample } from '../../training/data/readExamples';
import { NO_LABEL, readExamples } from '../../training/data/readExamples';
import { recogniseData } from '../../training/data/recogniseData';
import type { Model } from '../model';
import { tokenizerOf } from '../model';
import type { Speech } from '../translation/speech';
import { chooseSpeech, decoderPrompt, encodeSource } from '../translation/speech';
import { tasksOf } from '../../shared/tasksOf';
import { checkIds } from './checkIds';

/** How much of a skipped line is shown. */
const SHOWN = 200;

/** Data that are ready to be learned from. */
export interface ReadTraining {
  readonly data: TrainingData;
  readonly train: readonly TokenExample[];
  readonly heldOut: readonly TokenExample[];
  readonly preview: TrainingPreview;
  readonly speech: Speech;
  /** Id that fills short rows. */
  readonly pad: number;
}

export interface SplitOptions {
  readonly heldOut: TrainingOptions['heldOut'];
  readonly seed: number;
}

/**
 * @throws UserError `emptyText` where nothing is there to learn from, saying what was skipped; `badRequest` for a task that
 * the model cannot learn, and for texts that all have one label; `tokenizerUnsupported` for the tokenizer of another model;
 * `languageUnknown`; `tokenizerMissing`.
 */
export async function readTrainingText(
  model: Model,
  text: TrainingText,
  split: SplitOptions,
  call: CallOptions,
): Promise<ReadTraining> {
  const { family, name } = model.summary;
  if (text.task && !tasksOf(family).includes(text.task)) {
    const message = `The model "${name}" is ${family}: it cannot learn from data of the kind "${text.task}".`;
    throw new UserError('badRequest', message, { task: text.task });
  }
  const speech = chooseSpeech(model, text.language);
  const read = recogniseData(text.text, family, {
    second: text.second,
    task: text.task,
    ...(speech.target && { languages: { target: speech.target.code, source: speech.source?.code } }),
  });
  const found = { ...read, labels: classesOf(read.labels, model.classifier?.labels) };
  const { signal, onProgress } = call;
  const { data, examples } = await readExamples(found, readingOf(model, speech), {
    signal,
    onProgress: (done, total) => onProgress?.({ message: 'Reading the data', done, total }),
  });
  checkLabels(data, model);
  checkIds(model, examples);
  const heldOut = new Set(data.examples.length > 0 ? heldOutOf(data.examples.length, split) : []);
  const train = examples.filter(({ example }) => !heldOut.has(example));
  const preview = previewOf(text.text, data, examples, heldOut, speech);
  const pad = model.config.pad ?? model.tokenizer?.special.pad ?? 0;
  return {
    data,
    speech,
    pad,
    train,
    heldOut: examples.filter(({ example }) => heldOut.has(example)),
    preview,
  };
}

/** Where the model was trained to give these labels before, its classes; else one for each label. */
function classesOf(labels: readonly string[], known: readonly string[] = []): readonly string[] {
  return labels.length > 0 && labels.every((label) => known.includes(label)) ? known : labels;
}

/** @throws UserError `badRequest` where there is nothing to tell apart: classes that a model knows are enough. */
function checkLabels({ form, examples }: TrainingData, { classifier }: Model): void {
  const found = new Set(examples.map(({ label }) => label));
  const [only] = found;
  if (form.task === 'classification' && found.size === 1 && !classifier?.labels.includes(only ?? '')) {
    const message = `The only label is "${only}". A classifier needs at least two labels: add texts with another one.`;
    throw new UserError('badRequest', message, { labels: found.size });
  }
}

/** @throws UserError `emptyText` */
export function needExamples({ train, preview }: ReadTraining): void {
  if (train.length === 0) {
    const skipped = Object.values(preview.counts).reduce((sum, count) => sum + count, 0);
    const message =
      skipped > 0
        ? `There is nothing to learn from: all ${skipped} lines were skipped. See the list of skipped lines for the reasons.`
        : 'There is nothing to learn from. Select lines of the form source, tab, target.';
    throw new UserError('emptyText', message, { skipped });
  }
}

function heldOutOf(examples: number, { heldOut, seed }: SplitOptions): readonly number[] {
  if (heldOut === 'auto') {
    return holdOut(examples, seed).heldOut;
  }
  const wanted = Math.round(heldOut * examples);
  return holdOut(examples, seed, Math.min(wanted, examples - 1)).heldOut;
}

function readingOf(model: Model, speech: Speech): Reading {
  const { summary } = model;
  const tokenizer = tokenizerOf(model);
  const unknown = tokenizer.special.unk;
  if (summary.family !== 'encoder-decoder') {
    const limit = summary.family === 'encoder-only' ? summary.maxTokens.encoder : summary.maxTokens.decoder;
    return {
      source: (text) => tokenizer.encode(text),
      unknown,
      maxTokens: { source: limit, target: limit },
    };
  }
  const [decoderStart, ...rest] = decoderPrompt(model, speech);
  return {
    source: (text) => encodeSource(model, text, speech),
    // What follows the start token, such as the tag of a language, is part of what the decoder writes.
    target: (text) => tokenizer.encode(text, { prefix: rest }),
    decoderStart,
    unknown,
    maxTokens: { source: summary.maxTokens.encoder, target: summary.maxTokens.decoder },
  };
}

function previewOf(
  text: string,
  data: TrainingData,
  examples: readonly TokenExample[],
  heldOut: ReadonlySet<number>,
  { target }: Speech,
): TrainingPreview {
  const counts = new Map<number, { source: number; target: number }>();
  let tokens = 0;
  for (const { example, input, labels } of examples) {
    const wanted = labels.reduce((sum, label) => sum + (label === NO_LABEL ? 0 : 1), 0);
    const before = counts.get(example) ?? { source: 0, target: 0 };
    counts.set(example, { source: before.source + input.length, target: before.target + wanted });
    tokens += heldOut.has(example) ? 0 : wanted;
  }
  const lines = linesOf(text);
  return {
    task: data.form.task,
    layout: data.form.layout,
    language: data.form.task === 'translation' ? target?.code : undefined,
    train: data.examples.length - heldOut.size,
    heldOut: heldOut.size,
    tokens,
    examples: data.examples.slice(0, PREVIEW_EXAMPLES).map((example, index) => ({
      line: example.line,
      source: example.source,
      target: example.target ?? example.label ?? '',
      sourceTokens: counts.get(index)?.source ?? 0,
      targetTokens: counts.get(index)?.target ?? 0,
      heldOut: heldOut.has(index),
    })),
    skipped: data.skipped.slice(0, PREVIEW_EXAMPLES).map(({ line, reason }) => ({
      line,
      reason,
      text: (lines[line]?.text ?? '').slice(0, SHOWN),
    })),
    counts: data.counts,
    labels: data.labels,
  };
}
