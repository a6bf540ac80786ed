// Translates texts without looking inside: encoder and decoder run, nothing is captured.
import type { CallOptions } from '../shared/protocol';
import { UserError } from '../shared/errors';
import type { Model } from './model';
import { tokenizerOf } from './model';
import { encodeTexts, idsOf, realOf } from './sequences';
import type { Decoding } from './translate';
import { chooseLanguage, searchTranslations, sourcePrefix } from './translate';

/** One way to say a text in another language. */
export interface Translation {
  readonly text: string;
  /** Natural logarithm of its probability, over its length in tokens to the power of the length penalty. */
  readonly score: number;
  /** False where the limit of length cut it off. */
  readonly ended: boolean;
}

/**
 * All texts in one padded batch: `[text][translation]`, best first, at most `beams` of each.
 *
 * @throws UserError as `explore`, and `modelUnsupported` when the model is no encoder-decoder.
 */
export async function translateTexts(
  model: Model,
  texts: readonly string[],
  language: string | undefined,
  decoding: Decoding,
  call: CallOptions,
): Promise<Translation[][]> {
  const { encoder: stack, summary } = model;
  if (!stack || summary.family !== 'encoder-decoder') {
    throw new UserError(
      'modelUnsupported',
      `The model "${summary.name}" is ${summary.family}: it does not translate.`,
    );
  }
  const tokenizer = tokenizerOf(model);
  const prefix = sourcePrefix(model, chooseLanguage(model, language));
  const encode = (text: string) => tokenizer.encode(text, { prefix });
  const sequences = tokenizer.pad(encodeTexts(texts, summary.maxTokens.encoder, encode));
  const real = realOf(sequences);
  const output = stack.states();
  const states = await stack.session.run(stack.feeds({ ids: idsOf(sequences), real }), [output], call.signal);
  const found = await searchTranslations(model, { states: states[output], real }, decoding, call);
  return found.map((hypotheses) =>
    hypotheses.map(({ ids, score, ended }) => ({ text: tokenizer.decode(ids), score, ended })),
  );
}
