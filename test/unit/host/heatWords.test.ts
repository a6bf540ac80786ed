// Which words heat colours: the row of a query, the column of a word that is only a key, the side that holds them.
import { describe, expect, it } from 'vitest';
import { heatQuestion, heatWords } from '../../../src/host/heatWords';
import { FIRST_VIEW } from '../../../src/host/viewState';
import type { TokenSequence } from '../../../src/shared/tokens';
import { model } from './model';

function sequence(...labels: readonly string[]): TokenSequence {
  let start = 0;
  const words = labels.map((label, index) => {
    const word = { label, first: index, last: index, start, end: start + label.length };
    start += label.length + 1;
    return word;
  });
  const tokens = words.map(({ label, start: from, end }, word) => ({
    id: word,
    piece: label,
    label,
    start: from,
    end,
    word,
    special: false,
  }));
  return { text: labels.join(' '), tokens, words };
}

const translator = model('encoder-decoder');
const source = sequence('it', 'was', 'tired');
const target = sequence('es', 'war');
/** Cross-attention `[target word, source word]`. */
const matrix = { rows: 2, columns: 3, data: new Float32Array([0.7, 0.2, 0.1, 0.05, 0.9, 0.05]) };
const rounded = (weights: readonly { readonly weight: number }[]) =>
  weights.map(({ weight }) => Math.round(weight * 100) / 100);

describe('heat', () => {
  it('colours what a word of the decoder reads in the source: its row', () => {
    const view = { ...FIRST_VIEW, attention: 'decoder.1.cross', head: 3 };
    const token = { side: 'decoder', batch: 0, first: 1, last: 1 } as const;
    const question = heatQuestion(translator, view, token, target);
    expect(question).toMatchObject({ coloured: 'encoder', word: 1, shown: { role: 'query', head: 3 } });
    expect(question && rounded(heatWords(question, matrix, source))).toEqual([0.05, 0.9, 0.05]);
  });

  it('colours the words of the decoder that attend to a source word: its column', () => {
    const view = { ...FIRST_VIEW, attention: 'decoder.1.cross', mean: true };
    const token = { side: 'encoder', batch: 0, first: 0, last: 0 } as const;
    const question = heatQuestion(translator, view, token, source);
    expect(question).toMatchObject({ coloured: 'decoder', word: 0, shown: { role: 'key', head: 'mean' } });
    expect(question && rounded(heatWords(question, matrix, target))).toEqual([0.7, 0.05]);
  });

  it('shows the own self-attention of a side that the chosen attention does not read', () => {
    const view = { ...FIRST_VIEW, attention: 'decoder.2.self', head: 1 };
    const token = { side: 'encoder', batch: 0, first: 2, last: 2 } as const;
    const question = heatQuestion(translator, view, token, source);
    expect(question).toMatchObject({
      coloured: 'encoder',
      word: 2,
      shown: { role: 'self', attention: { name: 'encoder.2.self' }, instead: { name: 'decoder.2.self' } },
    });
  });

  it('has no answer in a model without attention', () => {
    const token = { side: 'encoder', batch: 0, first: 0, last: 0 } as const;
    expect(heatQuestion({ ...translator, attentions: [] }, FIRST_VIEW, token, source)).toBeUndefined();
  });
});
