// Why a word came out: probabilities, alternatives and attention of the shipped model equal those of decoding and of the explorer's run.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { tokenizerOf } from '../../../../src/engine/model';
import { defaultHeads } from '../../../../src/shared/headChoice';
import { rowOf } from '../../../../src/shared/tensor';
import type { ExplainRequest, HeadChoice, TranslationHypothesis } from '../../../../src/shared/translation';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { MODEL, sharedEngine, shippedModel } from '../testEngine';

const TIRED = "The animal didn't cross the street because it was too tired.";
const END = 0;
const PAD = 16000;

let engine: ExplorerEngine;
let best: TranslationHypothesis;
let other: TranslationHypothesis;
beforeAll(async () => {
  engine = await sharedEngine(shippedModel);
  const request = { model: MODEL, texts: ['A cat.', TIRED], language: 'de', decoding: DEFAULT_DECODING };
  const [, { hypotheses }] = await engine.translate(request);
  [best, other] = hypotheses;
}, 60_000);

const why = (request: Partial<ExplainRequest> = {}) =>
  engine.explainTranslation({
    ...{ model: MODEL, text: TIRED, ids: best.ids, language: 'de', alternatives: 5 },
    heads: defaultHeads(engine.model(MODEL).summary),
    ...request,
  });

