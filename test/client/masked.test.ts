// transformers.js loads every BERT-like model: for a masked word, in a padded batch, it has the same logits and the same best words as the engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import { engineWith, MODEL } from '../unit/engine/testEngine';
import { foldersOf, sentences } from './modelFolders';
import type { ClientModel, ClientTokenizer } from './transformersJs';
import { loadClient, loadTokenizer, rowsOf } from './transformersJs';

const BATCH = 10;
const TOLERANCE = 1e-3;

describe.each(foldersOf(['bert']))('%s', (folder) => {
  let engine: ExplorerEngine;
  let clientTokenizer: ClientTokenizer;
  let client: ClientModel;

  beforeAll(async () => {
    engine = await engineWith(folder);
    clientTokenizer = await loadTokenizer(folder);
    client = await loadClient(folder, 'AutoModelForMaskedLM');
  });

  afterAll(async () => {
    engine.dispose();
    await client.dispose();
  });

  /** Every fifth sentence with a word in its middle masked. */
  function maskedSentences(): string[] {
    return sentences
      .filter((sentence, i) => i % 5 === 0 && sentence.split(' ').length > 3)
      .map((sentence) => {
        const words = sentence.split(' ');
        words[Math.floor(words.length / 2)] = clientTokenizer.mask_token;
        return words.join(' ');
      });
  }

  async function compare(texts: readonly string[]): Promise<void> {
    const { encoder, tokenizer } = engine.model(MODEL);
    const trace = await engine.explore({ model: MODEL, texts });
    const [run] = engine.trace(trace.id).runs;
    const name = encoder?.anatomy.output?.logits ?? '';
    await run.fetch([name]);
    const { dims, data } = run.get(name);
    const inputs = clientTokenizer(texts, { padding: true });
    const ids = trace.encoder.map(({ tokens }) => tokens.map(({ id }) => id));
    expect(rowsOf(inputs['input_ids'])).toEqual(ids);
    const { logits } = await client(inputs);
    expect(logits.dims).toEqual(dims);
    const [, length, vocabulary] = dims;
    for (const [row, text] of texts.entries()) {
      const place = ids[row].indexOf(tokenizer?.special.mask ?? -1);
      expect(place, text).toBeGreaterThan(0);
      const from = (row * length + place) * vocabulary;
      const ours = Array.from({ length: vocabulary }, (_, i) => Number(data[from + i]));
      const theirs = Array.from({ length: vocabulary }, (_, i) => Number(logits.data[from + i]));
      const furthest = Math.max(...ours.map((logit, i) => Math.abs(logit - theirs[i])));
      expect(furthest, text).toBeLessThan(TOLERANCE);
      expect(bestOf(theirs), text).toEqual(bestOf(ours));
    }
    await engine.releaseTrace({ trace: trace.id });
  }

  test('logits and the five best words', async () => {
    const texts = maskedSentences();
    expect(texts.length).toBeGreaterThan(30);
    for (let i = 0; i < texts.length; i += BATCH) {
      await compare(texts.slice(i, i + BATCH));
    }
  });
});

/** Ids of the five largest logits, the largest first. */
function bestOf(logits: readonly number[]): number[] {
  return [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 5);
}
