// What the Translation view says about words: where they come from, how sure they are, how texts differ, how they are cut into blocks.
import { describe, expect, it } from 'vitest';
import type { Passage } from '../../../src/shared/translationPage';
import {
  rankWords,
  sourceWeights,
  stepsOfWord,
  stepsToAsk,
  strongWords,
  targetWeights,
} from '../../../webview/translation/alignment';
import { chunksOf } from '../../../webview/translation/chunks';
import { meanProbability, wordProbabilities } from '../../../webview/translation/confidence';
import { hasRows, headsCaption } from '../../../webview/translation/comesFromFacts';
import { pieceLabel } from '../../../webview/translation/pieceLabel';
import { sourceContent, targetContent } from '../../../webview/translation/sentenceContent';
import { wordDiff } from '../../../webview/translation/wordDiff';
import { explanationOf, hypothesisOf, sentenceOf, sequenceOf, stateOf } from './translationFixture';

const source = sequenceOf([['The'], ['ani', 'mal'], ['</s>']]);
const target = sequenceOf([['Das'], ['Ti', 'er'], ['</s>']]);
const explanation = explanationOf(source, target, [
  [0.7, 0.1, 0.1, 0.1],
  [0, 0.5, 0.25, 0.25],
  [0.2, 0.25, 0.5, 0.05],
  [0, 0, 0, 1],
]);

describe('alignment by words', () => {
  it('sums over the tokens of a source word and averages over those of a target word', () => {
    const { weights, rest } = sourceWeights(explanation, 1);
    expect(weights.map((weight) => weight.toFixed(3))).toEqual(['0.100', '0.750', '0.150']);
    expect(rest).toBeCloseTo(0);
  });

  it('gives a source word the weights that the target words give to it', () => {
    const { weights } = targetWeights(explanation, 1);
    target.words.forEach((_, word) =>
      expect(weights[word]).toBeCloseTo(sourceWeights(explanation, word).weights[1]),
    );
  });

  it('says what of a row looks at no word of the source, as in a decoder-only model', () => {
    const prompted = explanationOf(source, target, [[0.25, 0, 0, 0], ...Array(3).fill([0, 0, 0, 0])]);
    expect(sourceWeights(prompted, 0).rest).toBeCloseTo(0.75);
    const { top } = rankWords(sourceWeights(prompted, 0), 6);
    expect(top.map(({ index }) => index)).toEqual([source.words.length, 0]);
  });

  it('asks about the end together with the last word that can be seen', () => {
    expect(stepsOfWord(explanation, 1)).toEqual([1, 2]);
    expect(stepsToAsk(explanation, 1)).toEqual([1, 2, 3]);
    expect(stepsToAsk(explanation, 0)).toEqual([0]);
    expect(stepsToAsk(explanation, 7)).toEqual([]);
  });

  it('points out visible words from half of the largest weight on', () => {
    expect(strongWords(source, [0.2, 0.3, 0.5])).toEqual([0, 1]);
    expect(strongWords(source, [0.1, 0.3, 0.6])).toEqual([1]);
    expect(strongWords(source, [0, 0, 1])).toEqual([]);
  });
});

describe('confidence', () => {
  const hypothesis = hypothesisOf(target, [0.9, 0.8, 0.3, 0.95]);

  it("is that of a word's least probable token", () => {
    expect(wordProbabilities(hypothesis).map((each) => each?.toFixed(2))).toEqual(['0.90', '0.30', '0.95']);
  });

  it('is unknown for code that was put back between the tokens', () => {
    const withCode = sequenceOf([['Das'], ['`x`'], ['Ti', 'er'], ['</s>']]);
    const tokens = withCode.tokens.map((token, index) => ({ ...token, id: [10, 99, 11, 12, 0][index] }));
    const probabilities = wordProbabilities({ ...hypothesis, target: { ...withCode, tokens } });
    expect(probabilities.map((each) => each?.toFixed(2))).toEqual(['0.90', undefined, '0.30', undefined]);
  });

  it('of a text is the geometric mean over all tokens', () => {
    const sentence = sentenceOf(source, hypothesisOf(target, [0.25, 1, 1, 1]));
    expect(meanProbability([sentence])).toBeCloseTo(0.25 ** 0.25);
    expect(meanProbability([{ ...sentence, hypotheses: [] }])).toBeUndefined();
  });
});

