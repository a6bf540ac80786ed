// Every way in which models are told languages: what the encoder reads, and what the decoder begins with.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import type { DecoderInput } from '../../../../src/shared/trace';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { MODEL, startEngine } from '../testEngine';
import { loadTagged } from './taggedLayout';

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.dispose());

const decoding = { ...DEFAULT_DECODING, method: 'greedy', maxLength: 4 } as const;
const summary = () => engine.model(MODEL).summary;

/** What encoder and decoder read, as the vocabulary spells it; the explorer's run and a translation must agree. */
async function readBy(language?: string, sourceLanguage?: string) {
  const ids = [[20, 21]];
  const decoder: DecoderInput = { from: 'ids', ids, language, sourceLanguage };
  const trace = await engine.explore({ model: MODEL, texts: ['w5 w6'], decoder });
  const request = { model: MODEL, texts: ['w5 w6'], language, sourceLanguage, decoding };
  const [{ source, hypotheses }] = await engine.translate(request);
  expect(source).toEqual(trace.encoder[0]);
  const own = await engine.explore({
    model: MODEL,
    texts: ['w5 w6'],
    decoder: { from: 'translation', language, sourceLanguage },
  });
  const written = own.decoder[0].tokens.map(({ id }) => id);
  const before = trace.decoder[0].tokens.length - ids[0].length;
  expect(written.slice(before, before + hypotheses[0].ids.length)).toEqual(hypotheses[0].ids);
  return {
    encoder: trace.encoder[0].tokens.map(({ piece }) => piece).join(' '),
    decoder: trace.decoder[0].tokens
      .slice(0, before)
      .map(({ piece }) => piece)
      .join(' '),
  };
}

describe('tags before the source', () => {
  test.each([
    ['Marian', { 50: '>>deu<<', 51: '>>cmn_Hans<<' }, '>>deu<< w5 w6 w1', '>>cmn_Hans<< w5 w6 w1'],
    ['MADLAD', { 50: '<2de>', 51: '<2zh_Hans>' }, '<2de> w5 w6 w1', '<2zh_Hans> w5 w6 w1'],
  ])('%s', async (_name, tokens, german, chinese) => {
    await loadTagged(engine, 'marian', { tokens });
    expect(summary().languages.map(({ code }) => code)).toEqual(['de', 'zh-Hans']);
    expect(summary().sourceLanguages).toEqual([]);
    expect(await readBy('de')).toEqual({ encoder: german, decoder: 'w0' });
    expect((await readBy('zh')).encoder).toBe(chinese);
    expect((await readBy()).encoder).toBe(german);
    await expect(readBy('fr')).rejects.toMatchObject({
      code: 'languageUnknown',
      details: { known: 'de, zh-Hans' },
    });
  });
});

describe('tokens for both sides', () => {
  test('M2M-100: the source language in front, the target after the start', async () => {
    const tokens = { 50: '__en__', 51: '__de__', 52: '__fr__' };
    await loadTagged(engine, 'bart', { tokens, before: ['__en__'], config: { decoder_start_token_id: 1 } });
    expect(summary().languages.map(({ code }) => code)).toEqual(['en', 'de', 'fr']);
    expect(summary().sourceLanguages[0]).toEqual({ code: 'en', token: '__en__' });
    expect(await readBy('de')).toEqual({ encoder: '__en__ w5 w6 w1', decoder: 'w1 __de__' });
    expect(await readBy('en', 'fr')).toEqual({ encoder: '__fr__ w5 w6 w1', decoder: 'w1 __en__' });
    await expect(readBy('de', 'it')).rejects.toMatchObject({ code: 'languageUnknown' });
  });

  test('NLLB-200: a language with several scripts keeps them apart', async () => {
    const tokens = { 50: 'eng_Latn', 51: 'deu_Latn', 52: 'zho_Hans', 53: 'zho_Hant' };
    await loadTagged(engine, 'bart', { tokens, before: ['eng_Latn'], config: { decoder_start_token_id: 1 } });
    expect(summary().languages.map(({ code }) => code)).toEqual(['en', 'de', 'zh-Hans', 'zh-Hant']);
    expect((await readBy('zh-Hant', 'de')).encoder).toBe('deu_Latn w5 w6 w1');
    expect((await readBy('zh-Hant', 'de')).decoder).toBe('w1 zho_Hant');
  });

  test('mBART-50: the language that the files force comes first, and is not forced once more', async () => {
    const tokens = { 50: 'en_XX', 51: 'de_DE', 52: 'fr_XX' };
    const config = { decoder_start_token_id: 1, forced_bos_token_id: 52 };
    await loadTagged(engine, 'bart', { tokens, before: ['en_XX'], config });
    expect(summary().languages.map(({ code }) => code)).toEqual(['fr', 'en', 'de']);
    expect((await readBy()).decoder).toBe('w1 fr_XX');
    const [{ hypotheses }] = await engine.translate({
      model: MODEL,
      texts: ['w5 w6'],
      language: 'de',
      decoding,
    });
    expect(hypotheses[0].ids[0]).not.toBe(52);
  });

  test('mBART-25: the language is the start, the source language stands at the end', async () => {
    const tokens = { 50: 'en_XX', 51: 'de_DE', 52: 'ro_RO' };
    const config = { decoder_start_token_id: 52 };
    await loadTagged(engine, 'bart', { tokens, after: ['w1', 'en_XX'], config });
    expect(await readBy()).toEqual({ encoder: 'w5 w6 w1 en_XX', decoder: 'ro_RO' });
    expect(await readBy('de', 'ro')).toEqual({ encoder: 'w5 w6 w1 ro_RO', decoder: 'de_DE' });
  });

  test('without a place for it in the tokenizer, the source language is put in front', async () => {
    await loadTagged(engine, 'bart', {
      tokens: { 50: '__en__', 51: '__de__' },
      config: { decoder_start_token_id: 1 },
    });
    expect((await readBy('de', 'de')).encoder).toBe('__de__ w5 w6 w1');
  });

  test('words that were not added to the vocabulary are no tags', async () => {
    await loadTagged(engine, 'bart', {});
    expect(summary()).toMatchObject({ languages: [], sourceLanguages: [] });
  });
});

