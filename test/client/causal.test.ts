// transformers.js loads every GPT-2-like model and continues texts with the same tokens as the engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import { tokenizerOf } from '../../src/engine/model';
import { engineWith, MODEL } from '../unit/engine/testEngine';
import { continueText } from './continueText';
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

  test(`${NEW_TOKENS} tokens more, for ${prompts.length} beginnings`, async () => {
    for (const prompt of prompts) {
      const model = engine.model(MODEL);
      const ids = tokenizerOf(model)
        .encode(prompt)
        .tokens.map(({ id }) => id);
      const more = await continueText(model, ids, NEW_TOKENS);
      const inputs = clientTokenizer([prompt]);
      expect(rowsOf(inputs['input_ids'])[0], prompt).toEqual(ids);
      const output = await client.generate({ ...inputs, max_new_tokens: NEW_TOKENS });
      expect(rowsOf(output)[0], prompt).toEqual([...ids, ...more]);
    }
  });
});
