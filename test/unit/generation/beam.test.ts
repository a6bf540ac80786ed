// Beam search over made-up languages in which every sequence can be listed, and the helpers it chooses with.
import { describe, expect, test } from 'vitest';
import { beamSearch } from '../../../src/generation/beam';
import { greedy } from '../../../src/generation/greedy';
import { likeliest, logSumExp } from '../../../src/generation/logits';
import type { Step } from '../../../src/generation/step';

const EOS = 0;

/** A language whose next token depends on everything before it. The state is what was read `[row][token]`. */
function language(
  vocabulary: number,
  logits: (read: readonly number[]) => readonly number[],
): Step<readonly (readonly number[])[]> {
  return {
    vocabulary,
    start: [],
    advance: async (state, ids) => {
      const read = ids.map((row, i) => [...(state[i] ?? []), ...row]);
      return { logits: Float32Array.from(read.flatMap((row) => logits(row))), state: read };
    },
    select: (state, rows) => rows.map((row) => state[row]),
  };
}

/** Numbers that look random and are always the same. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const randomLanguage = (vocabulary: number, seed: number) =>
  language(vocabulary, (read) => {
    const next = noise(read.reduce((hash, id) => Math.imul(hash, 31) + id + 1, seed));
    next();
    return Array.from({ length: vocabulary }, () => 4 * next());
  });

/** Every sequence of at most `limit` tokens with its score, best first. */
async function everything(step: ReturnType<typeof language>, limit: number, penalty: number) {
  const found: { readonly ids: readonly number[]; readonly score: number }[] = [];
  const grow = async (ids: readonly number[], total: number): Promise<void> => {
    const { logits } = await step.advance(step.start, [[1, ...ids]]);
    const normaliser = logSumExp(logits);
    for (let id = 0; id < step.vocabulary; id++) {
      const sum = total + logits[id] - normaliser;
      const length = ids.length + 1;
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

describe('beamSearch', () => {
  test.each([1, 2, 3, 4, 5])(
    'with enough beams finds the best sequences of all (language %i)',
    async (seed) => {
      const step = randomLanguage(4, seed);
      const all = await everything(step, 4, 1);
      const [found] = await beamSearch(step, { prompt: [[1]], beams: 200, eos: [EOS], maxLengths: [4] });
      expect(found.slice(0, 10).map(({ ids }) => ids)).toEqual(all.slice(0, 10).map(({ ids }) => ids));
      found.slice(0, 10).forEach(({ score }, i) => expect(score).toBeCloseTo(all[i].score, 5));
    },
  );

  test('finds what greedy decoding misses', async () => {
    // 2 looks better than 3 at first, but everything after it is unlikely.
    const step = language(6, (read) => {
      switch (read.at(-1)) {
        case 1:
          return [-9, -9, 1, 0.8, -9, -9];
        case 3:
          return [9, -9, -9, -9, -9, -9];
        default:
          return [0.1, 0, 0, 0, 0, 0];
      }
    });
    const one = await greedy(step, { prompt: [[1]], eos: [EOS], maxLength: 5 });
    const [[best]] = await beamSearch(step, { prompt: [[1]], beams: 2, eos: [EOS], maxLengths: [5] });
    expect(one[0].ids).toEqual([2]);
    expect(best.ids).toEqual([3]);
  });

  test.each([1, 2, 3, 4, 5, 6])('with one beam is greedy decoding (language %i)', async (seed) => {
    const step = randomLanguage(9, seed);
    const prompt = [[1], [2], [3]];
    const expected = await greedy(step, { prompt, eos: [EOS], maxLength: 8 });
    const found = await beamSearch(step, { prompt, beams: 1, eos: [EOS], maxLengths: [8, 8, 8] });
    expect(found.map(([{ ids, ended }]) => ({ ids, ended }))).toEqual(
      expected.map(({ ids, ended }) => ({ ids, ended })),
    );
    found.forEach(([{ logProbabilities }], i) =>
      logProbabilities.forEach((each, j) => expect(each).toBeCloseTo(expected[i].logProbabilities[j], 5)),
    );
  });

  test('a source in a batch is searched as if it were alone', async () => {
    const step = randomLanguage(7, 3);
    const prompt = [[1], [2], [3], [4]];
    const options = { beams: 3, eos: [EOS] };
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
        prompt: [[1]],
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

  test('of equals the earlier beam, then the smaller id comes first', async () => {
    const step = language(4, (read) => (read.length < 3 ? [-Infinity, 0, 0, 0] : [9, 0, 0, 0]));
    const [found] = await beamSearch(step, { prompt: [[1]], beams: 3, eos: [EOS], maxLengths: [5] });
    expect(found.map(({ ids }) => ids)).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  test('says what the limit cut off, never chooses what is forbidden, and begins as it is told', async () => {
    const step = language(5, () => [-Infinity, 0, 3, 2, 1]);
    const [found] = await beamSearch(step, {
      prompt: [[1]],
      beams: 2,
      eos: [EOS],
      forbidden: [2],
      forcedFirst: 4,
      maxLengths: [3],
    });
    expect(found[0]).toMatchObject({ ids: [4, 3, 3], ended: false });
    expect(found[0].logProbability).toBeCloseTo(
      found[0].logProbabilities.reduce((a, b) => a + b),
      6,
    );
  });

  test('can be cancelled at any step', async () => {
    const abort = new AbortController();
    const step = randomLanguage(5, 1);
    const run = beamSearch(step, {
      prompt: [[1]],
      beams: 2,
      eos: [],
      maxLengths: [50],
      signal: abort.signal,
      onStep: ([ids]) => ids.length === 3 && abort.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('likeliest', () => {
  test('gives the largest first, the smaller id of equals, and no NaN', () => {
    expect(likeliest(Float32Array.of(1, 5, NaN, 5, 2, -Infinity), 3)).toEqual([1, 3, 4]);
    expect(likeliest(Float32Array.of(2, 1), 5)).toEqual([0, 1]);
  });

  test('equals a sort of everything', () => {
    const next = noise(7);
    const logits = Float32Array.from({ length: 500 }, () => Math.round(next() * 50));
    const sorted = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b);
    expect(likeliest(logits, 20)).toEqual(sorted.slice(0, 20));
  });
});
