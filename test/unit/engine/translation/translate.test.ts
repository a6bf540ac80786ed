// Translations of the shipped model: every way of decoding, what is streamed meanwhile, cancelling, and what is refused.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { tokenizerOf } from '../../../../src/engine/model';
import type { Decoding, TranslateRequest, TranslationUpdate } from '../../../../src/shared/translation';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { MODEL, sharedEngine, shippedModel } from '../testEngine';

const TIRED = "The animal didn't cross the street because it was too tired.";
const greedy: Decoding = { ...DEFAULT_DECODING, method: 'greedy' };
const beam: Decoding = { ...DEFAULT_DECODING, beams: 3, hypotheses: 3 };

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await sharedEngine(shippedModel);
}, 60_000);

const ask = (request: Partial<TranslateRequest>, call = {}) =>
  engine.translate({ model: MODEL, texts: [TIRED], language: 'de', decoding: greedy, ...request }, call);

describe('greedy', () => {
  test('is what the explorer reads, alone and in a padded batch', async () => {
    const trace = await engine.explore({
      model: MODEL,
      texts: [TIRED],
      decoder: { from: 'translation', language: 'de' },
    });
    const [start, ...ids] = trace.decoder[0].tokens.map(({ id }) => id);
    const [alone] = await ask({});
    const [, batched] = await ask({ texts: ['A cat.', TIRED] });
    expect(alone.hypotheses).toHaveLength(1);
    expect(alone.hypotheses[0].ids).toEqual(ids);
    expect(batched.hypotheses[0].ids).toEqual(ids);
    expect(alone.source).toEqual(trace.encoder[0]);
    // No padding, though the batch had some.
    expect(batched.source).toEqual(trace.encoder[0]);
    expect(ids).not.toContain(start);
  });

  test('the target has its tokens and words with their ranges, and its end', async () => {
    const [{ hypotheses }] = await ask({});
    const [{ target, ids, logProbabilities, logProbability, score, ended }] = hypotheses;
    expect(ended).toBe(true);
    expect(target.tokens.map(({ id }) => id)).toEqual([...ids, 0]);
    expect(target.tokens.at(-1)).toMatchObject({ piece: '</s>', special: true, start: -1 });
    expect(target.text).toBe(tokenizerOf(engine.model(MODEL)).decode(ids));
    for (const { first, last, start, end, label } of target.words.slice(0, -1)) {
      expect(target.text.slice(start, end)).toBe(label);
      expect(target.tokens.slice(first, last + 1).every(({ special }) => !special)).toBe(true);
    }
    expect(logProbabilities).toHaveLength(ids.length + 1);
    const sum = logProbabilities.reduce((a, b) => a + b, 0);
    expect(logProbability).toBeCloseTo(sum, 9);
    expect(score).toBeCloseTo(sum / logProbabilities.length, 9);
  });

  test('a limit of length cuts it off', async () => {
    const [{ hypotheses }] = await ask({ decoding: { ...greedy, maxLength: 3 } });
    expect(hypotheses[0]).toMatchObject({ ended: false });
    expect(hypotheses[0].ids).toHaveLength(3);
    expect(hypotheses[0].target.tokens).toHaveLength(3);
  });

  test('no n-gram twice', async () => {
    const text = 'No, no, no, no, no, no!';
    const pairs = ({ ids }: { readonly ids: readonly number[] }) =>
      ids.slice(1).map((id, i) => `${ids[i]} ${id}`);
    const [free] = await ask({ texts: [text] });
    const [once] = await ask({ texts: [text], decoding: { ...greedy, noRepeat: 2 } });
    expect(new Set(pairs(free.hypotheses[0])).size).toBeLessThan(pairs(free.hypotheses[0]).length);
    expect(new Set(pairs(once.hypotheses[0])).size).toBe(pairs(once.hypotheses[0]).length);
  });
});

