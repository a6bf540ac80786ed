// Beam search over made-up languages in which every sequence can be listed.
import { describe, expect, test } from 'vitest';
import { beamSearch } from '../../../src/generation/beam';
import { greedy } from '../../../src/generation/greedy';
import type { Language } from './languages';
import { EOS, language, logProbabilitiesAfter, randomLanguage, START } from './languages';

/** Every sequence of at most `limit` tokens with its score, best first. */
async function everything(step: Language, limit: number, penalty: number) {
  const found: { readonly ids: readonly number[]; readonly score: number }[] = [];
  const grow = async (ids: readonly number[], total: number): Promise<void> => {
    const next = await logProbabilitiesAfter(step, [START, ...ids]);
    const length = ids.length + 1;
    for (const [id, logProbability] of next.entries()) {
      const sum = total + logProbability;
      if (id === EOS) {
        found.push({ ids, score: sum / length ** penalty });
      } else if (length === limit) {
        found.push({ ids: [...ids, id], score: sum / length ** penalty });
      } else {
        await grow([...ids, id], sum);
      }
    }
  };
  await grow([], 0);
  return found.sort((a, b) => b.score - a.score);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('beamSearch', () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 0],
    [4, 0.6],
    [5, 2],
  ])('with enough beams finds the best sequences of all (language %i, penalty %d)', async (seed, penalty) => {
    const step = randomLanguage(4, seed);
    const all = await everything(step, 4, penalty);
    const [found] = await beamSearch(step, {
      prompt: [[START]],
      beams: 200,
      hypotheses: 10,
      eos: [EOS],
      maxLengths: [4],
      lengthPenalty: penalty,
    });
    expect(found.map(({ ids }) => ids)).toEqual(all.slice(0, 10).map(({ ids }) => ids));
    found.forEach(({ score }, i) => expect(score).toBeCloseTo(all[i].score, 5));
  });

  test('finds what greedy decoding misses', async () => {
    // 2 looks better than 3 at first, but everything after it is unlikely.
    const step = language(6, (read) => {
      switch (read.at(-1)) {
        case START:
          return [-9, -9, 1, 0.8, -9, -9];
        case 3:
          return [9, -9, -9, -9, -9, -9];
        default:
          return [0.1, 0, 0, 0, 0, 0];
      }
    });
    const one = await greedy(step, { prompt: [[START]], eos: [EOS], maxLength: 5 });
    const [[best]] = await beamSearch(step, { prompt: [[START]], beams: 2, eos: [EOS], maxLengths: [5] });
    expect(one[0].ids).toEqual([2]);
    expect(best.ids).toEqual([3]);
  });

  test.each([1, 2, 3, 4, 5, 6])('with one beam is greedy decoding (language %i)', async (seed) => {
    const step = randomLanguage(9, seed);
    const options = { prompt: [[START], [2], [3]], eos: [EOS], maxLength: 8 };
    const rules = [
      {},
      { noRepeat: 2 },
      { repetitionPenalty: 1.7 },
      { begin: [4, 5] },
      { forbidden: [EOS, 3] },
    ];
    for (const rule of rules) {
      const expected = await greedy(step, { ...options, ...rule });
      const found = await beamSearch(step, { ...options, ...rule, beams: 1 });
      expect(found.map(([{ ids, logProbabilities, ended }]) => ({ ids, logProbabilities, ended }))).toEqual(
        expected,
      );
    }
  });

  test('a source in a batch is searched as if it were alone', async () => {
    const step = randomLanguage(7, 3);
    const prompt = [[START], [2], [3], [4]];
    const options = { beams: 3, eos: [EOS], noRepeat: 2, begin: [5] };
    const together = await beamSearch(step, { ...options, prompt, maxLengths: [6, 2, 9, 4] });
    for (const [i, maxLength] of [6, 2, 9, 4].entries()) {
      const [alone] = await beamSearch(step, { ...options, prompt: [prompt[i]], maxLengths: [maxLength] });
      expect(together[i]).toEqual(alone);
    }
  });

  test('the length penalty chooses between short and long', async () => {
    // Ending at once costs a little less than three more words together.
    const step = language(4, (read) => (read.length < 4 ? [0, -9, 0.1, -9] : [9, -9, -9, -9]));
    const search = async (lengthPenalty: number) => {
      const [[best]] = await beamSearch(step, {
        prompt: [[START]],
        beams: 3,
        eos: [EOS],
        maxLengths: [9],
        lengthPenalty,
      });
      return best.ids.length;
    };
    expect(await search(0)).toBe(0);
    expect(await search(1)).toBe(3);
  });

  test('returns as many hypotheses as asked for, best first, and searches no less for it', async () => {
    const step = randomLanguage(8, 5);
    const options = { prompt: [[START]], beams: 4, eos: [EOS], maxLengths: [6] };
    const [all] = await beamSearch(step, options);
    expect(all).toHaveLength(4);
    const scores = all.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const hypotheses of [1, 3, 9]) {
      const [some] = await beamSearch(step, { ...options, hypotheses });
      expect(some).toEqual(all.slice(0, hypotheses));
    }
  });

  test('of equals the earlier beam, then the smaller id comes first', async () => {
    const step = language(4, (read) => (read.length < 3 ? [-Infinity, 0, 0, 0] : [9, 0, 0, 0]));
    const [found] = await beamSearch(step, { prompt: [[START]], beams: 3, eos: [EOS], maxLengths: [5] });
    expect(found.map(({ ids }) => ids)).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  test('an end counts only among the best `beams` continuations', async () => {
    // The end is third: with two beams nobody may end here, with three one may.
    const step = language(5, (read) => (read.length < 2 ? [1, -9, 3, 2, -9] : [9, -9, -9, -9, -9]));
    const search = async (beams: number) => {
      const [found] = await beamSearch(step, { prompt: [[START]], beams, eos: [EOS], maxLengths: [4] });
      return found.map(({ ids }) => ids);
    };
    expect(await search(2)).toEqual([[2], [3]]);
    expect(await search(3)).toEqual([[2], [3], []]);
  });

  test('several tokens may end a sequence', async () => {
    const step = language(4, () => [1, -9, 0, 2]);
    const [found] = await beamSearch(step, { prompt: [[START]], beams: 2, eos: [EOS, 3], maxLengths: [3] });
    expect(found.map(({ ids, ended }) => ({ ids, ended }))).toEqual([
      { ids: [], ended: true },
      { ids: [], ended: true },
    ]);
    expect(found[0].logProbability).toBeGreaterThan(found[1].logProbability);
  });

  test('says what the limit cut off, never chooses what is forbidden, and begins as it is told', async () => {
    const step = language(5, () => [-Infinity, 0, 3, 2, 1]);
    const [found] = await beamSearch(step, {
      prompt: [[START]],
      beams: 2,
      eos: [EOS],
      forbidden: [2],
      forcedFirst: 4,
      maxLengths: [3],
    });
    expect(found[0]).toMatchObject({ ids: [4, 3, 3], ended: false });
    expect(found[0].logProbability).toBeCloseTo(sum(found[0].logProbabilities), 6);
  });

  test('stops where nothing may follow', async () => {
    const step = language(4, () => [-Infinity, -Infinity, 1, 0]);
    const [found] = await beamSearch(step, {
      prompt: [[START]],
      beams: 2,
      eos: [EOS],
      noRepeat: 1,
      maxLengths: [9],
    });
    expect(found.map(({ ids, ended }) => ({ ids, ended }))).toEqual([
      { ids: [2, 3], ended: false },
      { ids: [3, 2], ended: false },
    ]);
  });

  test('tells after every step which sequence is ahead', async () => {
    const step = randomLanguage(6, 4);
    const seen: (readonly number[])[] = [];
    const options = { prompt: [[START]], beams: 3, eos: [EOS], forbidden: [EOS], maxLength: 5 };
    const [[best]] = await beamSearch(step, { ...options, onStep: ([ids]) => seen.push(ids) });
    expect(seen.map(({ length }) => length)).toEqual([1, 2, 3, 4, 5]);
    expect(seen.at(-1)).toEqual(best.ids);
  });

  test.each([1, 3, 7])('can be cancelled after step %i', async (at) => {
    const abort = new AbortController();
    const step = randomLanguage(5, 1);
    const run = beamSearch(step, {
      prompt: [[START]],
      beams: 2,
      eos: [],
      maxLengths: [50],
      signal: abort.signal,
      onStep: ([ids]) => ids.length === at && abort.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(step.reads).toHaveLength(at);
  });

  test('a cancelled search reads nothing', async () => {
    const step = randomLanguage(5, 1);
    const options = { prompt: [[START]], beams: 2, eos: [EOS], maxLength: 9, signal: AbortSignal.abort() };
    await expect(beamSearch(step, options)).rejects.toMatchObject({ code: 'cancelled' });
    expect(step.reads).toEqual([]);
  });
});
