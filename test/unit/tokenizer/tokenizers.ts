// The tokenizers that the tests share: those of the three shipped models, and outside ones where present.
import { existsSync, readFileSync } from 'node:fs';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import type { TextTokenizer } from '../../../src/tokenizer/textTokenizer';

const root = new URL('../../../', import.meta.url);

export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Record<string, unknown>;
}

export const files = {
  unigram: readJson('models/translate-en-de-fr-zh/tokenizer.json'),
  wordPiece: readJson('models/english-bert-mini/tokenizer.json'),
  byteLevel: readJson('models/english-gpt-mini/tokenizer.json'),
};

export const unigram = createTokenizer({
  tokenizerJson: files.unigram,
  configJson: readJson('models/translate-en-de-fr-zh/tokenizer_config.json'),
});
export const wordPiece = createTokenizer({
  tokenizerJson: files.wordPiece,
  configJson: readJson('models/english-bert-mini/tokenizer_config.json'),
});
export const byteLevel = createTokenizer({
  tokenizerJson: files.byteLevel,
  configJson: readJson('models/english-gpt-mini/tokenizer_config.json'),
});

const outsidePath = new URL('../shared/third-party-models/vespa/transformer/real_tokenizer.json', root);

/** BERT's own vocabulary, which is not part of the project. */
export function outsideBert(): TextTokenizer | undefined {
  if (!existsSync(outsidePath)) {
    console.log('Skipped: ../shared/third-party-models/vespa/transformer/real_tokenizer.json is missing.');
    return undefined;
  }
  return createTokenizer({ tokenizerJson: readFileSync(outsidePath) });
}

/** A small Unigram tokenizer with the given pieces, `▁` for spaces and byte fallback where the bytes are among them. */
export function smallUnigram(pieces: readonly (readonly [string, number])[]): Record<string, unknown> {
  return {
    added_tokens: [
      { id: 0, content: '<unk>', special: true, normalized: false },
      { id: 1, content: '</s>', special: true, normalized: false },
    ],
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [{ type: 'ByteFallback' }, { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' }],
    },
    model: {
      type: 'Unigram',
      unk_id: 0,
      byte_fallback: true,
      vocab: [['<unk>', 0], ['</s>', 0], ...pieces],
    },
  };
}

/** All 256 byte pieces. */
export const bytePieces: readonly (readonly [string, number])[] = Array.from({ length: 256 }, (_, byte) => [
  `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  -20,
]);

/** `piece[start,end)` of each token, for readable expectations. */
export function spans(tokens: readonly { piece: string; start: number; end: number }[]): string[] {
  return tokens.map(({ piece, start, end }) => (start < 0 ? piece : `${piece}[${start},${end})`));
}
