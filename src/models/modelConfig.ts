// The numbers that config.json, generation_config.json and tokenizer_config.json say about a model; each may be missing.
import { messageOf, UserError } from '../shared/errors';
import type { StatedLabels } from './modelLabels';
import { statedLabels } from './modelLabels';

/** What decoding and limits need. Ids are token ids. */
export interface ModelConfig {
  /** Any of these ends a text. */
  readonly eos: readonly number[];
  readonly pad: number | undefined;
  /** What the decoder of an encoder-decoder reads first. */
  readonly decoderStart: number | undefined;
  /** Must be the first id generated. */
  readonly forcedFirst: number | undefined;
  /** Ids that generation must never choose. */
  readonly forbidden: readonly number[];
  /** Longest sequence of tokens by the files; the graph may know better. */
  readonly maxTokens: number | undefined;
  /** E.g. `marian`, `bert`. */
  readonly modelType: string | undefined;
  /** Translations that a text before the source asks for, as T5 knows them; in the order of the file. */
  readonly tasks: readonly TranslationTask[];
  /** Languages that the files name, as they spell them. */
  readonly stated: { readonly source: string | undefined; readonly target: string | undefined };
  /** Of a text classifier. */
  readonly labels: StatedLabels | undefined;
}

/** A task of `task_specific_params` like `translation_en_to_de`. */
export interface TranslationTask {
  /** As the name of the task spells it, e.g. `en`. */
  readonly source: string;
  readonly target: string;
  /** E.g. `translate English to German: `. */
  readonly prefix: string;
}

/** The parsed configuration files; an absent file is an empty object. */
export interface ConfigFiles {
  readonly config: Json;
  readonly generation: Json;
  readonly tokenizer: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** Some tokenizers state 10³⁰ for "no limit". */
const LARGEST_LIMIT = 1_000_000;

/** Reads the fields by the names that the usual exporters give them. */
export function modelConfig({ config, generation, tokenizer }: ConfigFiles): ModelConfig {
  const either = (name: string): unknown => generation[name] ?? config[name];
  const limits = [
    config['max_position_embeddings'],
    config['n_positions'],
    config['n_ctx'],
    config['max_seq_len'],
    tokenizer['model_max_length'],
  ]
    .map(asCount)
    .filter((limit) => limit !== undefined);
  return {
    eos: [either('eos_token_id')].flat().filter(isId),
    pad: asId(either('pad_token_id')),
    decoderStart: asId(either('decoder_start_token_id')),
    forcedFirst: asId(either('forced_bos_token_id')),
    // Sequences of several ids that must not follow one another are not supported: no exporter we know writes them.
    forbidden: [either('bad_words_ids')]
      .flat()
      .flatMap((ids) => (Array.isArray(ids) && ids.length === 1 ? ids : []))
      .filter(isId),
    maxTokens: limits.length > 0 ? Math.min(...limits) : undefined,
    modelType: asText(config['model_type']),
    tasks: tasksOf(config['task_specific_params']),
    stated: statedLanguages(config, tokenizer),
    labels: statedLabels(config),
  };
}

function tasksOf(params: unknown): TranslationTask[] {
  if (typeof params !== 'object' || params === null) {
    return [];
  }
  return Object.entries(params).flatMap(([name, task]: [string, unknown]) => {
    const [, source, target] = /^translation_([A-Za-z]+)_to_([A-Za-z]+)$/.exec(name) ?? [];
    const prefix = asText((task as Json | null | undefined)?.['prefix']);
    return source && target && prefix ? [{ source, target, prefix }] : [];
  });
}

/** The tokenizer's settings say it, or the name under which the model was published, such as `Helsinki-NLP/opus-mt-en-de`. */
function statedLanguages(config: Json, tokenizer: Json): ModelConfig['stated'] {
  const name = [config['_name_or_path'], tokenizer['name_or_path']].map(asText).find(Boolean) ?? '';
  const [, source, target] =
    /opus-mt-(?:tc-)?(?:tiny-|small-|base-|big-)?([a-z]{2,3})-([a-z]{2,3})$/.exec(name) ?? [];
  return {
    source: asText(tokenizer['source_lang']) ?? asText(tokenizer['src_lang']) ?? source,
    target: asText(tokenizer['target_lang']) ?? asText(tokenizer['tgt_lang']) ?? target,
  };
}

/** @throws UserError `modelCorrupt` naming the file. */
export function parseJson(path: string, bytes: Uint8Array | undefined): Json {
  if (!bytes) {
    return {};
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw corrupt(path, messageOf(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw corrupt(path, 'it holds no JSON object');
  }
  return value as Json;
}

function corrupt(path: string, why: string): UserError {
  const message = `The model's file ${path} cannot be read: ${why}. Download or export the model again.`;
  return new UserError('modelCorrupt', message, { file: path });
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const asId = (value: unknown): number | undefined => (isId(value) ? value : undefined);

const asCount = (value: unknown): number | undefined =>
  isId(value) && value > 0 && value <= LARGEST_LIMIT ? value : undefined;
