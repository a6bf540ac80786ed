// Translates texts, or continues them where the model is decoder-only. Nothing is captured.
import { UserError } from '../../shared/errors';
import type { CallOptions } from '../../shared/protocol';
import type { TranslatedText, TranslateRequest } from '../../shared/translation';
import { decoderStep } from '../decoderStep';
import type { Model } from '../model';
import { tokenizerOf } from '../model';
import { encodeTexts } from '../sequences';
import { answer, streaming } from './answer';
import { checkBegin, checkDecoding } from './checkDecoding';
import { continueTexts } from './continueTexts';
import { decode } from './decode';
import { encodeBatch, stacksOf } from './encodeBatch';
import { longestTranslation } from './limits';
import { chooseSpeech, decoderPrompt, encodeSource, forcedFirst } from './speech';
import { endings, forbidden, TokenLabels } from './target';
import { TextStream } from './textStream';

/** @throws UserError as `Decodings.translate` */
export async function translateTexts(
  model: Model,
  request: TranslateRequest,
  call: CallOptions,
): Promise<TranslatedText[]> {
  const { summary } = model;
  checkDecoding(request.decoding);
  checkBegin(request, summary.vocabulary);
  switch (summary.family) {
    case 'encoder-decoder':
      return translateBatch(model, request, call);
    case 'decoder-only':
      return continueTexts(model, request, call);
    case 'encoder-only':
      throw new UserError(
        'modelUnsupported',
        `The model "${summary.name}" only reads: it has no decoder to write with. Choose another model.`,
      );
    default:
      return summary.family satisfies never;
  }
}

async function translateBatch(
  model: Model,
  { texts, language, sourceLanguage, decoding, begin, tree }: TranslateRequest,
  call: CallOptions,
): Promise<TranslatedText[]> {
  const { summary } = model;
  const tokenizer = tokenizerOf(model);
  const speech = chooseSpeech(model, language, sourceLanguage);
  const sources = encodeTexts(texts, summary.maxTokens.encoder, (text) => encodeSource(model, text, speech));
  const { encoder, decoder } = stacksOf(model);
  const read = await encodeBatch(encoder, tokenizer.pad(sources), call);
  const prompt = decoderPrompt(model, speech);
  const options = {
    prompt: sources.map(() => prompt),
    begin,
    eos: endings(model),
    forbidden: forbidden(model),
    forcedFirst: forcedFirst(model),
    // Padding must not change a result, so each limit is that of the source alone.
    maxLengths: sources.map(({ tokens }) =>
      longestTranslation(summary.maxTokens.decoder - prompt.length, tokens.length, decoding.maxLength),
    ),
    tree,
    signal: call.signal,
    onStep: streaming(
      sources.map(() => new TextStream(tokenizer)),
      call,
    ),
  };
  const found = await decode(decoderStep(decoder, sources.length, read), options, decoding);
  const labels = new TokenLabels(tokenizer);
  return found.map((each, i) => answer(model, sources[i], each, labels));
}
