// Whether lines look like labels with texts, and what is said where the model in use reads them otherwise.
import { describe, expect, test, vi } from 'vitest';
import { looksLabelled, pairsAsText } from '../../../../src/host/training/dataFit';
import { PREVIEW } from './fakeTrainer';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);

const LABELLED = ['good\tIt was fun.', 'bad\tIt was dull.', '', 'good\tI laughed.', 'bad\tI slept.'];
const asLabels = (lines: readonly string[], second?: string) =>
  looksLabelled({ text: lines.join('\r\n'), ...(second !== undefined && { second }) });

describe('labels', () => {
  test('are few short values before texts', () => {
    expect(asLabels(LABELLED)).toBe(true);
    expect(asLabels([...LABELLED, 'no tab', 'one\ttab\tmore'])).toBe(true);
  });

  test.each([
    ['sources that all differ', ['head\tKopf', 'mask\tMaske', 'layer\tSchicht', 'token\tToken']],
    ['one value only', ['good\ta', 'good\tb', 'good\tc', 'good\td']],
    [
      'sentences that come twice',
      ['a', 'b', 'c', 'd'].map((end, i) => `${'word '.repeat(8)}${i % 2}\t${end}`),
    ],
    ['sources with few targets', ['a\t1', 'b\t1', 'a\t2', 'b\t2']],
    ['too few lines', LABELLED.slice(0, 2)],
    ['mostly other lines', [...LABELLED, 'x', 'y', 'z', 'w']],
  ])('are not %s', (_what, lines) => {
    expect(asLabels(lines)).toBe(false);
  });

  test('are not the first of two texts', () => {
    expect(asLabels(LABELLED, 'others')).toBe(false);
  });
});

test('a model that continues text can learn labels too, and is not called wrong for them', () => {
  const preview = { ...PREVIEW, task: 'causal', layout: 'plain' } as const;
  const of = (text: string) => pairsAsText({ text }, preview, 'english-gpt-mini');
  expect(of(LABELLED.join('\n'))).toMatch(/look like labels .* "Understood as"/u);
  expect(of('head\tKopf\nmask\tMaske')).toMatch(/look like pairs, but english-gpt-mini does not translate/u);
});