describe('texts before the source', () => {
  const task = (prefix: string) => ({ prefix, max_length: 300 });

  test('T5: ranges are those of the text, the task is no part of it', async () => {
    await loadTagged(engine, 't5', {
      config: {
        task_specific_params: {
          summarization: task('w30 '),
          translation_en_to_de: task('w31 w32 '),
          translation_en_to_fr: task('w33 '),
        },
      },
    });
    expect(summary().languages).toEqual([
      { code: 'de', token: 'w31 w32 ' },
      { code: 'fr', token: 'w33 ' },
    ]);
    expect(summary().sourceLanguages).toEqual([]);
    expect(await readBy('de')).toEqual({ encoder: 'w31 w32 w5 w6 w1', decoder: 'w0' });
    const trace = await engine.explore({ model: MODEL, texts: ['w5 w6'] });
    const [{ text, tokens, words }] = trace.encoder;
    expect(text).toBe('w5 w6');
    expect(tokens.map(({ start, end, special }) => [start, end, special])).toEqual([
      [-1, -1, true],
      [-1, -1, true],
      [0, 2, false],
      [3, 5, false],
      [-1, -1, true],
    ]);
    expect(words.map(({ label }) => label)).toEqual(['w31', 'w32', 'w5', 'w6', 'w1']);
    await expect(readBy('zh')).rejects.toMatchObject({ code: 'languageUnknown' });
  });

  test('tasks of several source languages: the one that fits both is asked for', async () => {
    const config = {
      task_specific_params: {
        translation_en_to_de: task('w31 '),
        translation_fr_to_de: task('w32 '),
        translation_en_to_fr: task('w33 '),
      },
    };
    await loadTagged(engine, 't5', { config });
    expect(summary().sourceLanguages.map(({ code }) => code)).toEqual(['en', 'fr']);
    expect((await readBy('de', 'fr')).encoder).toBe('w32 w5 w6 w1');
    await expect(readBy('fr', 'fr')).rejects.toMatchObject({ code: 'languageUnknown' });
  });
});

describe('a single language', () => {
  test.each([
    ['tokenizer_config.json', { tokenizerConfig: { source_lang: 'eng', target_lang: 'deu' } }],
    ['the name of the model', { config: { _name_or_path: 'Helsinki-NLP/opus-mt-en-de' } }],
  ])('%s states it', async (_name, tagging) => {
    await loadTagged(engine, 'marian', tagging);
    expect(summary().languages).toEqual([{ code: 'de', token: '' }]);
    expect(await readBy('de')).toEqual({ encoder: 'w5 w6 w1', decoder: 'w0' });
    await expect(readBy('fr')).rejects.toMatchObject({ code: 'languageUnknown' });
  });

  test('nothing states it: there is no choice', async () => {
    await loadTagged(engine, 'marian', {});
    expect(summary().languages).toEqual([]);
    expect((await readBy()).encoder).toBe('w5 w6 w1');
  });
});
