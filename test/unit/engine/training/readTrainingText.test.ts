// Training data as models read them: running text counts by the blocks that are read, and what cannot be learned is refused before anything is built.
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../src/engine/model';
import { readTrainingText } from '../../../../src/engine/training/readTrainingText';
import type { Family } from '../../../../src/shared/modelSummary';
import type { TrainingPreview, TrainingText } from '../../../../src/shared/training';
import { createTokenizer } from '../../../../src/tokenizer/createTokenizer';
import { wordsOf, wordTokenizer } from '../wordTokenizer';

/** Rows of the embedding, and the most tokens that are read at once. */
const KNOWN = 60;
const MOST = 32;

/** As much of a model as reading asks for. */
function modelWith(family: Family, words = KNOWN): Model {
  const files = wordTokenizer(words);
  const stack = { anatomy: { embedding: { vocabulary: KNOWN } } };
  const model = {
    summary: {
      ...{ family, name: 'tiny', languages: [], sourceLanguages: [] },
      maxTokens: { encoder: MOST, decoder: MOST },
    },
    config: {},
    tokenizer: createTokenizer({
      tokenizerJson: files['tokenizer.json'],
      configJson: files['tokenizer_config.json'],
    }),
    ...(family === 'encoder-only' ? { encoder: stack } : { decoder: stack }),
  };
  return model as unknown as Model;
}

const MODELS = {
  bert: modelWith('encoder-only'),
  gpt: modelWith('decoder-only'),
  other: modelWith('encoder-only', KNOWN + 40),
};

async function preview(
  model: keyof typeof MODELS,
  data: TrainingText,
  heldOut: 'auto' | number = 'auto',
): Promise<TrainingPreview> {
  return (await readTrainingText(MODELS[model], data, { heldOut, seed: 1 }, {})).preview;
}

describe('running text without a blank line', () => {
  const lines = Array.from({ length: 400 }, (_, i) => wordsOf([5 + (i % 50), 7, 9]));
  const text = lines.join('\n');

  it.each(['gpt', 'bert'] as const)('is held out and counted by blocks (%s)', async (model) => {
    const found = await preview(model, { text });
    const blocks = Math.ceil((3 * lines.length - Number(model === 'gpt')) / MOST);
    expect([found.train + found.heldOut, found.heldOut]).toEqual([blocks, Math.round(blocks / 10)]);
    expect(
      found.examples
        .map(({ source }) => source.trim())
        .join(' ')
        .split(/\s+/),
    ).toEqual(text.split(/\s+/));
    expect(found.examples.filter(({ heldOut }) => heldOut)).toHaveLength(found.heldOut);
    expect(found.examples.at(-1)?.line).toBeGreaterThan(380);
    expect(await preview(model, { text })).toEqual(found);
    const half = await preview(model, { text }, 0.5);
    expect(half.heldOut).toBe(Math.round(blocks / 2));
  });
});

describe('what is refused', () => {
  it('are texts that all have one label', async () => {
    const of = (text: string) => preview('bert', { text, task: 'classification' });
    await expect(of('man\tw5 w6\nman\tw7')).rejects.toMatchObject({
      code: 'badRequest',
      message: 'The only label is "man". A classifier needs at least two labels: add texts with another one.',
    });
    // Too long a text teaches nothing.
    const long = wordsOf(Array<number>(MOST + 1).fill(9));
    await expect(of(`man\tw5 w6\nriver\t${long}`)).rejects.toThrow('at least two labels');
    expect((await of('man\tw5 w6\nriver\tw7')).labels).toEqual(['man', 'river']);
    expect((await of('')).train).toBe(0);
  });

  it('is the tokenizer of another model, with both numbers', async () => {
    await expect(preview('other', { text: `w5 w6 w${KNOWN}` })).rejects.toMatchObject({
      code: 'tokenizerUnsupported',
      message: expect.stringContaining(
        `the id ${KNOWN}, but the embedding of the model "tiny" has ${KNOWN} rows only`,
      ) as string,
    });
    expect((await preview('other', { text: `w5 w6 w${KNOWN - 1}` })).train).toBe(1);
  });
});
