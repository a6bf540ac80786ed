// transformers.js loads every translation model as it is shipped: it reads the same tokens and writes the same translations as the engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../src/engine/explorerEngine';
import type { TokenSequence } from '../../src/shared/tokens';
import { engineWith, MODEL } from '../unit/engine/testEngine';
import { foldersOf, sentences } from './modelFolders';
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

const idsOf = ({ tokens }: TokenSequence) => tokens.filter(({ padding }) => !padding).map(({ id }) => id);

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

  /** Ids of both programs for a batch: of the sources, and of the translations without start and end. */
  async function translateBoth(texts: readonly string[], language: string) {
    const { summary, tokenizer } = engine.model(MODEL);
    const tag = summary.languages.find(({ code }) => code === language)?.token ?? '';
    const inputs = clientTokenizer(
      texts.map((text) => `${tag} ${text}`),
      { padding: true },
    );
    const kept = rowsOf(inputs['attention_mask']);
    const end = tokenizer?.special.eos ?? -1;
    const trace = await engine.explore({
      model: MODEL,
      texts,
      decoder: { from: 'translation', language },
    });
    const ours = trace.decoder.map((sequence) => idsOf(sequence).slice(1));
    // The engine stops a model that repeats itself for ever; there transformers.js need not go on much longer.
    const limit = Math.max(...ours.map(({ length }) => length)) + BEYOND;
    const output = rowsOf(await client.generate({ ...inputs, max_new_tokens: limit }));
    return {
      trace,
      sources: {
        ours: trace.encoder.map(idsOf),
        theirs: rowsOf(inputs['input_ids']).map((row, i) => row.filter((_id, j) => kept[i][j] === 1)),
      },
      translations: { ours, theirs: output.map((row) => row.slice(1, row.indexOf(end))) },
    };
  }

  /** How much the logit of the engine's choice exceeds that of the other's, where the two programs part. */
  async function lead(trace: string, row: number, ours: readonly number[], theirs: readonly number[]) {
    const end = engine.model(MODEL).tokenizer?.special.eos ?? -1;
    const [run] = engine.trace(trace).runs.filter(({ stack }) => stack.anatomy.output);
    const name = run.stack.anatomy.output?.logits ?? '';
    await run.fetch([name], undefined);
    const { dims, data } = run.get(name);
    const [, positions, vocabulary] = dims;
    const parting = ours.findIndex((id, i) => id !== theirs[i]);
    const place = parting < 0 ? ours.length : parting;
    const logit = (id: number) => Number(data[(row * positions + place) * vocabulary + id]);
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
      const { trace, sources, translations } = await translateBoth(texts, language);
      expect(sources.theirs).toEqual(sources.ours);
      for (const [row, ours] of translations.ours.entries()) {
        const theirs = translations.theirs[row];
        const equal = String(theirs) === String(ours);
        // Where the engine stopped a model that repeats itself, the largest logit is what the other wrote next.
        const stopped = String(theirs.slice(0, ours.length)) === String(ours);
        const leads = equal ? 0 : await lead(trace.id, row, ours, theirs);
        if (!(stopped ? leads <= 0 : Math.abs(leads) < TIE)) {
          expect(theirs, texts[row]).toEqual(ours);
        }
        same += equal || stopped ? 1 : 0;
      }
      await engine.releaseTrace({ trace: trace.id });
    }
    // A tie or two may be decided otherwise; both programs then go on from different words.
    expect(same).toBeGreaterThanOrEqual(sentences.length - 2);
  });

  test('the text that the command line prints is what transformers.js writes', async () => {
    const [{ token }] = engine.model(MODEL).summary.languages;
    for (const text of sentences.filter((_, i) => i % 20 === 0)) {
      const output = await client.generate(clientTokenizer([`${token} ${text}`]));
      const [ids] = rowsOf(output);
      expect(await engine.translate({ model: MODEL, text })).toBe(
        clientTokenizer.decode(ids, { skip_special_tokens: true }),
      );
    }
  });
});
