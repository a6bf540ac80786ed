// What two runs differ in, as tables say it, and what the positions bench offers and does to the list.
import { describe, expect, it } from 'vitest';
import type { Comparison, OutputChange } from '../../../src/shared/comparison';
import type { Candidate } from '../../../src/shared/insight';
import type { Intervention } from '../../../src/shared/intervention';
import { shuffled } from '../../../src/shared/shuffle';
import type { AttentionMatrix } from '../../../src/shared/trace';
import {
  afterWeights,
  candidateChanges,
  keyChanges,
  mostMovedHeads,
  mostMovedPosition,
  mostMovedRow,
  rowVariations,
} from '../../../webview/views/effect/effectFacts';
import { effectScene } from '../../../webview/views/effect/effectScene';
import { changedFacts, effectOf } from '../../../webview/views/experiments/effects';
import { textOf } from '../../../webview/views/experiments/sentence';
import { modeEffect } from '../../../webview/views/positions/modeEffect';
import {
  changeOf,
  modeOf,
  otherPositionEdits,
  positionEditIn,
  whyNot,
  whyNotReplace,
  withPositionChange,
} from '../../../webview/views/positions/positionChoice';
import { positionUse } from '../../../webview/views/positions/positionUse';
import { randomTable } from '../../../webview/views/positions/randomTable';
import { model, trace } from './explorerFixture';

const matrix = (rows: readonly (readonly number[])[]) => ({
  rows: rows.length,
  columns: rows[0].length,
  data: Float32Array.from(rows.flat()),
});
const before = matrix([
  [0.5, 0.5],
  [0.25, 0.75],
]);
const difference = matrix([
  [0, 0],
  [0.5, -0.5],
]);
const candidate = (id: number, plain: number): Candidate => ({
  id,
  piece: `t${id}`,
  logit: 0,
  plain,
  probability: plain,
});
const moved = (position: number, kl: number, first = 1, second = 1): OutputChange => ({
  position,
  kl,
  before: [candidate(first, 0.75), candidate(9, 0.125)],
  after: [candidate(second, 0.5), candidate(1, 0.25)],
});
const comparison: Comparison = {
  heads: [
    { attention: 'encoder.0.self', kind: 'encoderSelf', layer: 0, head: 0, largest: 0, mean: 0 },
    { attention: 'encoder.0.self', kind: 'encoderSelf', layer: 0, head: 1, largest: 0.25, mean: 0.125 },
    { attention: 'decoder.1.cross', kind: 'cross', layer: 1, head: 0, largest: 0.5, mean: 0.25 },
  ],
  facts: {
    before: { scoreVariance: 0, largestWeight: 0, entropy: 0, slope: 0, rows: 0 },
    after: { scoreVariance: 0, largestWeight: 0, entropy: 0, slope: 0, rows: 0 },
  },
  output: { meanKl: 0.5, largestKl: 1, positions: [moved(0, 0), moved(1, 1, 1, 3), moved(2, 0.5)] },
  translation: undefined,
};

describe('an effect', () => {
  it('adds the difference to the weights before, row by row', () => {
    expect([...afterWeights(before, difference).data]).toEqual([0.5, 0.5, 0.75, 0.25]);
    expect(rowVariations(difference)).toEqual([0, 0.5]);
    const queries = [{ padding: false }, { padding: false }, { padding: true }];
    expect(mostMovedRow([0, 0.5, 0.75], queries)).toBe(1);
    expect(mostMovedRow([0, 1e-7, 0.75], queries)).toBeUndefined();
  });

  it('ranks the keys of a row by what they lose or gain', () => {
    const wide = matrix([[0.25, 0.5, 0.25]]);
    const change = matrix([[0.125, -0.5, 0.375]]);
    expect(keyChanges(wide, change, 0, 2)).toEqual([
      { key: 1, before: 0.5, after: 0, change: -0.5 },
      { key: 2, before: 0.25, after: 0.625, change: 0.375 },
    ]);
    expect(keyChanges(wide, change, 0, 3, (at) => at === 1).map(({ key }) => key)).toEqual([2, 0]);
  });

  it('says of a token that is not among the likeliest only what its probability is below', () => {
    expect(candidateChanges(moved(0, 1, 1, 3))).toEqual([
      { id: 1, piece: 't1', before: 0.75, after: 0.25 },
      { id: 9, piece: 't9', before: 0.125, after: { below: 0.25 } },
      { id: 3, piece: 't3', before: { below: 0.125 }, after: 0.5 },
    ]);
  });

  it('finds the position and the heads that moved most', () => {
    expect(mostMovedPosition(comparison)).toBe(1);
    expect(mostMovedHeads(comparison, 5).map(({ attention, head }) => `${attention}[${head}]`)).toEqual([
      'decoder.1.cross[0]',
      'encoder.0.self[1]',
    ]);
    expect(modeEffect({ to: 'remove' }, comparison)).toEqual({
      change: { to: 'remove' },
      weights: 0.125,
      flipped: 1 / 3,
      kl: 0.5,
    });
  });

  it('says what became of the label of a text classifier', () => {
    const labelled = (good: number) => ({
      choice: 'one' as const,
      scores: [
        { label: 'good', logit: 0, probability: good },
        { label: 'bad', logit: 0, probability: 1 - good },
      ].sort((a, b) => b.probability - a.probability),
    });
    const changed = (good: number): Comparison => ({
      ...{ ...comparison, output: undefined },
      labels: { before: labelled(0.875), after: labelled(good) },
    });
    expect(changedFacts(changed(0.25)).at(-1)).toMatchObject({
      ...{ name: 'Probability of the label “good”', before: 0.875, after: 0.25 },
    });
    expect(textOf(effectOf(changed(0.25)))).toBe(
      'The text is now labelled “bad”: “good” had 0.875 and has 0.250.',
    );
    expect(textOf(effectOf(changed(0.75)))).toBe(
      'The text stays labelled “good”: 0.875 before, 0.750 after.',
    );
  });

  it('marks what the masks of the changed run remove, in the head that is shown', () => {
    const attentionMatrix: AttentionMatrix = { ...before, masked: Uint8Array.of(0, 0, 0, 0) };
    const interventions: Intervention[] = [
      {
        kind: 'mask',
        enabled: true,
        attentions: ['encoder.0.self'],
        heads: [1],
        texts: 'all',
        mask: { preset: 'cells', cells: [{ query: 1, key: 1, keep: false }] },
      },
    ];
    const after = { ...trace, id: 'u', interventions };
    const place = { before: trace, after, attention: model.attentions[0], batch: 0 };
    const marks = (head: number | 'mean') =>
      [...effectScene({ ...place, head }, attentionMatrix, difference).after.masked].join('');
    expect(marks(1)).toBe('0001');
    expect(marks(0)).toBe('0000');
    expect(marks('mean')).toBe('0000');
  });
});

