import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/shared/errors';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import { byteLevel, files, smallUnigram, spans, unigram, wordPiece } from './tokenizers';

function errorOf(make: () => unknown): UserError {
  try {
    make();
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
  return expect.fail('Nothing was thrown.');
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('a tokenizer', () => {
  it('knows its special tokens, its size and its languages', () => {
    expect(unigram.special).toMatchObject({ eos: 0, unk: 1, pad: 16000, bos: undefined });
    expect(wordPiece.special).toMatchObject({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
    expect(unigram.size).toBe(16001);
    expect(unigram.languages).toEqual([
      { id: 2, token: '>>deu<<', code: 'deu', style: 'tag' },
      { id: 3, token: '>>fra<<', code: 'fra', style: 'tag' },
      { id: 4, token: '>>cmn<<', code: 'cmn', style: 'tag' },
    ]);
    expect([unigram.idOf('>>fra<<'), unigram.pieceOf(3), unigram.idOf('no such piece')]).toEqual([
      3,
      '>>fra<<',
      undefined,
    ]);
  });

  it('puts the prefix first and special tokens round the text; neither covers any of it', () => {
    const { tokens } = unigram.encode('The house', { prefix: [2] });
    expect(spans(tokens)).toEqual(['>>deu<<', '▁The[0,3)', '▁house[3,9)', '</s>']);
    expect(tokens.map(({ special }) => special)).toEqual([true, false, false, true]);
    expect(wordPiece.encode('The', { addSpecial: false }).tokens).toHaveLength(1);
  });

  it('reads a special token that stands in the text as text', () => {
    const { tokens } = wordPiece.encode('a [MASK] c');
    expect(tokens[2]).toMatchObject({ piece: '[MASK]', label: '[MASK]', start: 2, end: 8, special: false });
  });

  it('labels a token by the text it covers, white space by a sign', () => {
    expect(wordPiece.encode('DÉJÀ', { addSpecial: false }).words[0].label).toBe('DÉJÀ');
    const labels = byteLevel.encode('a\n\ta', { addSpecial: false }).tokens.map(({ label }) => label);
    expect(labels).toEqual(['a', '⏎', '⇥', 'a']);
  });

  it('keeps a stripped accent with its letter, composed or not', () => {
    for (const text of ['né', 'ne\u0301']) {
      const { tokens } = wordPiece.encode(text, { addSpecial: false });
      expect(tokens.at(-1)?.end).toBe(text.length);
    }
  });

  it('pads a batch with tokens that say so', () => {
    const [long, short] = unigram.pad([unigram.encode('The house is very old.'), unigram.encode('No.')]);
    expect(short.tokens).toHaveLength(long.tokens.length);
    const padding = short.tokens.at(-1);
    expect(padding).toMatchObject({
      id: 16000,
      special: true,
      padding: true,
      start: -1,
      word: short.words.length - 1,
    });
    expect(short.tokens.filter((token) => token.padding)).toHaveLength(
      long.tokens.length - unigram.encode('No.').tokens.length,
    );
    expect(long.tokens.some((token) => token.padding)).toBe(false);
    expect(short.words.at(-1)).toEqual({
      label: '<pad>',
      first: padding && short.tokens.indexOf(padding),
      last: short.tokens.length - 1,
      start: -1,
      end: -1,
    });
  });

  it('has nothing to say about an empty text but special tokens', () => {
    expect(spans(unigram.encode('').tokens)).toEqual(['</s>']);
    expect(byteLevel.encode('').tokens).toEqual([]);
    expect(unigram.encode(' \r\n ', { addSpecial: false }).tokens).toEqual([]);
  });

  it('lists what it drops in words', () => {
    expect(byteLevel.drops).toEqual([]);
    expect(wordPiece.drops.map(({ what }) => what).join()).toContain('control');
    expect(wordPiece.drops.some(({ matches }) => matches('\u200B'))).toBe(true);
    expect(unigram.drops.some(({ matches }) => matches('\uFEFF'))).toBe(true);
  });

  it('takes configuration from tokenizer_config.json, tokens named by text or by object', () => {
    const tokenizer = createTokenizer({
      tokenizerJson: files.byteLevel,
      configJson: bytesOf('{"eos_token": {"content": "<|endoftext|>"}, "pad_token": "<|endoftext|>"}'),
    });
    expect(tokenizer.special).toMatchObject({ eos: 5999, pad: 5999 });
  });
});

describe('a file that cannot be used', () => {
  it.each([
    ['is not JSON', bytesOf('{"model": ')],
    ['is a list', bytesOf('[]')],
    ['has no model', {}],
    ['has a vocabulary of the wrong kind', { model: { type: 'WordPiece', vocab: [] } }],
    ['has an id that is no number', { model: { type: 'WordPiece', vocab: { a: '1' } } }],
    ['lacks its unknown piece', { model: { type: 'WordPiece', vocab: { a: 0 }, unk_token: '[UNK]' } }],
    ['has broken merges', { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a'] } }],
    ['has broken scores', { model: { type: 'Unigram', vocab: [['a']] } }],
    ['has a stage without a type', { ...files.unigram, normalizer: {} }],
    ['has an added token without an id', { ...files.unigram, added_tokens: [{ content: 'x' }] }],
    [
      'has a truncated character map',
      { ...files.unigram, normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAEAAA==' } },
    ],
    [
      'has a character map that is not base64',
      { ...files.unigram, normalizer: { type: 'Precompiled', precompiled_charsmap: '?' } },
    ],
  ])('%s: modelCorrupt, with what to do', (_, tokenizerJson) => {
    const error = errorOf(() => createTokenizer({ tokenizerJson }));
    expect(error.code).toBe('modelCorrupt');
    expect(error.message).toMatch(/tokenizer\.json.*(again|another)/s);
  });

  it.each(['normalizer', 'pre_tokenizer', 'post_processor', 'decoder', 'model'])(
    'has an unknown %s: tokenizerUnsupported, naming it',
    (part) => {
      const error = errorOf(() =>
        createTokenizer({ tokenizerJson: { ...files.unigram, [part]: { type: 'Novel' } } }),
      );
      expect(error.code).toBe('tokenizerUnsupported');
      expect(error.message).toContain('"Novel"');
    },
  );

  it('has a broken tokenizer_config.json: modelCorrupt', () => {
    const error = errorOf(() => createTokenizer({ tokenizerJson: files.unigram, configJson: bytesOf('{') }));
    expect(error.code).toBe('modelCorrupt');
  });
});

it('a character map is mentioned in the notes', () => {
  expect(unigram.notes).toEqual([]);
  const charsmap = btoa(String.fromCharCode(4, 0, 0, 0, 0, 0, 0, 0, 0));
  const mapped = createTokenizer({
    tokenizerJson: {
      ...smallUnigram([['▁a', -1]]),
      normalizer: { type: 'Precompiled', precompiled_charsmap: charsmap },
    },
  });
  expect(mapped.notes.join()).toContain('SentencePiece');
  expect(spans(mapped.encode('a').tokens)).toEqual(['▁a[0,1)']);
});
