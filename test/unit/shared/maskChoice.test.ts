// Presets of masks cell by cell, and the shuffle that is the same everywhere.
import { describe, expect, test } from 'vitest';
import type { MaskChoice } from '../../../src/shared/intervention';
import { keepsLaterKeys, maskCells } from '../../../src/shared/maskChoice';
import { shuffled } from '../../../src/shared/shuffle';

/** Rows as text: 1 kept, 0 removed, `-` left to the model. The last of four keys is padding. */
function drawn(mask: MaskChoice, start = 0): string[] {
  const sizes = { start, queries: 4 - start, keys: 4, realKeys: [true, true, true, false] };
  return maskCells(mask, sizes).map((row) => row.map((cell) => cell ?? '-').join(''));
}

describe('a mask', () => {
  test.each<[MaskChoice, string[]]>([
    [{ preset: 'none' }, ['1111', '1111', '1111', '1111']],
    [{ preset: 'padding' }, ['1110', '1110', '1110', '1110']],
    [{ preset: 'causal' }, ['1000', '1100', '1110', '1110']],
    [{ preset: 'causal', padding: 'visible' }, ['1000', '1100', '1110', '1111']],
    [{ preset: 'prefix', length: 2 }, ['1100', '1100', '1110', '1110']],
    [{ preset: 'window', size: 1 }, ['1100', '1110', '0110', '0010']],
    [{ preset: 'window', size: 1, causal: true, padding: 'visible' }, ['1000', '1100', '0110', '0011']],
    [
      {
        preset: 'cells',
        cells: [
          { query: 1, key: 3, keep: true },
          { query: 2, key: 0, keep: false },
        ],
      },
      ['----', '---1', '0---', '----'],
    ],
    [{ preset: 'rows', rows: [[1, null, 0], [0]] }, ['1-0-', '0---', '----', '----']],
  ])('%j', (mask, rows) => {
    expect(drawn(mask)).toEqual(rows);
    // A step of decoding reads its own rows of the same mask.
    expect(drawn(mask, 3)).toEqual(rows.slice(3));
  });

  test('tells whether it shows what is to come', () => {
    expect(keepsLaterKeys({ preset: 'none' })).toBe(true);
    expect(keepsLaterKeys({ preset: 'causal' })).toBe(false);
    expect(keepsLaterKeys({ preset: 'window', size: 2, causal: true })).toBe(false);
    expect(keepsLaterKeys({ preset: 'cells', cells: [{ query: 1, key: 0, keep: true }] })).toBe(false);
    expect(keepsLaterKeys({ preset: 'rows', rows: [[null, 1]] })).toBe(true);
  });
});

test('a shuffle is a permutation, and the same one for the same seed', () => {
  expect(shuffled(9, 7)).toEqual(shuffled(9, 7));
  expect(shuffled(9, 7)).not.toEqual(shuffled(9, 8));
  expect([...shuffled(50, 1)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});
