// The second side of a comparison: what a captured run was asked for, with something else in it. Runs nothing itself.
import { findLanguage } from '../../models/languages';
import type { BesideRequest } from '../../shared/contrast';
import { UserError } from '../../shared/errors';
import type { DecoderInput, ExploreRequest } from '../../shared/trace';
import type { Model } from '../model';
import type { Trace } from '../trace';

/**
 * What to run, and which text of it is compared. Another text or model is run alone; everything else with all texts of the
 * batch, so that interventions that name texts mean the same ones.
 *
 * @param model The one that is to run.
 * @throws UserError `badRequest` for a text that the run does not have
 */
export function besideRequest(
  { request, summary }: Trace,
  model: Model,
  asked: BesideRequest,
): { readonly request: ExploreRequest; readonly batch: number } {
  const { batch, text, interventions, beams } = asked;
  if (request.texts.at(batch) === undefined) {
    throw new UserError('badRequest', `This run has no text number ${batch}.`);
  }
  const another = model.summary.id !== request.model;
  const alone = another || text !== undefined;
  const language = asked.language ?? languageFor(model, summary.language);
  const changed = interventions ?? (another ? [] : request.interventions);
  const given = request.decoder?.from === 'text' && !another ? request.decoder.texts : undefined;
  const decoder: DecoderInput = given
    ? { from: 'text', texts: alone ? [given[batch]] : given, language }
    : { from: 'translation', language, ...(beams !== undefined && { beams }) };
  return {
    request: {
      model: model.summary.id,
      texts: alone ? [text ?? request.texts[batch]] : request.texts,
      decoder,
      ...(changed && { interventions: changed }),
    },
    batch: alone ? 0 : batch,
  };
}

/** The language of the first run where this model knows it; else the model's own first one. */
function languageFor({ summary }: Model, wanted: string | undefined): string | undefined {
  return wanted === undefined ? undefined : findLanguage(summary.languages, wanted)?.code;
}
