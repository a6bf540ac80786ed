// transformers.js loads every GPT-2-like model and continues texts with the same tokens as the engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoderStep } from '../../src/engine/decoderStep';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import { tokenizerOf } from '../../src/engine/model';
import { greedy } from '../../src/generation/greedy';
import { engineWith, MODEL } from '../unit/engine/testEngine';
import { foldersOf, sentences } from './modelFolders';
import type { ClientModel, ClientTokenizer } from './transformersJs';
import { loadClient, loadTokenizer, rowsOf } from './transformersJs';

const NEW_TOKENS = 20;
/** The beginnings of 40 of the sentences. */
const prompts = sentences
  .filter((_, i) => i % 5 === 0)
  .map((sentence) => sentence.split(' ').slice(0, 4).join(' '));

describe.each(foldersOf(['gpt2']))('%s', (folder) => {
  let engine: ExplorerEngine;
  let clientTokenizer: ClientTokenizer;
  let client: ClientModel;

  beforeAll(async () => {
    engine = await engineWith(folder);
    clientTokenizer = await loadTokenizer(folder);
    client = await loadClient(folder, 'AutoModelForCausalLM');
  });

  afterAll(async () => {
    engine.dispose();
    await client.dispose();
  });

  /** The engine's ids for one prompt, and what it adds to them. */
  async function continued(prompt: string): Promise<{ readonly ids: number[]; readonly more: number[] }> {
    const { decoder, config, tokenizer, summary } = engine.model(MODEL);
    const ids = tokenizerOf(engine.model(MODEL))
      .encode(prompt)
      .tokens.map(({ id }) => id);
    if (!decoder) {
      throw new Error(`${summary.name} has no decoder`);
    }
    const endings = [...config.eos, tokenizer?.special.eos].filter((id) => id !== undefined);
    const options = { prompt: [ids], eos: endings, forbidden: config.forbidden, maxLength: NEW_TOKENS };
    const [generated] = await greedy(decoderStep(decoder, 1, undefined), options);
    return { ids, more: [...generated.ids, ...(generated.ended ? endings.slice(0, 1) : [])] };
  }

  test(`${NEW_TOKENS} tokens more, for ${prompts.length} beginnings`, async () => {
    for (const prompt of prompts) {
      const { ids, more } = await continued(prompt);
      const inputs = clientTokenizer([prompt]);
      expect(rowsOf(inputs['input_ids'])[0], prompt).toEqual(ids);
      const output = await client.generate({ ...inputs, max_new_tokens: NEW_TOKENS });
      expect(rowsOf(output)[0], prompt).toEqual([...ids, ...more]);
    }
  });
});
