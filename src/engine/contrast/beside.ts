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
  const translated: DecoderInput = { from: 'translation', language, ...(beams !== undefined && { beams }) };
  const kept = another ? undefined : given(request.decoder, alone ? batch : undefined, language);
  // What was decoded belongs to its text and language, and a beam search is asked for what it finds itself.
  const belongs =
    kept?.from === 'text' || (text === undefined && beams === undefined && asked.language === undefined);
  const decoder = kept && belongs ? kept : translated;
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

/** What the decoder was given, for all texts or one of them; undefined where it read the model's own translation. */
function given(
  decoder: DecoderInput | undefined,
  only: number | undefined,
  language: string | undefined,
): DecoderInput | undefined {
  const part = <T>(all: readonly T[]): readonly T[] => (only === undefined ? all : [all[only]]);
  switch (decoder?.from) {
    case 'text':
      return { ...decoder, texts: part(decoder.texts), language };
    case 'ids':
      return { ...decoder, ids: part(decoder.ids), language };
    case 'translation':
    case undefined:
      return undefined;
    default:
      return decoder satisfies never;
  }
}

/** The language of the first run where this model knows it; else the model's own first one. */
function languageFor({ summary }: Model, wanted: string | undefined): string | undefined {
  return wanted === undefined ? undefined : findLanguage(summary.languages, wanted)?.code;
}
