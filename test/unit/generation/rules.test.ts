// What all ways of decoding share: rules that change the logits, and a forced beginning.
import { describe, expect, test } from 'vitest';
import { beamSearch } from '../../../src/generation/beam';
import { greedy } from '../../../src/generation/greedy';
import type { TokenRules } from '../../../src/generation/options';
import { sample } from '../../../src/generation/sample';
import { applyRules } from '../../../src/generation/tokenRules';
import { EOS, language, logProbabilitiesAfter, randomLanguage, START } from './languages';

function ruled(values: readonly number[], rules: TokenRules, history: readonly number[], forced?: number) {
  const logits = Float32Array.from(values);
  applyRules(logits, rules, history, forced);
  return [...logits];
}

/** The ids that become impossible after `history`. */
function banned(noRepeat: number, history: readonly number[]): number[] {
  return ruled(Array<number>(10).fill(0), { noRepeat }, history).flatMap((logit, id) =>
    logit === -Infinity ? [id] : [],
  );
}

describe('applyRules', () => {
  test('the repetition penalty divides what is positive and multiplies what is not, once for each token', () => {
    const penalised = ruled([4, -4, 4, 0, -4], { repetitionPenalty: 2 }, [0, 0, 1, 3]);
    expect(penalised).toEqual([2, -8, 4, 0, -4]);
  });

  test('an n-gram does not occur twice', () => {
    expect(banned(3, [5, 6, 7, 1, 5, 6])).toEqual([7]);
    expect(banned(2, [5, 6, 5, 7, 5])).toEqual([6, 7]);
    expect(banned(1, [5, 6, 5])).toEqual([5, 6]);
    expect(banned(2, [5, 5])).toEqual([5]);
    expect(banned(3, [5, 5])).toEqual([]);
    expect(banned(0, [5, 5, 5])).toEqual([]);
  });

  test('what is forbidden is impossible, other ids do not matter', () => {
    expect(ruled([1, 2], { forbidden: [1, 7, -1] }, [])).toEqual([1, -Infinity]);
  });

  test('what is forced stays possible, with its penalty', () => {
    expect(ruled([1, 2], { forbidden: [1], noRepeat: 1, repetitionPenalty: 2 }, [1, 0], 1)).toEqual([
      -Infinity,
      1,
    ]);
  });
});

describe('decoding under rules', () => {
  // Says 2 3 2 3 … for ever; 4 is a way out, and the end comes after it.
  const parrot = () =>
    language(6, (read) => {
      switch (read.at(-1)) {
        case 2:
          return [-9, -9, -5, 9, 1, -9];
        case 4:
          return [9, 0, 0, 0, 0, 0];
        default:
          return [-9, -9, 9, -5, 1, -9];
      }
    });
  const settings = { prompt: [[START]], eos: [EOS], maxLength: 20 };

  test('without them the parrot goes on to the limit', async () => {
    const [{ ids, ended }] = await greedy(parrot(), settings);
    expect(ids).toHaveLength(20);
    expect(ended).toBe(false);
  });

  test.each([
    [1, [2, 3, 4]],
    [2, [2, 3, 2, 4]],
    [3, [2, 3, 2, 3, 4]],
    [4, [2, 3, 2, 3, 2, 4]],
  ])('no %i-gram occurs twice', async (noRepeat, expected) => {
    const [{ ids }] = await greedy(parrot(), { ...settings, noRepeat });
    expect(ids).toEqual(expected);
    const [[best]] = await beamSearch(parrot(), { ...settings, noRepeat, beams: 1 });
    expect(best.ids).toEqual(expected);
    const [[drawn]] = await sample(parrot(), { ...settings, noRepeat, topK: 1, seed: 1 });
    expect(drawn.ids).toEqual(expected);
  });

  test('a penalty ends the repetition, too', async () => {
    const [{ ids, ended }] = await greedy(parrot(), { ...settings, repetitionPenalty: 20 });
    expect(ids).toEqual([2, 3, 4]);
    expect(ended).toBe(true);
  });

  test('probabilities are those after the rules', async () => {
    const step = language(4, () => [0, 0, 0, 0]);
    const [{ logProbabilities }] = await greedy(step, { ...settings, maxLength: 1, forbidden: [3, 2] });
    expect(logProbabilities[0]).toBeCloseTo(-Math.LN2, 6);
  });

  test('the prompt counts: what it says is not said again', async () => {
    const [{ ids }] = await greedy(parrot(), { ...settings, prompt: [[START, 2, 3]], noRepeat: 2 });
    expect(ids).toEqual([2, 4]);
  });
});

describe('a forced beginning', () => {
  const step = () => randomLanguage(9, 6);
  const begin = [5, 7, 5];
  const settings = { prompt: [[START], [3]], eos: [EOS], maxLength: 10, begin };

  const all = {
    greedy: async (options: Parameters<typeof greedy>[1], language_ = step()) =>
      (await greedy(language_, options)).map((each) => [each]),
    sample: (options: Parameters<typeof greedy>[1], language_ = step()) =>
      sample(language_, { ...options, seed: 3, hypotheses: 2 }),
    beamSearch: (options: Parameters<typeof greedy>[1], language_ = step()) =>
      beamSearch(language_, { ...options, beams: 3 }),
  };

  describe.each(['greedy', 'sample', 'beamSearch'] as const)('%s', (name) => {
    test('is read in one pass and scored like what is chosen', async () => {
      const random = step();
      const found = await all[name](settings, random);
      expect(random.reads[0]).toEqual([
        [START, ...begin],
        [3, ...begin],
      ]);
      for (const [source, sequences] of found.entries()) {
        for (const { ids, logProbabilities, ended } of sequences) {
          expect(ids.slice(0, begin.length)).toEqual(begin);
          expect(logProbabilities).toHaveLength(ids.length + Number(ended));
          const chosen = ended ? [...ids, EOS] : ids;
          for (const [i, id] of chosen.entries()) {
            const read = [...settings.prompt[source], ...chosen.slice(0, i)];
            const expected = await logProbabilitiesAfter(random, read);
            expect(logProbabilities[i]).toBeCloseTo(expected[id], 5);
          }
        }
      }
    });

    test('may be forbidden otherwise', async () => {
      const found = await all[name]({ ...settings, forbidden: [5], noRepeat: 1 });
      for (const { ids, logProbabilities } of found.flat()) {
        expect(ids.slice(0, 3)).toEqual(begin);
        expect(ids.slice(3)).not.toContain(5);
        expect(logProbabilities.every(Number.isFinite)).toBe(true);
      }
    });

    test('with an end is everything there is', async () => {
      const random = step();
      const found = await all[name]({ ...settings, begin: [5, 7, EOS, 4] }, random);
      expect(random.reads).toHaveLength(1);
      for (const { ids, logProbabilities, ended } of found.flat()) {
        expect(ids).toEqual([5, 7]);
        expect(logProbabilities).toHaveLength(3);
        expect(ended).toBe(true);
      }
    });

    test('counts towards the limit', async () => {
      const [[three]] = await all[name]({ ...settings, maxLength: 3 });
      expect(three).toMatchObject({ ids: begin, ended: false });
      const [[four]] = await all[name]({ ...settings, forbidden: [EOS], maxLength: 4 });
      expect(four.ids).toHaveLength(4);
    });
  });

  test('with what greedy decoding says itself changes nothing', async () => {
    const options = { prompt: [[START]], eos: [EOS], maxLength: 10, forbidden: [EOS] };
    const [free] = await greedy(step(), options);
    const [bound] = await greedy(step(), { ...options, begin: free.ids.slice(0, 4) });
    expect(bound).toEqual(free);
  });
});
