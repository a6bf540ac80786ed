// The record of a beam search: everything that was looked at, with sums that are right and hypotheses that are paths in it.
import { expect, test } from 'vitest';
import type { BeamOptions, TreeNode } from '../../../src/generation/beam';
import { beamSearch } from '../../../src/generation/beam';
import type { Language } from './languages';
import { EOS, language, randomLanguage, START } from './languages';

async function searchWithTree(step: Language, options: BeamOptions) {
  let trees: readonly (readonly TreeNode[])[] = [];
  const found = await beamSearch(step, { ...options, onTrees: (all) => (trees = all) });
  return { found, trees };
}

/** Ids from the root to a node. */
function pathTo(tree: readonly TreeNode[], index: number): number[] {
  const { parent, id } = tree[index];
  return [...(parent < 0 ? [] : pathTo(tree, parent)), id];
}

const settings = { eos: [EOS], beams: 3, prompt: [[START], [2]], maxLengths: [7, 4] };

test.each([
  ['plain', {}],
  ['with a forced beginning', { begin: [5, 6] }],
  ['with a forced first token', { forcedFirst: 4 }],
  ['with limited repetition', { noRepeat: 2, repetitionPenalty: 1.4 }],
])('totals are sums, parents stand first, and hypotheses are paths: %s', async (_name, rules) => {
  for (const seed of [1, 2, 3]) {
    const step = randomLanguage(8, seed);
    const { found, trees } = await searchWithTree(step, { ...settings, ...rules });
    expect(trees).toHaveLength(2);
    for (const [source, tree] of trees.entries()) {
      for (const [index, { parent, logProbability, total, length, fate }] of tree.entries()) {
        expect(parent).toBeLessThan(index);
        const before = parent < 0 ? { total: 0, length: 0, fate: 'kept' } : tree[parent];
        expect(total).toBeCloseTo(before.total + logProbability, 9);
        expect(length).toBe(before.length + 1);
        // Nothing continues what has ended or was dropped.
        expect(before.fate).toBe('kept');
        expect(['kept', 'ended', 'dropped']).toContain(fate);
        expect(fate === 'ended').toBe(fate !== 'dropped' && tree[index].id === EOS);
      }
      for (const { ids, ended, logProbability } of found[source]) {
        const path = ended ? [...ids, EOS] : [...ids];
        const at = tree.findIndex((_node, index) => String(pathTo(tree, index)) === String(path));
        expect(tree[at].total).toBeCloseTo(logProbability, 9);
        expect(tree[at].fate).toBe(ended ? 'ended' : 'kept');
      }
      const widths = new Map<number, number>();
      for (const { length, fate } of tree) {
        widths.set(length, (widths.get(length) ?? 0) + Number(fate === 'kept'));
      }
      expect(Math.max(...widths.values())).toBeLessThanOrEqual(settings.beams);
    }
  }
});

test('dropped ones are those that two beams had no room for', async () => {
  const step = language(5, (read) => (read.length < 2 ? [-9, 1, 4, 3, 2] : [9, -9, -9, -9, -9]));
  const { trees } = await searchWithTree(step, { prompt: [[START]], eos: [EOS], beams: 2, maxLength: 3 });
  expect(trees[0].slice(0, 4).map(({ id, fate }) => [id, fate])).toEqual([
    [2, 'kept'],
    [3, 'kept'],
    [4, 'dropped'],
    [1, 'dropped'],
  ]);
});

test('the search is the same whether or not it is recorded', async () => {
  const step = randomLanguage(8, 9);
  const { found } = await searchWithTree(step, settings);
  expect(found).toEqual(await beamSearch(step, settings));
});
