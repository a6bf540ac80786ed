// What a training has changed: loss, outputs and, for translations, what was forgotten; measured on the weights that would be kept.
import type { Runtime } from '../../runtime/runtime';
import { throwIfCancelled } from '../../shared/errors';
import type { CallOptions } from '../../shared/protocol';
import type { BeforeAfter, Change, TrainingEffect } from '../../shared/training';
import { DEFAULT_DECODING } from '../../shared/translation';
import { chrf } from '../../training/chrf';
import type { TokenExample } from '../../training/data/readExamples';
import { initialParameters } from '../../training/trainingModel';
import type { Model } from '../model';
import { translateTexts } from '../translation/translateTexts';
import { continuations, cutText } from './continuations';
import { fillGaps } from './fillGaps';
import type { Weights } from './likeliest';
import { OTHER_TEXTS } from './otherTexts';
import { predictLabels } from './predictLabels';
import type { Training } from './training';
import { methodOf } from './trainingPlan';
import { withWeights } from './withWeights';

/** Texts in one run. */
const TOGETHER = 16;
/** Examples learned from that are shown beside the held-out ones: whether it has learned, and whether only by heart. */
const LEARNED = 6;
/** Texts that are continued: one after the other, so fewer than are translated. */
const CONTINUED = 9;

/** @param count Examples to measure on, and to show; where some are held out, a few that were learned from are shown as well. */
export async function trainingEffect(
  runtime: Runtime,
  training: Training,
  count: number,
  call: CallOptions,
): Promise<TrainingEffect> {
  const { read, model } = training;
  const on = read.heldOut.length > 0 ? 'heldOut' : 'train';
  const examples = (on === 'heldOut' ? read.heldOut : read.train).slice(0, count);
  const loss = await lossChange(training, examples, call);
  if (read.data.form.task === 'classification') {
    return { on, measured: examples.length, loss, ...(await labelChange(runtime, training, examples, call)) };
  }
  if (read.data.form.task === 'causal') {
    const continued = await continuationChange(runtime, training, examples, call);
    return { on, measured: examples.length, loss, examples: continued };
  }
  if (read.data.form.task === 'masked') {
    const shown = [...examples, ...learnedFrom(training)];
    const sets = weightSets(training);
    const gaps = await fillGaps(runtime, training, shown, examples.length, sets, call.signal);
    return { on, measured: examples.length, loss, ...gaps };
  }
  const wanted = [...examples, ...learnedFrom(training)].map(({ example }) => read.data.examples[example]);
  const sources = wanted.map(({ source }) => source);
  const isEnglish = model.summary.sourceLanguages.length === 0;
  const others = isEnglish ? OTHER_TEXTS : [];
  const all = [...sources, ...others];
  const before = await translations(model, all, training, call);
  const now = await withWeights(runtime, training, (tuned) => translations(tuned, all, training, call));
  const targets = wanted.map(({ target = '' }) => target);
  const own = (texts: readonly string[]) => texts.slice(0, examples.length);
  const rest = (texts: readonly string[]) => texts.slice(sources.length);
  return {
    on,
    measured: examples.length,
    loss,
    examples: sources.map((source, i): BeforeAfter => ({
      source,
      wanted: targets[i],
      before: before[i],
      now: now[i],
      heldOut: on === 'heldOut' && i < examples.length,
    })),
    chrf: { before: chrf(own(before), own(targets)), now: chrf(own(now), own(targets)) },
    ...(others.length > 0 && { otherText: { before: 100, now: chrf(rest(now), rest(before)) } }),
  };
}

/** Labels before and now: before, of the classifier that training began with, be it one that knows nothing. */
async function labelChange(
  runtime: Runtime,
  training: Training,
  examples: readonly TokenExample[],
  { signal }: CallOptions,
): Promise<Pick<TrainingEffect, 'examples' | 'accuracy'>> {
  const { read } = training;
  const shown = [...examples, ...learnedFrom(training)];
  const [before, now] = await predictLabels(runtime, training, shown, weightSets(training), signal);
  const wanted = shown.map(({ example }) => read.data.examples[example]);
  const share = (labels: readonly string[]) =>
    examples.filter((_, i) => labels[i] === wanted[i].label).length / Math.max(1, examples.length);
  return {
    examples: wanted.map(({ source, label = '' }, i) => ({
      source,
      wanted: label,
      before: before[i],
      now: now[i],
      heldOut: read.heldOut.length > 0 && i < examples.length,
    })),
    accuracy: { before: share(before), now: share(now) },
  };
}

/** What follows the first half of examples. */
async function continuationChange(
  runtime: Runtime,
  training: Training,
  examples: readonly TokenExample[],
  call: CallOptions,
): Promise<BeforeAfter[]> {
  const { read, model, request } = training;
  const isHeldOut = read.heldOut.length > 0;
  const shown = [...examples, ...(isHeldOut ? read.train : [])].slice(0, CONTINUED);
  const cuts = shown.flatMap(({ example }, i) => {
    const cut = cutText(read.data.examples[example].source);
    return cut ? [{ ...cut, heldOut: isHeldOut && i < examples.length }] : [];
  });
  const id = request.model;
  const before = await continuations(model, id, cuts, call);
  const now = await withWeights(runtime, training, (tuned) => continuations(tuned, id, cuts, call));
  return cuts.map(({ begin, rest, heldOut }, i) => ({
    source: begin,
    wanted: rest,
    before: before[i],
    now: now[i],
    heldOut,
  }));
}

async function lossChange(
  training: Training,
  examples: readonly TokenExample[],
  { signal }: CallOptions,
): Promise<Change> {
  const measure = async (weights: Weights) =>
    (await training.trainer.evaluate(examples, signal, weights)) ?? 0;
  const [before, now] = weightSets(training);
  return { before: await measure(before), now: await measure(now) };
}

/** Where some are held out: a few that were learned from. */
function learnedFrom({ read }: Training): readonly TokenExample[] {
  return read.heldOut.length > 0 ? read.train.slice(0, LEARNED) : [];
}

/** What training began with, and what is kept of what it has learned. */
function weightSets(training: Training): readonly [before: Weights, now: Weights] {
  const { stacks, graph, request } = training;
  const { options } = request;
  return [initialParameters(stacks, graph, methodOf(options), options.seed), training.kept()];
}

async function translations(
  model: Model,
  texts: readonly string[],
  { read, request }: Training,
  { signal }: CallOptions,
): Promise<string[]> {
  const results: string[] = [];
  for (let start = 0; start < texts.length; start += TOGETHER) {
    throwIfCancelled(signal);
    const found = await translateTexts(
      model,
      {
        model: request.model,
        texts: texts.slice(start, start + TOGETHER),
        language: read.speech.target?.code,
        sourceLanguage: read.speech.source?.code,
        decoding: { ...DEFAULT_DECODING, method: 'greedy', hypotheses: 1 },
      },
      { signal },
    );
    results.push(...found.map(({ hypotheses: [best] }) => best.target.text));
  }
  return results;
}