describe('the positions bench', () => {
  const added = ['remove', 'shift', 'shuffle', 'scale', 'multiply', 'sinusoidal', 'table'] as const;
  const sinusoidal = { kind: 'sinusoidal', layout: 'interleaved', formulaError: 1e-7 } as const;
  const learned = { kind: 'learned', layout: undefined, formulaError: undefined } as const;
  const rotary = { kind: 'rotary', layout: 'halves', formulaError: undefined } as const;
  const alibi = { kind: 'alibi', layout: undefined, formulaError: undefined } as const;

  it('offers what the graph allows, and says why not the rest', () => {
    expect(whyNot('replace', sinusoidal, added)).toBeUndefined();
    expect(whyNotReplace('sinusoidal', sinusoidal, added)).toContain('already');
    expect(whyNotReplace('sinusoidal', { ...sinusoidal, layout: 'halves' }, added)).toBeUndefined();
    expect(whyNotReplace('sinusoidal', learned, added)).toBeUndefined();
    expect(whyNotReplace('rotary', learned, added)).toContain('no such step');
    const turns = ['remove', 'shift', 'shuffle', 'scale'] as const;
    expect(whyNot('shift', rotary, turns)).toBeUndefined();
    expect(whyNot('multiply', rotary, turns)).toContain('turn queries and keys');
    expect(whyNot('replace', rotary, turns)).toContain('turn queries and keys');
    expect(whyNot('shuffle', alibi, ['remove', 'scale'])).toContain('distances');
    expect(whyNot('remove', { ...alibi, kind: 'none' }, [])).toContain('no positions');
    expect(whyNot('own', alibi, [])).toBeUndefined();
  });

  it('keeps one change for each side in the list', () => {
    const gate: Intervention = {
      kind: 'headGate',
      enabled: true,
      attentions: 'all',
      heads: 'all',
      factor: 1,
    };
    const shift = withPositionChange([gate], 'encoder', { to: 'shift', by: 3 });
    const both = withPositionChange(shift, 'decoder', { to: 'remove' });
    const removed = withPositionChange(both, 'encoder', { to: 'remove' });
    expect(removed.map(({ kind }) => kind)).toEqual(['headGate', 'positions', 'positions']);
    expect(positionEditIn(removed, 'encoder')?.change).toEqual({ to: 'remove' });
    expect(withPositionChange(removed, 'encoder', undefined)).toHaveLength(2);
    expect(otherPositionEdits([...both, ...shift], 'encoder')).toBe(1);
    expect(modeOf({ to: 'table', rows: [] })).toBe('replace');
    expect(changeOf('shift', 1.5)).toBeUndefined();
    expect(changeOf('shuffle', -1)).toBeUndefined();
    expect(changeOf('scale', -1.5)).toEqual({ to: 'scale', factor: -1.5 });
  });

  it('says which rows are read', () => {
    expect(positionUse(undefined, 14, 64, 512)).toMatchObject({ first: 0, end: 14 });
    expect(positionUse({ to: 'shift', by: 3 }, 14, 64, 512)).toMatchObject({ first: 3, end: 17 });
    expect(positionUse({ to: 'shift', by: 3 }, 14, 64, 512).text).toContain('3 to 16');
    expect(positionUse({ to: 'shift', by: 510 }, 14, 64, 512).text).toContain('rows 510 to 511');
    expect(positionUse({ to: 'shift', by: -2 }, 14, 64, 512)).toMatchObject({ first: 0, end: 12 });
    const [row] = shuffled(14, 7);
    expect(positionUse({ to: 'shuffle', seed: 7 }, 14, 64, 512).text).toContain(`token 0 reads row ${row}`);
    expect(positionUse({ to: 'remove' }, 14, 64, 512)).toMatchObject({ first: 0, end: 0 });
  });

  it('makes random tables whose rows are as long as the model’s, the same for a seed', () => {
    const table = randomTable(40, 256, 11, 1);
    const rows = table.to === 'table' ? table.rows : [];
    const norms = rows.map((row) => Math.hypot(...row));
    expect(norms).toHaveLength(40);
    expect(norms.reduce((sum, norm) => sum + norm, 0) / 40).toBeCloseTo(11, 0);
    expect(randomTable(40, 256, 11, 1)).toEqual(table);
    expect(randomTable(40, 256, 11, 2)).not.toEqual(table);
  });
});