describe('steps', () => {
  test('probabilities are those of decoding in a padded batch with a cache', async () => {
    for (const { ids, logProbabilities, target } of [best, other]) {
      const explanation = await why({ ids });
      expect(explanation.target).toEqual(target);
      expect(explanation.steps).toHaveLength(logProbabilities.length);
      explanation.steps.forEach(({ token, probability }, i) => {
        expect(token).toBe(i);
        expect(Math.abs(Math.log(probability) - logProbabilities[i])).toBeLessThan(1e-4);
      });
    }
  });

  test('alternatives are the likeliest tokens, the chosen one and the end among them', async () => {
    const { steps, target } = await why();
    steps.forEach(({ alternatives, probability }, i) => {
      expect(alternatives).toHaveLength(5);
      const values = alternatives.map((each) => each.probability);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      expect(values.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(1 + 1e-6);
      const chosen = alternatives.find(({ id }) => id === target.tokens[i].id);
      expect(chosen?.probability ?? values[4]).toBeCloseTo(chosen ? probability : values[4], 9);
      expect(chosen !== undefined || probability <= values[4]).toBe(true);
      alternatives.forEach(({ id, end }) => expect(end).toBe(id === END));
    });
    expect(steps.at(-1)?.alternatives[0]).toMatchObject({ id: END, label: '</s>', end: true });
    expect(steps[0].alternatives[0].label).toBe('Das');
  });

  test('alternatives that read alike show which of them begins a word', async () => {
    const { steps } = await why({ alternatives: 1000 });
    const { tokenizer } = engine.model(MODEL);
    for (const { alternatives } of steps) {
      const [word, part] = ['▁er', 'er'].map((piece) =>
        alternatives.find(({ id }) => id === tokenizer?.idOf(piece)),
      );
      if (word && part) {
        expect([word.label, part.label]).toEqual(['␣er', 'er']);
        return;
      }
    }
    expect.fail('No step has both.');
  });

  test('the whole distribution sums to 1, without padding, and its entropy is that of its probabilities', async () => {
    const { steps } = await why({ ids: best.ids.slice(0, 1), alternatives: 1000 });
    const { alternatives, entropy } = steps[0];
    expect(alternatives.some(({ id }) => id === PAD)).toBe(false);
    const known = alternatives.map(({ probability }) => probability);
    const rest = 1 - known.reduce((a, b) => a + b, 0);
    const bits = known.reduce((sum, p) => sum - p * Math.log2(p), 0);
    // The rest is spread over all other tokens: at least as if on one, at most as if evenly.
    expect(entropy).toBeGreaterThan(bits - rest * Math.log2(rest));
    expect(entropy).toBeLessThan(bits - rest * Math.log2(rest / 15_000));
  });
});

describe('attention', () => {
  const choices: HeadChoice[] = [
    { layer: 4, head: 2 },
    { layer: 0, head: 'mean' },
    { layer: 'all', head: 'mean' },
    { layer: 'all', head: 5 },
  ];

  test.each(choices)(
    '$layer, $head: rows sum to 1 and are those of the explorer, by the position that made the token',
    async (heads) => {
      const { attention, steps, source } = await why({ heads });
      expect([attention.rows, attention.columns]).toEqual([steps.length, source.tokens.length]);
      const trace = await engine.explore({
        model: MODEL,
        texts: [TIRED],
        decoder: { from: 'ids', ids: [[...best.ids, END]], language: 'de' },
      });
      // What was decoded is read as it is: the start, then every token.
      expect(trace.decoder[0].tokens.slice(1).map(({ id }) => id)).toEqual([...best.ids, END]);
      expect(trace.decoder[0].text).toBe(best.target.text);
      const layers = heads.layer === 'all' ? [0, 1, 2, 3, 4, 5] : [heads.layer];
      const matrices = await Promise.all(
        layers.map((layer) =>
          engine.matrix({
            ...{ trace: trace.id, batch: 0, stage: 'weights', unit: 'pieces' },
            ...{ attention: `decoder.${layer}.cross`, head: heads.head },
          }),
        ),
      );
      for (let row = 0; row < attention.rows; row++) {
        const weights = rowOf(attention, row);
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
        weights.forEach((weight, column) => {
          const mean =
            matrices.reduce((sum, { data, columns }) => sum + data[row * columns + column], 0) /
            layers.length;
          expect(Math.abs(weight - mean)).toBeLessThan(1e-5);
        });
      }
    },
  );

  test('the default heads find the source of a word', async () => {
    const { attention, source, target } = await why();
    const looksAt = (label: string) => {
      const row = rowOf(
        attention,
        target.tokens.findIndex((token) => token.label === label),
      );
      return source.tokens[row.indexOf(Math.max(...row))].label;
    };
    expect(looksAt('Straße')).toBe('street');
    expect(looksAt('müde')).toBe('tired');
    expect(looksAt('weil')).toBe('cause');
  });
});

describe('coverage', () => {
  const words = (texts: readonly { readonly label: string }[], marked: readonly number[]) =>
    marked.map((word) => texts[word].label);
  const idsOf = (text: string) =>
    tokenizerOf(engine.model(MODEL))
      .encode(text, { addSpecial: false })
      .tokens.map(({ id }) => id);

  test('nothing is missing in what the model says itself', async () => {
    expect(await why()).toMatchObject({ untranslated: [], repeated: [] });
  });

  test('what was left out is marked', async () => {
    const text = 'My sister reads a long letter, and the dog sleeps under the table.';
    const { source, untranslated } = await why({
      text,
      ids: idsOf('Meine Schwester liest einen langen Brief.'),
    });
    const marked = words(source.words, untranslated);
    expect(marked.length).toBeGreaterThan(0);
    for (const word of marked) {
      expect(['and', 'the', 'dog', 'sleeps', 'under', 'table']).toContain(word);
    }
  });

  test('what is said again is marked', async () => {
    const { target, repeated } = await why({
      ids: idsOf('Das Tier war zu müde, weil es zu müde war, weil es zu müde war.'),
    });
    expect(words(target.words, repeated).join(' ')).toContain('weil es zu müde war');
    expect(Math.min(...repeated)).toBeGreaterThan(3);
  });
});

describe('refused', () => {
  test.each<[string, Partial<ExplainRequest>, object]>([
    ['badRequest', { heads: { layer: 6, head: 0 } }, { layer: 6 }],
    ['badRequest', { heads: { layer: 0, head: 8 } }, { head: 8 }],
    ['badRequest', { alternatives: -1 }, { field: 'alternatives' }],
    ['badRequest', { ids: [99_999] }, { field: 'ids' }],
    ['emptyText', { text: ' ' }, {}],
    ['languageUnknown', { language: 'xx' }, {}],
  ])('%s: %j', async (code, request, details) => {
    await expect(why(request)).rejects.toMatchObject({ code, details });
  });

  test('a target that is longer than the decoder can read', async () => {
    const ids = Array.from({ length: 512 }, () => 5);
    await expect(why({ ids })).rejects.toMatchObject({
      code: 'badRequest',
      details: { field: 'ids', limit: 512 },
    });
  });

  test('ids that the decoder cannot read, and another number of them than of texts', async () => {
    const explore = (ids: readonly (readonly number[])[]) =>
      engine.explore({ model: MODEL, texts: ['A cat.'], decoder: { from: 'ids', ids, language: 'de' } });
    await expect(explore([[-1]])).rejects.toMatchObject({ code: 'badRequest', details: { field: 'ids' } });
    await expect(explore([Array.from({ length: 512 }, () => 5)])).rejects.toMatchObject({
      code: 'badRequest',
    });
    await expect(explore([[5], [6]])).rejects.toMatchObject({ code: 'badRequest' });
  });
});

test('a second run beside one of given ids reads the same ids, unless it is asked for another translation', async () => {
  const texts = ['A cat.', TIRED];
  const ids = [
    [5, 6, 7],
    [...best.ids, END],
  ];
  const { id: trace } = await engine.explore({
    model: MODEL,
    texts,
    decoder: { from: 'ids', ids, language: 'de' },
  });
  const reads = async (more: object) => {
    const other = await engine.beside({ trace, batch: 1, ...more });
    return { ...other.trace, ids: other.trace.decoder[other.batch].tokens.slice(1).map(({ id }) => id) };
  };
  expect((await reads({ interventions: [] })).ids).toEqual(ids[1]);
  const french = await reads({ language: 'fr' });
  expect(french.language).toBe('fr');
  expect(french.decoder[0].text).not.toBe(best.target.text);
});
