// transformers.js loads every translation model as it is shipped: it reads the same tokens and writes the same translations as the engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import { DEFAULT_DECODING } from '../../src/shared/translation';
import { engineWith, MODEL } from '../unit/engine/testEngine';
import { foldersOf, sentences } from './modelFolders';
import { translateBatch } from './translateBatch';
import type { ClientModel, ClientTokenizer } from './transformersJs';
import { loadClient, loadTokenizer, rowsOf } from './transformersJs';

const BATCH = 25;
/** How many more tokens transformers.js may write than the longest translation of the batch has. */
const BEYOND = 3;
/** Two logits that are closer than this may be told apart by another runtime's rounding. */
const TIE = 1e-4;
const LANGUAGES = ['de', 'fr', 'zh'];

/** Equally long texts stand together, so that little is padding. */
const batches = (() => {
  const sorted = [...sentences].sort((a, b) => a.length - b.length);
  return Array.from({ length: Math.ceil(sorted.length / BATCH) }, (_, i) =>
    sorted.slice(i * BATCH, (i + 1) * BATCH),
  );
})();

test('there are 200 different sentences', () => {
  expect(new Set(sentences).size).toBe(200);
});

describe.each(foldersOf(['marian']))('%s', (folder) => {
  let engine: ExplorerEngine;
  let clientTokenizer: ClientTokenizer;
  let client: ClientModel;

  beforeAll(async () => {
    engine = await engineWith(folder);
    clientTokenizer = await loadTokenizer(folder);
    client = await loadClient(folder, 'AutoModelForSeq2SeqLM');
  });

  afterAll(async () => {
    engine.dispose();
    await client.dispose();
  });

  /** What transformers.js reads and writes: at most `limit` tokens, without start and end. */
  async function translateThere(texts: readonly string[], language: string, limit: number) {
    const { summary, tokenizer } = engine.model(MODEL);
    const tag = summary.languages.find(({ code }) => code === language)?.token ?? '';
    const inputs = clientTokenizer(
      texts.map((text) => `${tag} ${text}`),
      { padding: true },
    );
    const kept = rowsOf(inputs['attention_mask']);
    const output = rowsOf(await client.generate({ ...inputs, max_new_tokens: limit }));
    const end = tokenizer?.special.eos ?? -1;
    return {
      sources: rowsOf(inputs['input_ids']).map((row, i) => row.filter((_id, j) => kept[i][j] === 1)),
      translations: output.map((row) => row.slice(1, row.indexOf(end))),
    };
  }

  /** How much the logit of the engine's choice exceeds that of the other's, where the two translations part. */
  async function lead(text: string, language: string, ours: readonly number[], theirs: readonly number[]) {
    const decoder = { from: 'translation', language } as const;
    const trace = await engine.explore({ model: MODEL, texts: [text], decoder });
    const [run] = engine.trace(trace.id).runs.filter(({ stack }) => stack.anatomy.output);
    const name = run.stack.anatomy.output?.logits ?? '';
    await run.fetch([name]);
    const { dims, data } = run.get(name);
    const [, , vocabulary] = dims;
    const end = engine.model(MODEL).tokenizer?.special.eos ?? -1;
    const parting = ours.findIndex((id, i) => id !== theirs[i]);
    const place = parting < 0 ? ours.length : parting;
    const logit = (id: number) => Number(data[place * vocabulary + id]);
    await engine.releaseTrace({ trace: trace.id });
    return logit(ours[place] ?? end) - logit(theirs[place] ?? end);
  }

  test('it translates into German, French and Chinese', () => {
    expect(engine.model(MODEL).summary.languages.map(({ code }) => code)).toEqual(
      expect.arrayContaining(LANGUAGES),
    );
  });

  test.each(LANGUAGES)('200 sentences to %s', async (language) => {
    let same = 0;
    for (const texts of batches) {
      const here = await translateBatch(engine.model(MODEL), texts, language);
      // The engine stops a model that repeats itself for ever; there transformers.js need not go on much longer.
      const longest = Math.max(...here.translations.map(({ ids }) => ids.length));
      const there = await translateThere(texts, language, longest + BEYOND);
      expect(there.sources).toEqual(here.sources);
      for (const [row, { ids, ended }] of here.translations.entries()) {
        const theirs = there.translations[row];
        const compared = ended ? theirs : theirs.slice(0, ids.length);
        if (String(compared) === String(ids)) {
          same++;
        } else if (!(Math.abs(await lead(texts[row], language, ids, compared)) < TIE)) {
          expect(compared, texts[row]).toEqual(ids);
        }
      }
    }
    // A tie or two may be decided otherwise; both programs then go on from different words.
    expect(same).toBeGreaterThanOrEqual(sentences.length - 2);
  });

  test('the text that the command line prints is what transformers.js writes', async () => {
    const [{ token }] = engine.model(MODEL).summary.languages;
    for (const text of sentences.filter((_, i) => i % 20 === 0)) {
      const output = await client.generate(clientTokenizer([`${token} ${text}`]));
      const [ids] = rowsOf(output);
      const decoding = { ...DEFAULT_DECODING, method: 'greedy' } as const;
      const [{ hypotheses }] = await engine.translate({ model: MODEL, texts: [text], decoding });
      expect(hypotheses[0].target.text).toBe(clientTokenizer.decode(ids, { skip_special_tokens: true }));
    }
  });
});