describe('beam search', () => {
  test('the best of several, no worse than greedy, with a tree that leads to each', async () => {
    const [{ hypotheses, tree }] = await ask({ decoding: beam, tree: true });
    const [greedily] = await ask({});
    expect(hypotheses).toHaveLength(3);
    expect(hypotheses.map(({ score }) => score)).toEqual(
      hypotheses.map(({ score }) => score).sort((a, b) => b - a),
    );
    expect(hypotheses[0].score).toBeGreaterThanOrEqual(greedily.hypotheses[0].score - 1e-6);
    const nodes = tree?.nodes ?? [];
    const path = (node: number): number[] => (node < 0 ? [] : [...path(nodes[node].parent), nodes[node].id]);
    const ended = nodes.flatMap(({ fate }, node) => (fate === 'ended' ? [path(node).join(' ')] : []));
    for (const { ids } of hypotheses) {
      expect(ended).toContain([...ids, 0].join(' '));
    }
    expect(nodes.every(({ parent }, node) => parent < node)).toBe(true);
    expect(nodes.find(({ id }) => id === hypotheses[0].ids[0])?.label).toBe(
      hypotheses[0].target.tokens[0].label,
    );
    expect(nodes.find(({ fate }) => fate === 'ended')?.label).toBe('</s>');
  });

  test('one beam is greedy, and fewer beams than hypotheses are all there are', async () => {
    const [one] = await ask({ decoding: { ...beam, beams: 1 } });
    const [greedily] = await ask({});
    expect(one.hypotheses).toHaveLength(1);
    expect(one.hypotheses[0].ids).toEqual(greedily.hypotheses[0].ids);
    expect(one.tree).toBeUndefined();
  });
});

describe('sampling', () => {
  const drawn = (settings: Partial<Decoding>) =>
    ask({ decoding: { ...DEFAULT_DECODING, method: 'sample', hypotheses: 2, ...settings } });
  const texts = ([{ hypotheses }]: Awaited<ReturnType<typeof drawn>>) =>
    hypotheses.map(({ target }) => target.text);

  test('the same seed gives the same texts, best first; another seed others', async () => {
    const first = await drawn({ seed: 3 });
    expect(texts(await drawn({ seed: 3 }))).toEqual(texts(first));
    expect(texts(await drawn({ seed: 4 }))).not.toEqual(texts(first));
    const [a, b] = first[0].hypotheses;
    expect(a.score).toBeGreaterThanOrEqual(b.score);
    expect(a.score).toBe(a.logProbability);
  });

  test('of the likeliest token alone it is greedy', async () => {
    const [greedily] = await ask({});
    const [only] = await drawn({ topK: 1, hypotheses: 1 });
    expect(only.hypotheses[0].ids).toEqual(greedily.hypotheses[0].ids);
  });
});

test.each([['greedy' as const], ['beam' as const], ['sample' as const]])(
  'a forced beginning is kept and decoded on from: %s',
  async (method) => {
    const decoding = { ...beam, method };
    const tokenizer = tokenizerOf(engine.model(MODEL));
    const begin = tokenizer.encode('Das Vieh', { addSpecial: false }).tokens.map(({ id }) => id);
    const [{ hypotheses }] = await ask({ decoding, begin });
    for (const { ids, target, logProbabilities } of hypotheses) {
      expect(ids.slice(0, begin.length)).toEqual(begin);
      expect(target.text.startsWith('Das Vieh')).toBe(true);
      expect(logProbabilities.length).toBeGreaterThanOrEqual(ids.length);
    }
    expect(hypotheses[0].ids.length).toBeGreaterThan(begin.length);
    // Forcing what was decoded changes nothing.
    if (method === 'greedy') {
      const [free] = await ask({});
      const [again] = await ask({ begin: free.hypotheses[0].ids.slice(0, 4) });
      expect(again.hypotheses[0].ids).toEqual(free.hypotheses[0].ids);
      again.hypotheses[0].logProbabilities.forEach((value, i) =>
        expect(value).toBeCloseTo(free.hypotheses[0].logProbabilities[i], 4),
      );
    }
  },
);

