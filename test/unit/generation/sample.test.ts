// Sampling: what may be drawn, how often it is drawn, and that a seed decides everything.
import { describe, expect, test } from 'vitest';
import { greedy } from '../../../src/generation/greedy';
import type { SampleOptions } from '../../../src/generation/sample';
import { candidates, draw, sample } from '../../../src/generation/sample';
import { EOS, language, noise, randomLanguage, START } from './languages';

/** Logits of these probabilities. */
const logitsOf = (...probabilities: number[]): Float32Array => Float32Array.from(probabilities, Math.log);

const idsOf = (...args: Parameters<typeof candidates>): number[] =>
  [...candidates(...args).ids].sort((a, b) => a - b);

describe('candidates', () => {
  const logits = logitsOf(0.1, 0.4, 0.05, 0.25, 0.2);

  test('all of them where nothing is cut, without what is impossible', () => {
    expect(idsOf(logits, {})).toEqual([0, 1, 2, 3, 4]);
    expect(idsOf(Float32Array.of(0, -Infinity, NaN, 1), {})).toEqual([0, 3]);
  });

  test('top-k takes the likeliest, of equals the smaller ids', () => {
    expect(idsOf(logits, { topK: 2 })).toEqual([1, 3]);
    expect(idsOf(logits, { topK: 9 })).toEqual([0, 1, 2, 3, 4]);
    expect(idsOf(Float32Array.of(1, 2, 2, 2), { topK: 2 })).toEqual([1, 2]);
  });

  test('top-p takes the fewest that reach the share', () => {
    expect(idsOf(logits, { topP: 0.39 })).toEqual([1]);
    expect(idsOf(logits, { topP: 0.41 })).toEqual([1, 3]);
    expect(idsOf(logits, { topP: 0.64 })).toEqual([1, 3]);
    expect(idsOf(logits, { topP: 0.66 })).toEqual([1, 3, 4]);
    expect(idsOf(logits, { topP: 0.94 })).toEqual([0, 1, 3, 4]);
    expect(idsOf(logits, { topP: 0.96 })).toEqual([0, 1, 2, 3, 4]);
    expect(idsOf(logits, { topP: 1e-9 })).toEqual([1]);
    expect(idsOf(logitsOf(0.25, 0.25, 0.25, 0.25), { topP: 0.49 })).toEqual([0, 1]);
  });

  test('top-p counts after temperature and top-k', () => {
    // Of 0.4 and 0.25 alone, 0.4 has a share of 0.615.
    expect(idsOf(logits, { topK: 2, topP: 0.6 })).toEqual([1]);
    expect(idsOf(logits, { topK: 2, topP: 0.63 })).toEqual([1, 3]);
    // Squared and normalised, 0.4 has a share of 0.592.
    expect(idsOf(logits, { temperature: 0.5, topP: 0.58 })).toEqual([1]);
    expect(idsOf(logits, { temperature: 0.5, topP: 0.6 })).toEqual([1, 3]);
  });

  test('top-p cuts a large vocabulary where a full sort does', () => {
    const next = noise(11);
    for (const spread of [1, 5, 20]) {
      const many = Float32Array.from({ length: 3000 }, () => spread * next());
      const total = many.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const sorted = [...many.keys()].sort((a, b) => many[b] - many[a] || a - b);
      for (const topP of [0.3, 0.9, 0.99]) {
        let reached = 0;
        const end = sorted.findIndex((id) => (reached += Math.exp(many[id]) / total) >= topP);
        // Summed in another order, the share may be reached one token earlier or later.
        const { ids } = candidates(many, { topP });
        expect(Math.abs(ids.length - (end + 1))).toBeLessThanOrEqual(1);
        expect(ids.slice(0, end)).toEqual(sorted.slice(0, end));
      }
    }
  });
});

describe('draw', () => {
  test('takes the token in whose share the number falls', () => {
    const logits = logitsOf(0.1, 0.4, 0.5);
    expect([0, 0.09, 0.11, 0.49, 0.51, 0.999999].map((at) => draw(logits, {}, at))).toEqual([
      0, 0, 1, 1, 2, 2,
    ]);
  });

  test('never takes what was cut off', () => {
    const logits = logitsOf(0.1, 0.4, 0.5);
    const drawn = Array.from({ length: 1000 }, (_, i) => draw(logits, { topK: 2 }, i / 1000));
    expect(new Set(drawn)).toEqual(new Set([1, 2]));
  });

  test('takes nothing where there is nothing', () => {
    expect(draw(Float32Array.of(-Infinity, NaN), {}, 0.5)).toBeUndefined();
  });
});

