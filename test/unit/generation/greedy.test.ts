// Greedy decoding over a small made-up language whose most probable continuation is known.
import { describe, expect, test } from 'vitest';
import { greedy } from '../../../src/generation/greedy';
import type { Step } from '../../../src/generation/step';

const EOS = 0;
const VOCABULARY = 8;

/** After token n comes n − 1 with logit 2, n − 2 with logit 1; so 5 → 4 3 2 1 EOS. The state counts what was read. */
function countdown(): Step<readonly number[]> & { readonly reads: number[][][] } {
  const reads: number[][][] = [];
  return {
    reads,
    vocabulary: VOCABULARY,
    start: [],
    advance: async (state, ids) => {
      reads.push(ids.map((row) => [...row]));
      const logits = new Float32Array(ids.length * VOCABULARY);
      ids.forEach((row, i) => {
        const last = row.at(-1) ?? 0;
        logits[i * VOCABULARY + Math.max(0, last - 1)] = 2;
        if (last >= 2) {
          logits[i * VOCABULARY + last - 2] = 1;
        }
      });
      return { logits, state: [...state, ids[0]?.length ?? 0] };
    },
    select: (state) => state,
  };
}

describe('greedy', () => {
  test('follows the most probable token to the end, feeding one token at a time', async () => {
    const step = countdown();
    const [result] = await greedy(step, { prompt: [[7, 5]], eos: [EOS], maxLength: 10 });
    expect(result?.ids).toEqual([4, 3, 2, 1]);
    expect(result?.ended).toBe(true);
    expect(step.reads).toEqual([[[7, 5]], [[4]], [[3]], [[2]], [[1]]]);
  });

  test('gives the log-probability of every token and of the end', async () => {
    const [result] = await greedy(countdown(), { prompt: [[2]], eos: [EOS], maxLength: 10 });
    // Logits after 2: one 2, one 1, six 0. After 1: one 2, seven 0.
    const first = 2 - Math.log(Math.exp(2) + Math.E + 6);
    const end = 2 - Math.log(Math.exp(2) + 7);
    expect(result?.logProbabilities[0]).toBeCloseTo(first, 6);
    expect(result?.logProbabilities[1]).toBeCloseTo(end, 6);
    expect(result?.logProbabilities).toHaveLength(2);
  });

  test('sequences of a batch end on their own', async () => {
    const results = await greedy(countdown(), { prompt: [[2], [4]], eos: [EOS], maxLength: 10 });
    expect(results.map(({ ids }) => ids)).toEqual([[1], [3, 2, 1]]);
  });

  test('those that have ended leave when they are half of the batch', async () => {
    const step = countdown();
    const results = await greedy(step, { prompt: [[2], [3], [6], [5]], eos: [EOS], maxLength: 10 });
    expect(results.map(({ ids }) => ids)).toEqual([[1], [2, 1], [5, 4, 3, 2, 1], [4, 3, 2, 1]]);
    expect(step.reads.map(({ length }) => length)).toEqual([4, 4, 4, 2, 2, 1]);
  });

  test('every source has its own limit', async () => {
    const results = await greedy(countdown(), { prompt: [[7], [7]], eos: [EOS], maxLengths: [1, 3] });
    expect(results.map(({ ids }) => ids)).toEqual([[6], [6, 5, 4]]);
  });

  test('stops at the limit and says so', async () => {
    const [result] = await greedy(countdown(), { prompt: [[7]], eos: [EOS], maxLength: 2 });
    expect(result).toMatchObject({ ids: [6, 5], ended: false });
  });

  test('never chooses what is forbidden', async () => {
    const [result] = await greedy(countdown(), {
      prompt: [[6]],
      eos: [EOS],
      forbidden: [5, 3],
      maxLength: 9,
    });
    expect(result?.ids).toEqual([4, 2, 1]);
  });

  test('begins with a forced token', async () => {
    const [result] = await greedy(countdown(), { prompt: [[7]], eos: [EOS], forcedFirst: 2, maxLength: 9 });
    expect(result?.ids).toEqual([2, 1]);
    expect(result?.logProbabilities[0]).toBeCloseTo(-Math.log(Math.exp(2) + Math.E + 6), 6);
  });

  test('reports every step', async () => {
    const seen: (readonly (readonly number[])[])[] = [];
    await greedy(countdown(), { prompt: [[3]], eos: [EOS], maxLength: 9, onStep: (ids) => seen.push(ids) });
    expect(seen).toEqual([[[2]], [[2, 1]], [[2, 1]]]);
  });

  test('lets messages in between two steps, so that it can be cancelled', async () => {
    const controller = new AbortController();
    const step = countdown();
    setImmediate(() => controller.abort());
    const run = greedy(step, { prompt: [[7]], eos: [99], maxLength: 100_000, signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(step.reads.length).toBeLessThan(10);
  });
});
