// When a translation is doubted: it says nothing, far too much, or the model was unsure of all of it.
import { expect, test } from 'vitest';
import type { Said } from '../../../../src/host/translation/doubt';
import { doubtOf } from '../../../../src/host/translation/doubt';
import { sequenceOf } from './fakeTranslator';

/** @param probability Of every token; the end is one more. */
function said(source: string, target: string, probability: number): Said {
  const sequence = sequenceOf(target);
  const logProbabilities = sequence.tokens.map(() => Math.log(probability));
  return {
    source: sequenceOf(source),
    hypothesis: {
      target: sequence,
      ids: sequence.tokens.slice(0, -1).map(({ id }) => id),
      logProbabilities,
      logProbability: 0,
      score: 0,
      ended: true,
    },
  };
}

test.each([
  ['a sentence that the model is sure of', [said('The dog barks.', 'Der Hund bellt.', 0.8)], undefined],
  ['a heading that it is sure of', [said('Name', 'Name', 0.7)], undefined],
  ['a short sentence that it is fairly sure of', [said('Come in.', 'Komm herein.', 0.5)], undefined],
  ['a heading that it is no surer of', [said('Known issues', 'Känze', 0.5)], 'unsure'],
  ['a heading that it guesses at', [said('Latency', 'Latein', 0.1)], 'unsure'],
  ['a cell that becomes a story', [said('Batch', 'Ein Mann ging gestern in den Wald.', 0.7)], undefined],
  [
    'a cell that becomes a long story',
    [said('Batch', 'Ein Mann ging gestern mit seinem Hund in den Wald.', 0.7)],
    'long',
  ],
  ['words that become a sign', [said('Name', '.', 0.9)], 'empty'],
  ['words that become nothing', [said('Name', '', 0.9)], 'empty'],
  ['one of two texts that becomes nothing', [said('Name', 'Name', 0.9), said('Age', '…', 0.9)], 'empty'],
  ['signs that become signs', [said('→', '→', 0.9)], undefined],
] as const)('%s', (_name, texts, expected) => {
  expect(doubtOf(texts, 0)).toBe(expected);
});

test('words that the user chose are not doubted for being unlikely', () => {
  const chosen = said('Yes', 'Ja freilich', 0.9);
  const hypothesis = { ...chosen.hypothesis, logProbabilities: [0.0001, 0.9, 0.9].map(Math.log) };
  expect(doubtOf([{ ...chosen, hypothesis }], 0)).toBe('unsure');
  expect(doubtOf([{ ...chosen, hypothesis }], 1)).toBeUndefined();
});
