// Translates a text without looking inside: encoder and decoder run, nothing is captured.
import type { CallOptions } from '../shared/protocol';
import { UserError } from '../shared/errors';
import type { Model } from './model';
import { tokenizerOf } from './model';
import { encodeTexts, idsOf, realOf } from './sequences';
import { chooseLanguage, sourcePrefix, translate } from './translate';

/** @throws UserError as `explore`, and `modelUnsupported` when the model is no encoder-decoder. */
export async function translateText(
  model: Model,
  text: string,
  language: string | undefined,
  call: CallOptions,
): Promise<string> {
  const { encoder: stack, summary } = model;
  if (!stack || summary.family !== 'encoder-decoder') {
    throw new UserError(
      'modelUnsupported',
      `The model "${summary.name}" is ${summary.family}: it does not translate.`,
    );
  }
  const tokenizer = tokenizerOf(model);
  const prefix = sourcePrefix(model, chooseLanguage(model, language));
  const sequences = encodeTexts([text], summary.maxTokens.encoder, (t) => tokenizer.encode(t, { prefix }));
  const real = realOf(sequences);
  const output = stack.states();
  const states = await stack.session.run(stack.feeds({ ids: idsOf(sequences), real }), [output], call.signal);
  const [generated] = await translate(model, { states: states[output], real }, call);
  return tokenizer.decode(generated.ids);
}
