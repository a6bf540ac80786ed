// What the hover's card says first: the label of a text classifier, and nothing of the sort for other models.
import { describe, expect, it, vi } from 'vitest';
import type { LabelScores } from '../../../src/shared/labels';
import { model } from './model';

vi.mock('vscode', () => ({
  l10n: {
    t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/gu, (_, i) => String(values[+i])),
  },
  MarkdownString: class {
    value = '';
    appendMarkdown(text: string): this {
      this.value += text;
      return this;
    }
  },
}));
const { hoverCard } = await import('../../../src/host/hoverCard');

const [attention] = model('encoder-only').attentions;
const LABELS: LabelScores = {
  choice: 'one',
  scores: (
    [
      ['good', 0.5],
      ['so_so', 0.25],
      ['bad', 0.125],
      ['none', 0.125],
    ] as const
  ).map(([label, probability]) => ({ label, probability, logit: Math.log(probability) })),
};

function cardOf(labels: LabelScores | undefined, of: 'selection' | 'sentence' = 'sentence'): string {
  return hoverCard({
    word: 'dog',
    labels: labels && { ...labels, of },
    shown: { attention, role: 'self', head: 0, instead: undefined },
    attendsTo: { top: [], more: { count: 0, sum: 0 }, entropy: 0 },
    attendedBy: undefined,
    open: { uri: 'file:///x', line: 0, character: 0 },
    theme: 'dark',
    heat: false,
  }).value;
}

describe('the card', () => {
  it('begins with the likeliest labels of a classifier, and whose they are', () => {
    expect(cardOf(LABELS)).toMatch(
      /^\*\*good\*\* 0\.500 · so&#95;so 0\.250 · bad 0\.125 · label of this sentence\n\n---\n\n\*\*dog\*\* attends to/u,
    );
    expect(cardOf(LABELS, 'selection')).toContain(' · label of the explored text');
  });

  it('begins with the word in other models', () => {
    expect(cardOf(undefined)).toMatch(/^\*\*dog\*\* attends to/u);
  });
});
