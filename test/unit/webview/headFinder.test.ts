// The pinned pair as a ranking: every head once, by its weight, under the name of its attention.
import { describe, expect, it } from 'vitest';
import { model } from '../host/model';
import { headFinderStrings, headQuestions } from '../../../webview/strings/headFinderStrings';
import { rankPair } from '../../../src/shared/rankPair';

describe('rankPair', () => {
  const summary = model('encoder-decoder', 2, 3);
  const weights = { rows: 2, columns: 3, data: new Float32Array([0.125, 0.5, 0, 0.75, 0.25, 1]) };

  it('names the head of every weight, the largest first', () => {
    expect(rankPair(weights, summary, 'cross')).toEqual([
      { attention: 'decoder.1.cross', head: 2, score: 1 },
      { attention: 'decoder.1.cross', head: 0, score: 0.75 },
      { attention: 'decoder.0.cross', head: 1, score: 0.5 },
      { attention: 'decoder.1.cross', head: 1, score: 0.25 },
      { attention: 'decoder.0.cross', head: 0, score: 0.125 },
      { attention: 'decoder.0.cross', head: 2, score: 0 },
    ]);
  });

  it('does not depend on the order in which the model lists its layers', () => {
    const turned = { ...summary, attentions: [...summary.attentions].reverse() };
    expect(rankPair(weights, turned, 'cross')).toEqual(rankPair(weights, summary, 'cross'));
  });
});

it('every question has a name and one sentence that says what its score means', () => {
  for (const question of headQuestions) {
    expect(headFinderStrings.name(question, 'it → animal')).not.toBe('');
    expect(headFinderStrings.meaning(question)).toMatch(/\.$/u);
  }
  expect(headFinderStrings.name('pair', 'it → animal')).toBe('it → animal');
});
