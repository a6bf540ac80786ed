// Reads tokenizer.json and tokenizer_config.json into plain typed records; says what is missing, builds nothing.
import { UserError, messageOf } from '../shared/errors';

/** One stage of the pipeline (normaliser, pre-tokenizer, model, ...) as the file spells it. */
export interface Stage {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A token added to the model's vocabulary, found in the text before anything else happens. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Searched in the normalised text instead of the original one. */
  readonly normalized: boolean;
  readonly special: boolean;
}

export interface TokenizerFile {
  readonly normalizer: Stage | undefined;
  readonly preTokenizer: Stage | undefined;
  readonly model: Stage;
  readonly postProcessor: Stage | undefined;
  readonly decoder: Stage | undefined;
  readonly addedTokens: readonly AddedToken[];
}

type Json = Readonly<Record<string, unknown>>;

/** @throws UserError `modelCorrupt` when the file is not JSON or lacks what every tokenizer has. */
export function readTokenizerFile(source: unknown): TokenizerFile {
  const file = source instanceof Uint8Array ? parse(source) : source;
  if (!isRecord(file)) {
    throw corrupt('it does not hold a JSON object');
  }
  const model = file.model;
  if (!isRecord(model)) {
    throw corrupt('it has no "model"');
  }
  return {
    normalizer: stageOf(file.normalizer, 'normalizer'),
    preTokenizer: stageOf(file.pre_tokenizer, 'pre_tokenizer'),
    model: { ...model, type: typeof model.type === 'string' ? model.type : modelType(model) },
    postProcessor: stageOf(file.post_processor, 'post_processor'),
    decoder: stageOf(file.decoder, 'decoder'),
    addedTokens: Array.isArray(file.added_tokens) ? file.added_tokens.map(readAddedToken) : [],
  };
}

/** Older files do not name their model; what it holds tells it apart. */
function modelType(model: Json): string {
  if (Array.isArray(model.vocab)) {
    return 'Unigram';
  }
  return 'merges' in model ? 'BPE' : 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel';
}

function readAddedToken(value: unknown, index: number): AddedToken {
  if (!isRecord(value) || typeof value.content !== 'string' || !isId(value.id)) {
    throw corrupt(`added token number ${index + 1} lacks its content or id`);
  }
  const special = value.special === true;
  return {
    id: value.id,
    content: value.content,
    singleWord: value.single_word === true,
    lstrip: value.lstrip === true,
    rstrip: value.rstrip === true,
    normalized: typeof value.normalized === 'boolean' ? value.normalized : !special,
    special,
  };
}

/** A nested stage; undefined where the file has `null` or nothing. */
export function stageOf(value: unknown, where: string): Stage | undefined {
  if (value === null || value === undefined) {
    return undefined;
  }
  if (!isRecord(value) || typeof value.type !== 'string') {
    throw corrupt(`"${where}" does not say its type`);
  }
  return value as Stage;
}

/** The stages nested in a `Sequence`. */
export function stagesOf(value: unknown, where: string): Stage[] {
  if (!Array.isArray(value)) {
    throw corrupt(`"${where}" is not a list`);
  }
  return value.flatMap((item: unknown) => stageOf(item, where) ?? []);
}

export function flagOf(stage: Stage, key: string, otherwise: boolean): boolean {
  const value = stage[key];
  return typeof value === 'boolean' ? value : otherwise;
}

export function stringOf(stage: Stage, key: string, otherwise: string): string {
  const value = stage[key];
  return typeof value === 'string' ? value : otherwise;
}

export function numberOf(stage: Stage, key: string, otherwise: number): number {
  const value = stage[key];
  return typeof value === 'number' ? value : otherwise;
}

/** `vocab` of a WordPiece, BPE or word-level model: piece → id. */
export function vocabularyOf(stage: Stage): Map<string, number> {
  if (!isRecord(stage.vocab)) {
    throw corrupt(`the ${stage.type} model has no vocabulary`);
  }
  const vocabulary = new Map<string, number>();
  for (const [piece, id] of Object.entries(stage.vocab)) {
    if (!isId(id)) {
      throw corrupt(`the id of piece "${piece}" is not a whole number`);
    }
    vocabulary.set(piece, id);
  }
  return vocabulary;
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw corrupt(messageOf(error), error);
  }
}

export function corrupt(why: string, cause?: unknown): UserError {
  return new UserError(
    'modelCorrupt',
    `The tokenizer file (tokenizer.json) of this model cannot be used: ${why}. Export or download the model again, or choose another one.`,
    {},
    { cause },
  );
}

export function unsupported(part: string, type: string): UserError {
  return new UserError(
    'tokenizerUnsupported',
    `This model's tokenizer uses the ${part} "${type}", which is not supported. Choose another model.`,
    { part, type },
  );
}