describe('sample', () => {
  const settings: SampleOptions = { prompt: [[START]], eos: [EOS], maxLength: 12, seed: 7 };

  test.each([
    [1, [0.2, 0.3, 0.1, 0.4]],
    [2, [0.04 / 0.3, 0.09 / 0.3, 0.01 / 0.3, 0.16 / 0.3]],
  ])(
    'draws by the probabilities, divided by the temperature (probabilities to the power of %d)',
    async (power, shares) => {
      const step = language(4, () => [0.2, 0.3, 0.1, 0.4].map(Math.log));
      const count = 4000;
      const [samples] = await sample(step, {
        ...settings,
        eos: [],
        maxLength: 1,
        hypotheses: count,
        temperature: 1 / power,
      });
      const square = shares.reduce((sum, share, id) => {
        const seen = samples.filter(({ ids }) => ids[0] === id).length;
        return sum + (seen - share * count) ** 2 / (share * count);
      }, 0);
      // χ² with 3 degrees of freedom exceeds 16.27 once in a thousand; the seed is fixed, so this never wavers.
      expect(square).toBeLessThan(16.27);
    },
  );

  test('tokens of one sample are independent of each other', async () => {
    const step = language(2, () => [0, 0]);
    const [[{ ids }]] = await sample(step, { ...settings, eos: [], maxLength: 4000 });
    const pairs = [0, 0, 0, 0];
    ids.slice(1).forEach((id, i) => pairs[2 * ids[i] + id]++);
    const expected = (ids.length - 1) / 4;
    expect(pairs.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)).toBeLessThan(16.27);
  });

  test('the same seed gives the same samples, another one others', async () => {
    const step = randomLanguage(20, 3);
    const options = { ...settings, forbidden: [EOS], hypotheses: 3 };
    const first = await sample(step, options);
    expect(await sample(step, options)).toEqual(first);
    expect(await sample(step, { ...options, seed: 8 })).not.toEqual(first);
    expect(new Set(first[0].map(({ ids }) => String(ids))).size).toBe(3);
    const [[alone]] = await sample(step, { ...options, hypotheses: 1 });
    expect(alone).toEqual(first[0][0]);
  });

  test('a source in a batch is sampled as if it were alone', async () => {
    const step = randomLanguage(9, 5);
    const options = { ...settings, hypotheses: 3, topP: 0.9, noRepeat: 3, begin: [4] };
    const prompt = [[START], [2], [3], [5]];
    const together = await sample(step, { ...options, prompt, maxLengths: [12, 2, 9, 30] });
    for (const [i, maxLength] of [12, 2, 9, 30].entries()) {
      const [alone] = await sample(step, { ...options, prompt: [prompt[i]], maxLengths: [maxLength] });
      expect(together[i]).toEqual(alone);
    }
  });

  test('with one candidate is greedy decoding', async () => {
    const step = randomLanguage(9, 2);
    const prompt = [[START], [2], [3]];
    const expected = await greedy(step, { ...settings, prompt });
    for (const chance of [{ topK: 1 }, { topP: 1e-6 }, { temperature: 1e-4 }]) {
      const found = await sample(step, { ...settings, ...chance, prompt });
      expect(found.map(([{ ids, logProbabilities, ended }]) => ({ ids, logProbabilities, ended }))).toEqual(
        expected,
      );
    }
  });

  test('tells the probabilities of the model, whatever was cut off', async () => {
    const step = language(4, () => [0.2, 0.3, 0.1, 0.4].map(Math.log));
    const [[{ ids, logProbabilities, logProbability }]] = await sample(step, {
      ...settings,
      topK: 1,
      temperature: 3,
      maxLength: 2,
    });
    expect(ids).toEqual([3, 3]);
    logProbabilities.forEach((each) => expect(each).toBeCloseTo(Math.log(0.4), 6));
    expect(logProbability).toBeCloseTo(2 * Math.log(0.4), 6);
  });

  test('reads a prompt once, however many samples are wanted', async () => {
    const step = randomLanguage(9, 2);
    await sample(step, { ...settings, eos: [], prompt: [[START, 2, 3]], hypotheses: 4, maxLength: 2 });
    expect(step.reads[0]).toEqual([[START, 2, 3]]);
    expect(step.reads[1]).toHaveLength(4);
  });

  test('streams the first sample, and can be cancelled', async () => {
    const abort = new AbortController();
    const seen: (readonly number[])[] = [];
    const run = sample(randomLanguage(9, 2), {
      ...settings,
      eos: [],
      hypotheses: 2,
      signal: abort.signal,
      onStep: ([ids]) => {
        seen.push(ids);
        if (ids.length === 4) {
          abort.abort();
        }
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen.map(({ length }) => length)).toEqual([1, 2, 3, 4]);
  });

  test.each([{ temperature: 0 }, { temperature: -1 }, { topP: 0 }, { topK: -1 }, { temperature: NaN }])(
    'refuses %o',
    async (chance) => {
      const run = sample(randomLanguage(4, 1), { ...settings, ...chance });
      await expect(run).rejects.toMatchObject({ code: 'badRequest' });
    },
  );
});