describe('what is drawn of a sentence', () => {
  const sentence = sentenceOf(source, hypothesisOf(target, [0.9, 0.8, 0.3, 0.95]), { forced: 1 });

  it('marks unsure, repeated and forced words, and leaves out what cannot be seen', () => {
    const { words } = targetContent(sentence, { ...explanation, repeated: [1] }, 0.5);
    expect(words.map(({ word, marks }) => [word, marks])).toEqual([
      [0, ['forced']],
      [1, ['unsure', 'repeated']],
    ]);
    expect(words.map(({ start, end }) => sentence.text.slice(start, end))).toEqual(['Das', 'Tier']);
  });

  it('marks every word of what is doubtful, and says why', () => {
    const doubted = { ...sentence, forced: 0, doubtful: true, note: 'Made up.' };
    expect(targetContent(doubted, undefined, 0.5).words).toMatchObject([
      { marks: ['doubtful'], title: 'Made up' },
      { marks: ['unsure', 'doubtful'], title: 'Least probable token: 0.300. Made up' },
    ]);
  });

  it('marks untranslated words of the source, unless the source is another text', () => {
    const known = { ...explanation, untranslated: [0] };
    expect(sourceContent(source.text, sentence, known).words.map(({ marks }) => marks)).toEqual([
      ['untranslated'],
      [],
    ]);
    expect(sourceContent('Something else', sentence, known).words).toEqual([]);
  });

  it('keeps a place for a sentence that is not there yet, and shows what streams as plain text', () => {
    const waiting = { ...sentence, status: 'waiting', text: '', hypotheses: [] } as const;
    expect(targetContent(waiting, undefined, 0.5)).toMatchObject({ text: '…', words: [], waiting: true });
    const running = { ...sentence, status: 'running', text: 'Das T', hypotheses: [] } as const;
    expect(targetContent(running, undefined, 0.5)).toMatchObject({
      text: 'Das T',
      words: [],
      waiting: false,
      unfinished: false,
    });
  });

  it.each(['waiting', 'failed'] as const)('shows the beginning of one that is %s as unfinished', (status) => {
    const halted = { ...sentence, status, text: 'Das T', hypotheses: [] };
    expect(targetContent(halted, undefined, 0.5)).toMatchObject({
      text: 'Das T…',
      words: [],
      unfinished: true,
    });
    expect(targetContent({ ...halted, text: '' }, undefined, 0.5)).toMatchObject({ unfinished: false });
    expect(targetContent(sentence, undefined, 0.5)).toMatchObject({ unfinished: false });
  });

  it('says the least probable token of a word only where it has several', () => {
    const unsure = sentenceOf(source, hypothesisOf(target, [0.4, 0.8, 0.3, 0.95]));
    expect(targetContent(unsure, undefined, 0.5).words.map(({ marks, title }) => [marks, title])).toEqual([
      [['unsure'], ''],
      [['unsure'], 'Least probable token: 0.300'],
    ]);
  });
});

describe('the label of a piece', () => {
  it('shows a space by itself, and says so', () => {
    for (const label of ['▁', ' ']) {
      expect(pieceLabel(label)).toMatchObject({ text: '␣', title: expect.stringContaining('space') });
    }
    expect(pieceLabel(' die')).toEqual({ text: 'die', title: 'die' });
    expect(pieceLabel('_').text).toBe('_');
  });

  it('calls the end by its name', () => {
    expect(pieceLabel('</s>', true)).toEqual({ text: 'end of text', title: '</s>' });
  });
});

describe('where a word comes from', () => {
  const state = stateOf([sentenceOf(source, hypothesisOf(target, [1, 1, 1, 1]))]);

  it.each([
    [{ layer: 5, head: 'mean' }, 'cross, mean of layer 6'],
    [{ layer: 'all', head: 'mean' }, 'cross, mean of all layers'],
    [{ layer: 5, head: 2 }, 'cross, layer 6, head 3'],
  ] as const)('names the heads %o', (heads, caption) => {
    expect(headsCaption({ ...state, heads })).toBe(caption);
  });

  it('has no rows where nothing is translated, nor where nothing can be said', () => {
    expect(hasRows(state, '')).toBe(true);
    expect(hasRows(state, 'No attention.')).toBe(false);
    expect(
      hasRows({ ...state, sentences: state.sentences.map((each) => ({ ...each, hypotheses: [] })) }, ''),
    ).toBe(false);
  });
});

describe('differences between hypotheses', () => {
  const differing = (text: string, other: string) =>
    wordDiff(text, other)
      .filter(({ differs }) => differs)
      .map((part) => part.text);

  it('are whole words, with the spaces between them', () => {
    const other = 'Das Tier überquerte die Straße nicht.';
    expect(differing('Das Tier ging nicht über die Straße.', other)).toEqual(['ging nicht über']);
    expect(differing(other, other)).toEqual([]);
  });

  it('lose nothing of the text', () => {
    const text = 'Wir  sehen, dass … 他累了。';
    expect(
      wordDiff(text, 'Ganz anders')
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });
});

describe('blocks of a long text', () => {
  const passage = (count: number, between: (index: number) => string): Passage => ({
    parts: Array.from({ length: count }, (_, sentence) => [
      { kind: 'sentence' as const, text: 'A.', sentence },
      { kind: 'kept' as const, text: between(sentence) },
    ]).flat(),
  });
  const textOf = (passages: readonly Passage[]) =>
    passages.flatMap(({ parts }) => parts.map(({ text }) => text)).join('');

  it('end at line breaks and hold the whole text in order', () => {
    const passages = [passage(50, (index) => (index % 3 === 2 ? '\n  ' : ' ')), passage(2, () => ' ')];
    const chunks = chunksOf(passages, 10);
    expect(textOf(chunks)).toBe(textOf(passages));
    expect(chunks.map(({ begins }) => begins)).toEqual([true, false, false, false, false, true]);
    for (const { parts } of chunks.slice(0, 4)) {
      expect(parts.at(-1)?.text.endsWith('\n')).toBe(true);
    }
  });

  it('end between sentences where a line has very many', () => {
    const sizes = chunksOf([passage(100, () => ' ')], 10).map(({ parts }) => parts.length / 2);
    expect(sizes).toEqual([40, 40, 20]);
  });
});
