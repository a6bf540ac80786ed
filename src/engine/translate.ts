// The model's own translation of a batch: what the decoder reads when nothing else is given.
import type { Hypothesis } from '../generation/beam';
import { beamSearch } from '../generation/beam';
import type { Generated } from '../generation/greedy';
import { greedy } from '../generation/greedy';
import { findLanguage } from '../models/languages';
import { UserError } from '../shared/errors';
import type { Language } from '../shared/modelSummary';
import type { CallOptions } from '../shared/protocol';
import type { StackInputs } from './feeds';
import { decoderStep } from './decoderStep';
import type { Model } from './model';
import { languageId } from './model';

/** A model that runs away is stopped at this many target tokens per source token, and some more. */
const LONGEST_RATIO = 3;
const LONGEST_EXTRA = 16;

/**
 * The language to translate into: the wanted one, else the model's first; undefined for models without language tags.
 *
 * @throws UserError `languageUnknown`
 */
export function chooseLanguage({ summary }: Model, wanted: string | undefined): Language | undefined {
  const { languages, name } = summary;
  if (wanted === undefined || (languages.length === 0 && wanted === '')) {
    return languages[0];
  }
  const language = findLanguage(languages, wanted);
  if (!language) {
    const known = languages.map(({ code }) => code).join(', ');
    const message =
      known === ''
        ? `The model "${name}" knows no target languages.`
        : `The model "${name}" does not translate into "${wanted}". It knows: ${known}.`;
    throw new UserError('languageUnknown', message, { language: wanted, known });
  }
  return language;
}

/** Ids to place before the text that the encoder reads. */
export function sourcePrefix(model: Model, language: Language | undefined): number[] {
  const id = languageId(model, language);
  return id === undefined ? [] : [id];
}

/** What the decoder reads before its first own token. @throws UserError `modelUnsupported` */
export function decoderPrompt({ config, tokenizer, summary }: Model): number[] {
  const start = config.decoderStart ?? tokenizer?.special.bos ?? config.pad ?? tokenizer?.special.pad;
  if (start === undefined) {
    const message = `The files of "${summary.name}" do not say which token its decoder starts with (decoder_start_token_id in config.json).`;
    throw new UserError('modelUnsupported', message, { lacks: 'config.json' });
  }
  return [start];
}

/** How to decode. */
export interface Decoding {
  /** Sequences that are continued side by side; 1 is greedy decoding. */
  readonly beams: number;
  /** See `BeamOptions`; left out: 1. */
  readonly lengthPenalty?: number;
}

/**
 * Greedy decoding for every source of a batch.
 *
 * @param onStep Ids so far, without start and end.
 * @throws UserError `modelUnsupported`, `cancelled`
 */
export async function translate(
  model: Model,
  encoder: NonNullable<StackInputs['encoder']>,
  call: CallOptions,
  onStep?: (ids: readonly (readonly number[])[]) => void,
): Promise<Generated[]> {
  const { step, options, longest } = preparation(model, encoder, call, onStep);
  return greedy(step, { ...options, maxLength: longest(encoder.real[0]?.length ?? 0) });
}

/**
 * Beam search for every source of a batch: `[source][hypothesis]`, best first.
 *
 * @throws UserError `modelUnsupported`, `cancelled`
 */
export async function searchTranslations(
  model: Model,
  encoder: NonNullable<StackInputs['encoder']>,
  decoding: Decoding,
  call: CallOptions,
): Promise<Hypothesis[][]> {
  const { step, options, longest } = preparation(model, encoder, call);
  // Padding must not change a result, so each limit is that of the source alone.
  const maxLengths = encoder.real.map((row) => longest(row.filter(Boolean).length));
  return beamSearch(step, { ...options, ...decoding, maxLengths });
}

/** What every way of decoding needs to know of a model and a batch. */
function preparation(
  model: Model,
  encoder: NonNullable<StackInputs['encoder']>,
  { signal, onProgress }: CallOptions,
  onStep?: (ids: readonly (readonly number[])[]) => void,
) {
  const { config, tokenizer, decoder, summary } = model;
  if (!decoder) {
    throw new UserError('modelUnsupported', `The model "${summary.name}" has no decoder.`);
  }
  const batch = encoder.real.length;
  const prompt = decoderPrompt(model);
  const endings = [...config.eos, tokenizer?.special.eos].filter((id) => id !== undefined);
  return {
    step: decoderStep(decoder, batch, encoder),
    options: {
      prompt: Array.from({ length: batch }, () => prompt),
      eos: endings,
      // Padding is never a word, whether or not the files say so.
      forbidden: [...config.forbidden, config.pad]
        .filter((id) => id !== undefined)
        .filter((id) => !endings.includes(id)),
      forcedFirst: config.forcedFirst,
      signal,
      onStep: (ids: readonly (readonly number[])[]) => {
        const done = ids.reduce((most, row) => Math.max(most, row.length), 0);
        onProgress?.({ message: 'Translating', done, total: 0 });
        onStep?.(ids);
      },
    },
    /** Target tokens at most, for a source of so many tokens. */
    longest: (source: number) =>
      Math.min(summary.maxTokens.decoder - prompt.length, LONGEST_RATIO * source + LONGEST_EXTRA),
  };
}
