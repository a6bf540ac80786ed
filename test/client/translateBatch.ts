// The engine's own greedy translations of several texts at once, as ids; the command line does the same for one text.
import type { Model } from '../../src/engine/model';
import { tokenizerOf } from '../../src/engine/model';
import { encodeTexts, idsOf, realOf } from '../../src/engine/sequences';
import { chooseLanguage, sourcePrefix, translate } from '../../src/engine/translate';
import type { Generated } from '../../src/generation/greedy';

/** What the encoder reads, without padding, and what the decoder writes, without start and end. */
export interface TranslatedBatch {
  readonly sources: readonly (readonly number[])[];
  readonly translations: readonly Generated[];
}

export async function translateBatch(
  model: Model,
  texts: readonly string[],
  language: string,
): Promise<TranslatedBatch> {
  const { encoder, summary } = model;
  if (!encoder) {
    throw new Error(`${summary.name} has no encoder.`);
  }
  const tokenizer = tokenizerOf(model);
  const prefix = sourcePrefix(model, chooseLanguage(model, language));
  const encode = (text: string) => tokenizer.encode(text, { prefix });
  const sequences = tokenizer.pad(encodeTexts(texts, summary.maxTokens.encoder, encode));
  const real = realOf(sequences);
  const output = encoder.states();
  const { [output]: states } = await encoder.session.run(encoder.feeds({ ids: idsOf(sequences), real }), [
    output,
  ]);
  return {
    sources: idsOf(sequences).map((ids, i) => ids.filter((_id, j) => real[i][j])),
    translations: await translate(model, { states, real }, {}),
  };
}
