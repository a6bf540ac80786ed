// What a classifier says of one text of a captured run, interventions included.
import { UserError } from '../../shared/errors';
import type { LabelChange, LabelScores, LabelsRequest } from '../../shared/labels';
import { labelScores } from '../labels/labelScores';
import { labelLogits, labelOutputs } from '../labels/labelSource';
import { realOf } from '../sequences';
import type { Trace } from '../trace';

/** @throws UserError `badRequest` for models that are no classifiers */
export async function labelsSlice(
  trace: Trace,
  { batch }: Pick<LabelsRequest, 'batch'>,
  signal?: AbortSignal,
): Promise<LabelScores> {
  const { labels } = trace.model;
  const [run] = trace.runs;
  if (!labels || !run) {
    throw new UserError('badRequest', 'This model does not tell texts apart: it has no labels.');
  }
  await run.fetch(labelOutputs(labels, run.stack), signal);
  const { encoder, decoder } = trace.summary;
  const [real] = realOf([(encoder.length > 0 ? encoder : decoder)[batch]]);
  return labelScores(labels, labelLogits(labels, run, batch, real));
}

/** Undefined for models that are no classifiers. */
export async function labelChange(
  before: Trace,
  after: Trace,
  batch: number,
  signal?: AbortSignal,
): Promise<LabelChange | undefined> {
  return before.model.labels && after.model.labels
    ? {
        before: await labelsSlice(before, { batch }, signal),
        after: await labelsSlice(after, { batch }, signal),
      }
    : undefined;
}
