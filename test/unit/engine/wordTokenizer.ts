// A tokenizer for models that have none: the word `w12` has the id 12.
import type { ModelFiles } from '../../../src/shared/protocol';

/** tokenizer.json and tokenizer_config.json; id 0 pads. */
export function wordTokenizer(vocabulary: number): ModelFiles {
  const json = (content: unknown) => new TextEncoder().encode(JSON.stringify(content));
  return {
    'tokenizer.json': json({
      version: '1.0',
      added_tokens: [{ id: 0, content: 'w0', special: true, normalized: false }],
      pre_tokenizer: { type: 'WhitespaceSplit' },
      model: {
        type: 'WordLevel',
        unk_token: 'w0',
        vocab: Object.fromEntries(Array.from({ length: vocabulary }, (_, id) => [`w${id}`, id])),
      },
    }),
    'tokenizer_config.json': json({ pad_token: 'w0', unk_token: 'w0' }),
  };
}

/** The text that these ids are read from. */
export function wordsOf(ids: readonly number[]): string {
  return ids.map((id) => `w${id}`).join(' ');
}