describe('while it runs', () => {
  test('every step tells the texts so far, which grow into the result', async () => {
    const updates: TranslationUpdate[] = [];
    const texts = ['Grüße, 你好 and 🙂 from the house.', TIRED];
    const found = await ask(
      { texts },
      { onProgress: ({ partial }: { partial?: TranslationUpdate }) => partial && updates.push(partial) },
    );
    expect(updates.map(({ step }) => step)).toEqual(
      [...updates.keys()].map((i) => Math.min(i + 1, updates.at(-1)?.step ?? 0)),
    );
    expect(updates.length).toBeGreaterThan(5);
    for (const [text, { hypotheses }] of found.entries()) {
      const grown = updates.map((update) => update.texts[text]);
      grown.slice(1).forEach((later, i) => expect(later.startsWith(grown[i])).toBe(true));
      expect(grown.at(-1)).toBe(hypotheses[0].target.text);
    }
  });

  test.each(['greedy', 'beam', 'sample'] as const)(
    '%s is cancelled at a step, and the engine goes on',
    async (method) => {
      const controller = new AbortController();
      let steps = 0;
      const running = ask(
        { decoding: { ...beam, method } },
        {
          signal: controller.signal,
          onProgress: () => {
            if (++steps === 3) {
              controller.abort();
            }
          },
        },
      );
      await expect(running).rejects.toMatchObject({ code: 'cancelled' });
      expect(steps).toBe(3);
      const [{ hypotheses }] = await ask({ texts: ['A cat.'] });
      expect(hypotheses[0].ended).toBe(true);
    },
  );
});

describe('refused', () => {
  const settings = (change: Partial<Decoding>) => ({ decoding: { ...DEFAULT_DECODING, ...change } });
  test.each<[string, Partial<TranslateRequest>, object]>([
    ['emptyText', { texts: ['A cat.', ' \n'] }, { text: 1, side: 'encoder' }],
    ['emptyText', { texts: [] }, {}],
    ['textTooLong', { texts: ['A cat. '.repeat(300)] }, { text: 0, limit: 512, tokens: 902 }],
    ['languageUnknown', { language: 'xx' }, { language: 'xx', known: 'de, fr, zh' }],
    ['badRequest', { begin: [134], texts: ['A cat.', TIRED] }, { field: 'begin' }],
    ['badRequest', { begin: [16001] }, { field: 'begin' }],
    ['badRequest', settings({ beams: 0 }), { field: 'beams', from: 1 }],
    ['badRequest', settings({ beams: 2.5 }), { field: 'beams' }],
    ['badRequest', settings({ hypotheses: 0 }), { field: 'hypotheses' }],
    ['badRequest', settings({ lengthPenalty: Number.NaN }), { field: 'lengthPenalty' }],
    ['badRequest', settings({ temperature: 0 }), { field: 'temperature' }],
    ['badRequest', settings({ topK: -1 }), { field: 'topK' }],
    ['badRequest', settings({ topP: 1.1 }), { field: 'topP', to: 1 }],
    ['badRequest', settings({ seed: -1 }), { field: 'seed' }],
    ['badRequest', settings({ noRepeat: -1 }), { field: 'noRepeat' }],
    ['badRequest', settings({ repetitionPenalty: 0 }), { field: 'repetitionPenalty' }],
    ['badRequest', settings({ maxLength: -1 }), { field: 'maxLength' }],
    ['badRequest', settings({ method: 'best' as 'beam' }), { field: 'method' }],
  ])('%s: %j', async (code, request, details) => {
    await expect(ask(request)).rejects.toMatchObject({ code, details });
  });

  test('a model that only reads', async () => {
    const reader = await sharedEngine('models/english-bert-mini');
    const running = reader.translate({ model: MODEL, texts: ['x'], decoding: greedy });
    await expect(running).rejects.toMatchObject({ code: 'modelUnsupported' });
  });
});
