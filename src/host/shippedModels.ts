// The models inside the extension, with their files by name: in a browser an extension's folder cannot be listed.
import type { ModelChoice } from '../shared/protocol';

export interface ShippedModel extends ModelChoice {
  /** Below `models/`. */
  readonly folder: string;
  /** Paths inside the folder. */
  readonly files: readonly string[];
}

/** The first one is what a new user sees. */
export const SHIPPED_MODELS: readonly [ShippedModel, ...ShippedModel[]] = [
  {
    id: 'shipped:translate-en-de-fr-zh',
    name: 'en-de-fr-zh',
    folder: 'translate-en-de-fr-zh',
    files: [
      'config.json',
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'onnx/encoder_model.onnx',
      'onnx/decoder_model_merged.onnx',
    ],
  },
  {
    id: 'shipped:english-gpt-mini',
    name: 'english-gpt-mini',
    folder: 'english-gpt-mini',
    files: [
      'config.json',
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'onnx/model.onnx',
    ],
  },
  {
    id: 'shipped:english-bert-mini',
    name: 'english-bert-mini',
    folder: 'english-bert-mini',
    files: ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'],
  },
];
