// What host and webviews are told about a loaded model: what its graphs say, and what its files add.
import type { Anatomy } from '../anatomy/anatomy';
import { summarise } from '../anatomy/summarise';
import type { ModelLanguages } from '../models/modelLanguages';
import { modelLanguages } from '../models/modelLanguages';
import type { ModelConfig } from '../models/modelConfig';
import type { ModelSummary } from '../shared/modelSummary';
import type { TextTokenizer } from '../tokenizer/textTokenizer';

/** What is assumed where neither files nor graph set a limit. */
const DEFAULT_MAX_TOKENS = 512;
const FLOAT_BYTES = 4;

/** The anatomies of a model by side; a model without one of them lacks that side, or its file. */
export interface Sides {
  readonly encoder: Anatomy | undefined;
  readonly decoder: Anatomy | undefined;
}

/** One graph is what its structure says; of two, the first is the encoder. */
export function sidesOf([first, second]: readonly Anatomy[]): Sides {
  if (second) {
    return { encoder: first, decoder: second };
  }
  return first.side === 'encoder'
    ? { encoder: first, decoder: undefined }
    : { encoder: undefined, decoder: first };
}

/** @param parameters Weights of all files, those that several files hold counted once. */
export function summaryOf(
  { id, name }: { readonly id: string; readonly name: string },
  config: ModelConfig,
  tokenizer: TextTokenizer | undefined,
  { encoder, decoder }: Sides,
  parameters: number,
): ModelSummary {
  const { targets, sources } = languagesOf(config, tokenizer, { encoder, decoder });
  return {
    ...summarise([encoder, decoder].filter((anatomy) => anatomy !== undefined)),
    id,
    name,
    parameters,
    weightBytes: parameters * FLOAT_BYTES,
    languages: targets,
    sourceLanguages: sources,
    maxTokens: { encoder: limitOf(encoder, config), decoder: limitOf(decoder, config) },
    notes: tokenizer?.notes ?? [],
  };
}

/** The languages of a model that translates: none where it is no encoder-decoder. */
export function languagesOf(
  config: ModelConfig,
  tokenizer: TextTokenizer | undefined,
  { encoder, decoder }: Sides,
): ModelLanguages {
  if (!tokenizer || !encoder || !decoder) {
    return { targets: [], sources: [], rule: 'fixed' };
  }
  const { before, after } = tokenizer.frame;
  return modelLanguages(tokenizer.languages, [...before, ...after], config);
}

/** The smallest of what the files and the table of positions allow. */
function limitOf(anatomy: Anatomy | undefined, { maxTokens }: ModelConfig): number {
  const rows = anatomy?.positions.positions ?? 0;
  const limits = [maxTokens, rows > 0 ? rows : undefined].filter((limit) => limit !== undefined);
  return limits.length > 0 ? Math.min(...limits) : DEFAULT_MAX_TOKENS;
}
