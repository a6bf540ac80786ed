// Continues texts with a decoder-only model: the prompt is read in one pass, what follows is decoded.
import { UserError } from '../../shared/errors';
import type { CallOptions } from '../../shared/protocol';
import type { TokenSequence } from '../../shared/tokens';
import type { TranslatedText, TranslateRequest } from '../../shared/translation';
import { decoderStep } from '../decoderStep';
import type { Model } from '../model';
import { tokenizerOf } from '../model';
import { encodeTexts } from '../sequences';
import { answer, streaming } from './answer';
import { decode } from './decode';
import { longestContinuation } from './limits';
import { endings, forbidden, TokenLabels } from './target';
import { TextStream } from './textStream';

/** One after the other: prompts of different lengths would have to be padded in front, which few graphs can be told. */
export async function continueTexts(
  model: Model,
  request: TranslateRequest,
  call: CallOptions,
): Promise<TranslatedText[]> {
  const { decoder, summary } = model;
  if (!decoder) {
    throw new UserError('modelMissing', `The model "${summary.name}" has no decoder.`);
  }
  const { decoding, begin, tree } = request;
  const tokenizer = tokenizerOf(model);
  const sources = encodePrompts(model, request.texts);
  const labels = new TokenLabels(tokenizer);
  const answers: TranslatedText[] = [];
  const written = sources.map(() => '');
  for (const [index, source] of sources.entries()) {
    const prompt = source.tokens.map(({ id }) => id);
    const tell = streaming([new TextStream(tokenizer, prompt)], {
      onProgress: (progress) => {
        const { partial } = progress;
        written[index] = partial?.texts[0] ?? '';
        call.onProgress?.({
          ...progress,
          message: 'Continuing',
          ...(partial && { partial: { ...partial, texts: [...written] } }),
        });
      },
    });
    const options = {
      prompt: [prompt],
      begin,
      eos: endings(model),
      forbidden: forbidden(model),
      maxLengths: [longestContinuation(summary.maxTokens.decoder - prompt.length, decoding.maxLength)],
      tree,
      signal: call.signal,
      onStep: call.onProgress && tell,
    };
    const [found] = await decode(decoderStep(decoder, 1, undefined), options, decoding);
    answers.push(answer(model, source, found, labels, prompt));
  }
  return answers;
}

/**
 * Texts as a decoder-only model goes on from them: without an end, which the tokenizer may add to whole texts.
 *
 * @throws UserError `emptyText`, `textTooLong` where nothing could follow
 */
export function encodePrompts(model: Model, texts: readonly string[]): TokenSequence[] {
  const tokenizer = tokenizerOf(model);
  const frame = { ...tokenizer.frame, after: [] };
  return encodeTexts(texts, model.summary.maxTokens.decoder - 1, (text) => tokenizer.encode(text, { frame }));
}
