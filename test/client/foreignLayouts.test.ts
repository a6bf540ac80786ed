// The graphs that are recorded in the layouts of other exporters are such as transformers.js takes: it decodes them, with their caches, to the same tokens as the engine.
import { describe, expect, test } from 'vitest';
import { golden, engineWith, filesOf, MODEL, startEngine } from '../unit/engine/testEngine';
import { wordsOf, wordTokenizer } from '../unit/engine/wordTokenizer';
import { continueText } from './continueText';
import { configOf } from './modelFolders';
import { inputsOf, loadClient, rowsOf } from './transformersJs';

const NEW_TOKENS = 20;
const PAD = 0;
const END = 1;

/** The texts of the recording, without padding. */
function sources(folder: string): number[][] {
  const { dims, data } = golden(folder.replace('test/golden/', ''))['input_ids'];
  return rowsOf({ dims, data }).map((row) => row.filter((id) => id !== PAD));
}

describe.each(['t5', 'bart', 'merged'].map((name) => `test/golden/layouts/${name}`))('%s', (folder) => {
  test('an encoder and its merged decoder', async () => {
    const engine = await startEngine();
    const files = { ...filesOf(folder), ...wordTokenizer(Number(configOf(folder)['vocab_size'])) };
    await engine.loadModel({ id: MODEL, name: folder, files });
    const client = await loadClient(folder, 'AutoModelForSeq2SeqLM');
    for (const source of sources(folder)) {
      const trace = await engine.explore({ model: MODEL, texts: [wordsOf(source)] });
      const ours = trace.decoder[0].tokens.slice(1).map(({ id }) => id);
      const output = await client.generate({
        ...(await inputsOf(source)),
        max_new_tokens: NEW_TOKENS,
        // The engine never writes padding.
        bad_words_ids: [[PAD]],
      });
      const [[, ...theirs]] = rowsOf(output);
      expect(theirs.filter((id) => id !== END)).toEqual(ours.slice(0, NEW_TOKENS));
    }
    engine.dispose();
    await client.dispose();
  });
});

test('test/golden/layouts/llama', async () => {
  const folder = 'test/golden/layouts/llama';
  const engine = await engineWith(folder);
  const client = await loadClient(folder, 'AutoModelForCausalLM');
  for (const ids of sources(folder)) {
    const more = await continueText(engine.model(MODEL), ids, NEW_TOKENS);
    const output = await client.generate({ ...(await inputsOf(ids)), max_new_tokens: NEW_TOKENS });
    expect(rowsOf(output)[0]).toEqual([...ids, ...more]);
  }
  engine.dispose();
  await client.dispose();
});
