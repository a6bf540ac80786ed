// The engine's own greedy translations of several texts at once, as ids; the command line does the same for one text.
import type { Model } from '../../src/engine/model';
import { tokenizerOf } from '../../src/engine/model';
import { encodeTexts, idsOf } from '../../src/engine/sequences';
import { encodeBatch } from '../../src/engine/translation/encodeBatch';
import { ownTranslation } from '../../src/engine/translation/ownTranslation';
import { chooseSpeech, encodeSource } from '../../src/engine/translation/speech';
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
  const speech = chooseSpeech(model, language);
  const encode = (text: string) => encodeSource(model, text, speech);
  const sequences = tokenizer.pad(encodeTexts(texts, summary.maxTokens.encoder, encode));
  const read = await encodeBatch(encoder, sequences, {});
  return {
    sources: idsOf(sequences).map((ids, i) => ids.filter((_id, j) => read.real[i][j])),
    translations: await ownTranslation(model, read, speech, {}),
  };
}
