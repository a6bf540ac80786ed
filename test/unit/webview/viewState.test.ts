// Moving between heads, layers, kinds and units, and keeping the view valid for the model and the run.
import { describe, expect, it } from 'vitest';
import { toggleLines, toggleMatrix } from '../../../webview/explorer/keys';
import type { HeadScene } from '../../../webview/explorer/scene';
import { aimOf, targetOfToken, tokensOf } from '../../../webview/explorer/scene';
import { axisOf, kindsOf } from '../../../webview/explorer/sequences';
import { validView, withHead, withKind, withUnit } from '../../../webview/explorer/viewState';
import { model, sequence, trace, view } from './explorerFixture';

describe('valid view', () => {
  it('stays the same object when nothing is wrong', () => {
    expect(validView(view, model, trace)).toBe(view);
  });

  it('replaces what the model and the run do not have', () => {
    const wrong = { ...view, attention: 'encoder.9.self', head: 12, batch: 3, lines: false, matrix: false };
    expect(validView(wrong, model, trace)).toMatchObject({
      attention: 'encoder.0.self',
      head: 3,
      batch: 0,
      lines: true,
      matrix: true,
    });
    expect(validView({ ...view, pinned: { query: 5, key: 0 } }, model, trace).pinned).toBeUndefined();
    expect(validView(view, undefined, undefined)).toBe(view);
  });
});

describe('moving', () => {
  it('goes to a head and ends the mean', () => {
    expect(withHead({ ...view, mean: true }, model, 0, 2)).toMatchObject({
      attention: 'encoder.0.self',
      head: 2,
      mean: false,
      pinned: view.pinned,
    });
    expect(withHead(view, model, 2, 0)).toBe(view);
    expect(withHead(view, model, 0, 4)).toBe(view);
  });

  it('changes the kind in the same layer and drops the pin, whose tokens are others', () => {
    expect(withKind(view, model, 'cross')).toMatchObject({
      attention: 'decoder.1.cross',
      head: 1,
      pinned: undefined,
    });
    expect(kindsOf(model)).toEqual(['encoderSelf', 'decoderSelf', 'cross']);
  });

  it('carries the pin from pieces to words and back', () => {
    const words = withUnit(view, 'words', model, trace);
    expect(words.pinned).toEqual({ query: 1, key: 2 });
    expect(withUnit(words, 'pieces', model, trace).pinned).toEqual({ query: 1, key: 4 });
    expect(withUnit(view, 'pieces', model, trace)).toBe(view);
  });

  it('keeps lines or matrix on', () => {
    expect(toggleLines({ ...view, matrix: false })).toMatchObject({ lines: false, matrix: true });
    expect(toggleMatrix({ ...view, lines: false })).toMatchObject({ lines: true, matrix: false });
    expect(toggleLines({ ...view, table: true })).toMatchObject({ table: false, lines: true });
  });
});

describe('what is looked at', () => {
  const scene: HeadScene = {
    key: 'k',
    trace: 't',
    attention: model.attentions[5],
    head: 0,
    batch: 0,
    unit: 'words',
    matrix: { rows: 3, columns: 3, data: new Float32Array(9), masked: new Uint8Array(9) },
    queries: axisOf(trace.decoder[0], 'words'),
    keys: axisOf(trace.encoder[0], 'words'),
  };

  it('is the pointer’s cell, else the pin, else the word at the cursor', () => {
    const token = { side: 'decoder', batch: 0, first: 2, last: 2 } as const;
    const pin = { query: 2, key: 2 };
    expect(aimOf(scene, { key: 1 }, pin, token)).toEqual({ key: 1, by: 'hover' });
    expect(aimOf(scene, undefined, pin, token)).toEqual({ ...pin, by: 'pin' });
    expect(aimOf(scene, undefined, undefined, token)).toEqual({ query: 1, by: 'follow' });
    expect(aimOf(scene, undefined, { query: 9, key: 0 }, undefined)).toEqual({ by: 'nothing' });
  });

  it('is a column for a token that is only a key, and nothing in another text', () => {
    expect(targetOfToken(scene, { side: 'encoder', batch: 0, first: 3, last: 3 })).toEqual({ key: 1 });
    expect(targetOfToken(scene, { side: 'encoder', batch: 1, first: 3, last: 3 })).toBeUndefined();
  });

  it('is told to the editor in pieces', () => {
    expect(tokensOf(scene, { query: 1, key: 1 })).toEqual([
      { side: 'decoder', batch: 0, first: 1, last: 2 },
      { side: 'encoder', batch: 0, first: 1, last: 3 },
    ]);
    expect(tokensOf(scene, undefined)).toEqual([]);
  });

  it('does not reveal tokens without text', () => {
    const special = sequence([['The']]);
    const end = { ...special.tokens[0], label: '</s>', start: -1, end: -1 };
    const items = axisOf({ ...special, tokens: [end] }, 'pieces');
    expect(tokensOf({ ...scene, unit: 'pieces', queries: items }, { query: 0 })).toEqual([]);
  });
});
