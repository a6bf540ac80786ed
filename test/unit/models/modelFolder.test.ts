// A model folder's files: which graph is what, which numbers count, and what is said about missing or damaged ones.
import { describe, expect, test } from 'vitest';
import { graphPaths } from '../../../src/shared/graphFiles';
import { findLanguage, toBcp47 } from '../../../src/models/languages';
import { modelConfig } from '../../../src/models/modelConfig';
import { readModelFolder } from '../../../src/models/modelFolder';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('graphPaths', () => {
  test.each([
    [
      ['onnx/decoder_model_merged.onnx', 'onnx/encoder_model.onnx', 'config.json'],
      { encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model_merged.onnx' },
    ],
    [
      [
        'onnx/decoder_with_past_model.onnx',
        'onnx/decoder_model_merged.onnx',
        'onnx/decoder_model.onnx',
        'onnx/encoder_model.onnx',
      ],
      { encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model.onnx' },
    ],
    [
      [
        'encoder_model_quantized.onnx',
        'encoder_model_fp16.onnx',
        'decoder_model_merged_int8.onnx',
        'decoder_model_merged_fp16.onnx',
      ],
      { encoder: 'encoder_model_fp16.onnx', decoder: 'decoder_model_merged_fp16.onnx' },
    ],
    [
      ['random_decoder.onnx', 'random_encoder.onnx'],
      { encoder: 'random_encoder.onnx', decoder: 'random_decoder.onnx' },
    ],
    [['onnx/model_quantized.onnx', 'onnx/model.onnx'], { model: 'onnx/model.onnx' }],
    [['bert.ONNX'], { model: 'bert.ONNX' }],
    [['onnx/encoder_model.onnx'], { model: 'onnx/encoder_model.onnx' }],
    [['config.json'], undefined],
  ])('%j', (paths, expected) => {
    expect(graphPaths(paths)).toEqual(expected);
  });
});

describe('modelConfig', () => {
  const empty = { config: {}, generation: {}, tokenizer: {} };

  test('generation_config.json outranks config.json, and the smallest limit counts', () => {
    const config = modelConfig({
      config: { eos_token_id: 1, pad_token_id: 5, max_position_embeddings: 512, model_type: 'marian' },
      generation: { eos_token_id: 0, decoder_start_token_id: 5, bad_words_ids: [[5], [6, 7]] },
      tokenizer: { model_max_length: 256 },
    });
    expect(config).toEqual({
      eos: [0],
      pad: 5,
      decoderStart: 5,
      forcedFirst: undefined,
      forbidden: [5],
      maxTokens: 256,
      modelType: 'marian',
      tasks: [],
      stated: { source: undefined, target: undefined },
    });
  });

  test('tasks with a text before the source, and languages that the files name', () => {
    const { tasks, stated } = modelConfig({
      ...empty,
      config: {
        _name_or_path: 'Helsinki-NLP/opus-mt-tc-big-en-fr',
        task_specific_params: {
          summarization: { prefix: 'summarize: ' },
          translation_en_to_ro: { prefix: 'translate English to Romanian: ' },
          translation_en_to_de: null,
        },
      },
    });
    expect(tasks).toEqual([{ source: 'en', target: 'ro', prefix: 'translate English to Romanian: ' }]);
    expect(stated).toEqual({ source: 'en', target: 'fr' });
    // What the tokenizer says outranks a name; a name of several languages says none.
    const named = modelConfig({
      ...empty,
      tokenizer: { target_lang: 'deu', name_or_path: 'x/opus-mt-en-fr' },
    });
    expect(named.stated).toEqual({ source: 'en', target: 'deu' });
    const several = modelConfig({ ...empty, config: { _name_or_path: 'Helsinki-NLP/opus-mt-en-ROMANCE' } });
    expect(several.stated.target).toBeUndefined();
  });

  test('several ends are kept; a limit of 10^30 is no limit', () => {
    const config = modelConfig({
      ...empty,
      config: { eos_token_id: [1, 2] },
      tokenizer: { model_max_length: 1e30 },
    });
    expect(config.eos).toEqual([1, 2]);
    expect(config.maxTokens).toBeUndefined();
  });

  test('nothing known is nothing guessed', () => {
    expect(modelConfig(empty)).toMatchObject({
      eos: [],
      pad: undefined,
      decoderStart: undefined,
      forbidden: [],
    });
  });
});

describe('readModelFolder', () => {
  test('sorts the layout of transformers.js', () => {
    const folder = readModelFolder({
      'config.json': bytes('{"eos_token_id": 0}'),
      'tokenizer.json': bytes('{}'),
      'onnx/encoder_model.onnx': bytes('e'),
      'onnx/decoder_model_merged.onnx': bytes('d'),
      'onnx/encoder_model.onnx_data': bytes('weights'),
    });
    expect(folder.graphs).toMatchObject({
      encoder: { path: 'onnx/encoder_model.onnx', beside: { 'encoder_model.onnx_data': bytes('weights') } },
      decoder: { path: 'onnx/decoder_model_merged.onnx' },
    });
    expect(folder.config.eos).toEqual([0]);
    expect(folder.tokenizer?.tokenizerJson).toEqual(bytes('{}'));
  });

  test('a single file without anything else is a model without tokenizer', () => {
    const folder = readModelFolder({ 'model.onnx': bytes('m') });
    expect(folder).toMatchObject({ graphs: { model: { path: 'model.onnx' } }, tokenizer: undefined });
  });

  test('no ONNX file: says what a model folder must hold', () => {
    expect(() => readModelFolder({ 'config.json': bytes('{}') })).toThrow(
      expect.objectContaining({ code: 'modelMissing' }) as Error,
    );
  });

  test.each([
    ['config.json', '{"a":'],
    ['generation_config.json', '[]'],
    ['tokenizer_config.json', ''],
  ])('a damaged %s is named', (name, content) => {
    expect(() => readModelFolder({ 'model.onnx': bytes('m'), [name]: bytes(content) })).toThrow(
      expect.objectContaining({ code: 'modelCorrupt', details: { file: name } }) as Error,
    );
  });

  test('an empty graph is corrupt', () => {
    expect(() => readModelFolder({ 'onnx/model.onnx': bytes('') })).toThrow(/onnx\/model\.onnx is empty/);
  });
});

describe('languages', () => {
  test.each([
    ['deu', 'de'],
    ['cmn', 'zh'],
    ['cmn_Hans', 'zh-Hans'],
    ['pt_br', 'pt-BR'],
    ['xyz', 'xyz'],
    ['fr', 'fr'],
  ])('%s is %s', (tag, code) => {
    expect(toBcp47(tag)).toBe(code);
  });

  test('a language is found by any of its codes', () => {
    const languages = [
      { token: '>>deu<<', code: 'de' },
      { token: '>>cmn<<', code: 'zh' },
    ];
    for (const code of ['de', 'DE', 'deu', 'de-AT']) {
      expect(findLanguage(languages, code)?.token).toBe('>>deu<<');
    }
    expect(findLanguage(languages, 'zh-CN')?.token).toBe('>>cmn<<');
    expect(findLanguage(languages, 'fr')).toBeUndefined();
  });
});
