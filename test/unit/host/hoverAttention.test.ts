// Which attention a hovered word is shown in, for every kind of attention, side and family.
import { describe, expect, test } from 'vitest';
import { hoverAttention } from '../../../src/host/hoverAttention';
import { FIRST_VIEW } from '../../../src/host/viewState';
import { model } from './model';

const at = (attention: string) => ({ ...FIRST_VIEW, attention, head: 2 });
const translation = model('encoder-decoder');

describe('a source word', () => {
  test('is query and key in the encoder', () => {
    const shown = hoverAttention(translation, at('encoder.1.self'), 'encoder');
    expect(shown).toMatchObject({ role: 'self', head: 2, instead: undefined });
    expect(shown?.attention.name).toBe('encoder.1.self');
  });
  test('is a key in cross-attention', () => {
    expect(hoverAttention(translation, at('decoder.1.cross'), 'encoder')?.role).toBe('key');
  });
  test("takes no part in the decoder's self-attention: the encoder's is shown, and said so", () => {
    const shown = hoverAttention(translation, at('decoder.2.self'), 'encoder');
    expect(shown?.attention.name).toBe('encoder.2.self');
    expect(shown?.instead?.name).toBe('decoder.2.self');
  });
});

describe("a word of the decoder's input", () => {
  test('is a query in cross-attention', () => {
    expect(hoverAttention(translation, at('decoder.0.cross'), 'decoder')?.role).toBe('query');
  });
  test("is shown in the decoder's own where the encoder's is chosen", () => {
    const shown = hoverAttention(translation, at('encoder.0.self'), 'decoder');
    expect([shown?.attention.name, shown?.instead?.name]).toEqual(['decoder.0.self', 'encoder.0.self']);
  });
});

test('models of one stack show it, the mean where that is chosen', () => {
  expect(hoverAttention(model('decoder-only'), FIRST_VIEW, 'decoder')?.attention.name).toBe('decoder.0.self');
  const mean = hoverAttention(model('encoder-only'), { ...FIRST_VIEW, mean: true }, 'encoder');
  expect(mean).toMatchObject({ role: 'self', head: 'mean' });
});

test('a model without attention shows nothing', () => {
  expect(hoverAttention({ ...translation, attentions: [] }, FIRST_VIEW, 'encoder')).toBeUndefined();
});
