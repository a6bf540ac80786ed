// Builds a tokenizer from a model folder's tokenizer.json and tokenizer_config.json; knows no other file format.
import { messageOf } from '../shared/errors';
import { createDecoder } from './decoder';
import { createNormalizer } from './normalizer';
import { createPieceModel } from './pieceModel';
import { createFrame } from './postProcessor';
import { createPreTokenizer } from './preTokenizer';
import { additionalSpecials, specialIds } from './specialTokens';
import { TextTokenizer } from './textTokenizer';
import { corrupt, isRecord, readTokenizerFile } from './tokenizerFile';

/**
 * @param files tokenizer.json and, if there is one, tokenizer_config.json, as bytes or parsed.
 * @throws UserError `modelCorrupt` for a damaged file, `tokenizerUnsupported` for a stage that is not known.
 */
export function createTokenizer(files: {
  readonly tokenizerJson: unknown;
  readonly configJson?: unknown;
}): TextTokenizer {
  const file = readTokenizerFile(files.tokenizerJson);
  const config = readConfig(files.configJson);
  const { addedTokens } = file;
  const contents = new Map(addedTokens.map(({ content, id }) => [content, id]));
  const reserved = new Set([
    ...addedTokens.flatMap(({ special, content }) => (special ? [content] : [])),
    ...additionalSpecials(config),
  ]);
  const preTokenizer = file.preTokenizer && createPreTokenizer(file.preTokenizer);
  const model = createPieceModel(file.model, reserved, preTokenizer?.spell ?? ((character) => character));
  const normalizer = file.normalizer && createNormalizer(file.normalizer);
  const idOf = (token: string) => contents.get(token) ?? model.vocabulary.get(token);
  return new TextTokenizer({
    addedTokens,
    normalizer,
    preTokenizer,
    model,
    frame: createFrame(file.postProcessor, idOf),
    decoder: createDecoder(file.decoder, (piece) => contents.has(piece)),
    special: specialIds(config, model.unknown, idOf),
    additionalSpecial: additionalSpecials(config).flatMap((token) => idOf(token) ?? []),
    tidy: isRecord(config) && config.clean_up_tokenization_spaces === true,
    notes: normalizer?.notes ?? [],
  });
}

function readConfig(source: unknown): unknown {
  if (!(source instanceof Uint8Array)) {
    return source;
  }
  try {
    return JSON.parse(new TextDecoder().decode(source));
  } catch (error) {
    throw corrupt(`tokenizer_config.json is not JSON (${messageOf(error)})`, error);
  }
}
