// What is looked at: stepping through heads and layers, and fitting to models and runs that lack the old place.
import { describe, expect, test } from 'vitest';
import { FIRST_VIEW, fitToModel, fitToTrace, stepHead, stepLayer } from '../../../src/host/viewState';
import { model } from './model';

const translation = model('encoder-decoder');
const view = { ...FIRST_VIEW, attention: 'decoder.1.cross', head: 7, pinned: { query: 1, key: 2 } };

describe('stepping', () => {
  test('goes round the heads and leaves the mean', () => {
    expect(stepHead({ ...view, mean: true }, translation, 1)).toMatchObject({ head: 0, mean: false });
    expect(stepHead({ ...view, head: 0 }, translation, -1)).toMatchObject({ head: 7 });
  });
  test('goes round the layers of the same kind', () => {
    expect(stepLayer(view, translation, 1).attention).toBe('decoder.2.cross');
    expect(stepLayer({ ...view, attention: 'decoder.2.cross' }, translation, 1).attention).toBe(
      'decoder.0.cross',
    );
    expect(stepLayer({ ...view, attention: 'encoder.0.self' }, translation, -1).attention).toBe(
      'encoder.2.self',
    );
  });
  test('starts from the first attention where none is chosen', () => {
    expect(stepHead(FIRST_VIEW, translation, 1)).toMatchObject({ attention: 'encoder.0.self', head: 1 });
  });
  test('stays in a model without attention', () => {
    const none = { ...translation, attentions: [] };
    expect(stepHead(view, none, 1)).toBe(view);
    expect(stepLayer(view, none, 1)).toBe(view);
  });
});

describe('fitting', () => {
  test('keeps what the model has', () => expect(fitToModel(view, translation)).toEqual(view));
  test('falls to the first attention and the last head, and unpins', () => {
    const smaller = model('encoder-only', 2, 4);
    expect(fitToModel(view, smaller)).toMatchObject({
      attention: 'encoder.0.self',
      head: 3,
      pinned: undefined,
    });
  });
  test('a new run unpins and clamps the text', () => {
    const trace = {
      id: 't',
      model: 'test',
      encoder: [],
      decoder: [],
      timing: { tokenize: 0, decode: 0, run: 0 },
    };
    expect(fitToTrace({ ...view, batch: 3 }, trace)).toMatchObject({ batch: 0, pinned: undefined });
  });
});
