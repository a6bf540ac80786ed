// Edits of a mask as plain data: cells, rows, presets, how they stand in the list of interventions, undo and redo.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Intervention, MaskOverride } from '../../../src/shared/intervention';
import type { Masks } from '../../../src/shared/trace';
import { EditHistory } from '../../../webview/views/masks/editHistory';
import { editedStage, ownGrid } from '../../../webview/views/masks/editedStage';
import { effectiveMask } from '../../../webview/views/masks/effectiveMask';
import type { MaskGrid } from '../../../webview/views/masks/maskEdit';
import {
  cellsBetween,
  emptyRows,
  noEdit,
  painted,
  toggledCell,
  toggledLine,
  withCells,
} from '../../../webview/views/masks/maskEdit';
import type { EditorPlace } from '../../../webview/views/masks/maskEditor';
import { MaskEditor } from '../../../webview/views/masks/maskEditor';
import { emptiedNote, totalCaption } from '../../../webview/views/masks/maskNotes';
import { editIn, masksOn, scopeOf, withEdit, withSwitch } from '../../../webview/views/masks/maskScope';
import { model } from './explorerFixture';

const grid = (rows: readonly string[]): MaskGrid => ({
  rows: rows.length,
  columns: rows[0].length,
  removed: Uint8Array.from([...rows.join('')], (mark) => Number(mark === 'x')),
});
const drawn = ({ rows, columns, removed }: MaskGrid) =>
  Array.from({ length: rows }, (_, row) =>
    [...removed.subarray(row * columns, (row + 1) * columns)].map((mark) => (mark ? 'x' : '.')).join(''),
  );
const causal = grid(['.xx', '..x', '...']);
const [attention] = model.attentions;
const layer = scopeOf('layer', attention, 2, 0, 1);
const other: Intervention = {
  kind: 'headGate',
  enabled: true,
  attentions: 'all',
  heads: [0],
  factor: 0,
};

describe('edited cells', () => {
  it('flip, and are no edit any more when they flip back', () => {
    const once = toggledCell(noEdit, causal, 2, 0);
    expect(once.cells).toEqual([{ query: 2, key: 0, keep: false }]);
    expect(drawn(withCells(causal, once.cells))).toEqual(['.xx', '..x', 'x..']);
    expect(toggledCell(once, causal, 2, 0)).toEqual(noEdit);
    expect(toggledCell(noEdit, causal, 0, 2).cells).toEqual([{ query: 0, key: 2, keep: true }]);
  });

  it('are painted by one stroke, in the order of the matrix', () => {
    const stroke = painted(
      noEdit,
      causal,
      [
        { query: 2, key: 1 },
        { query: 1, key: 0 },
        { query: 0, key: 2 },
      ],
      false,
    );
    expect(stroke.cells).toEqual([
      { query: 1, key: 0, keep: false },
      { query: 2, key: 1, keep: false },
    ]);
  });

  it('make a row empty, then give it back; an empty one is opened', () => {
    const emptied = toggledLine(noEdit, causal, { row: 1 });
    expect(drawn(withCells(causal, emptied.cells))).toEqual(['.xx', 'xxx', '...']);
    expect(toggledLine(emptied, causal, { row: 1 })).toEqual(noEdit);
    const column = grid(['.x', '.x']);
    const opened = toggledLine(noEdit, column, { column: 1 });
    expect(drawn(withCells(column, opened.cells))).toEqual(['..', '..']);
  });

  it('are found between two places of a fast pointer', () => {
    expect(cellsBetween({ row: 0, column: 0 }, { row: 1, column: 3 })).toEqual([
      { row: 0, column: 0 },
      { row: 0, column: 1 },
      { row: 1, column: 2 },
      { row: 1, column: 3 },
    ]);
    expect(cellsBetween({ row: 1, column: 1 }, { row: 1, column: 1 })).toEqual([{ row: 1, column: 1 }]);
  });

  it('leave rows without any key, which is said once per row of the text', () => {
    const emptied = grid(['xxx', '...', 'xxx']);
    expect(emptyRows(emptied)).toEqual([0, 2]);
    const item = (label: string, padding = false) => ({ label, first: 0, last: 0, hasText: true, padding });
    const queries = [item('Das'), item('Tier'), item('<pad>', true)];
    const masks: Masks = {
      form: 'add',
      padding: undefined,
      causal: undefined,
      total: undefined,
      input: undefined,
      dims: undefined,
      maskedValue: -10000,
      sharedBy: [],
      why: undefined,
    };
    const note = emptiedNote(emptied, queries, masks);
    expect(note).toContain('“Das” sees no key at all');
    expect(note).toContain('adding −10,000');
    expect(note).not.toContain('<pad>');
    expect(emptiedNote(causal, queries, masks)).toBe('');
    expect(emptiedNote(emptied, queries, { ...masks, maskedValue: -Infinity })).toContain('NaN');
    expect(totalCaption(causal, [])).toBe('3 of 9 cells masked');
    expect(totalCaption(causal, [{ query: 0, key: 2, keep: true }])).toContain('1 cell edited by you');
  });
});

describe('what the model is given', () => {
  const masked = (mask: MaskOverride['mask'], rest: Partial<MaskOverride> = {}): MaskOverride => ({
    kind: 'mask',
    enabled: true,
    attentions: 'all',
    heads: 'all',
    texts: 'all',
    mask,
    ...rest,
  });
  const real = [true, true, false];

  it('follows the presets, each with its number', () => {
    const of = (mask: MaskOverride['mask']) => drawn(effectiveMask(causal, [masked(mask)], 0, 4, real));
    expect(of({ preset: 'none' })).toEqual(['...', '...', '...']);
    expect(of({ preset: 'padding' })).toEqual(['..x', '..x', '..x']);
    expect(of({ preset: 'prefix', length: 2, padding: 'visible' })).toEqual(['..x', '..x', '...']);
    expect(of({ preset: 'window', size: 1, padding: 'visible' })).toEqual(['..x', '...', 'x..']);
    expect(of({ preset: 'window', size: 1, causal: true, padding: 'visible' })).toEqual([
      '.xx',
      '..x',
      'x..',
    ]);
    expect(of({ preset: 'rows', rows: [[0, null, 1]] })).toEqual(['xx.', '..x', '...']);
  });

  it('lets the last mask of a head decide, and others alone', () => {
    const masks = [masked({ preset: 'none' }), masked({ preset: 'causal' }, { heads: [1] })];
    expect(drawn(effectiveMask(causal, masks, 0, 2, [true, true, true]))).toEqual(['...', '...', '...']);
    expect(drawn(effectiveMask(causal, masks, 1, 2, [true, true, true]))).toEqual(['.xx', '..x', '...']);
    // Of the mean, only what no head sees is masked.
    expect(drawn(effectiveMask(causal, masks, 'mean', 2, [true, true, true]))).toEqual(['...', '...', '...']);
  });

  it('is shown in the numbers of the model where it agrees', () => {
    const total = {
      matrix: { rows: 1, columns: 3, data: Float32Array.of(-2, -10000, -10000) },
      source: 'mask',
      removed: 2,
    };
    expect(editedStage(total, ownGrid(total, 1, 3))).toBe(total);
    expect([...editedStage(total, grid(['x.x'])).matrix.data]).toEqual([-Infinity, 0, -10000]);
    expect([...editedStage(undefined, grid(['.x'])).matrix.data]).toEqual([0, -Infinity]);
  });
});

describe('the list of interventions', () => {
  const edit = { preset: { preset: 'window', size: 2 }, cells: [{ query: 1, key: 0, keep: false }] } as const;

  it('gets a preset and its cells, in place, and gives them back', () => {
    const list = withEdit([other], layer, edit);
    expect(list.map((each) => (each.kind === 'mask' ? each.mask.preset : each.kind))).toEqual([
      'headGate',
      'window',
      'cells',
    ]);
    expect(editIn(list, layer)).toEqual({ edit, enabled: true });
    const again = withEdit([...list, { ...other, heads: [3] }], layer, {
      preset: undefined,
      cells: edit.cells,
    });
    expect(again.map((each) => (each.kind === 'mask' ? each.mask.preset : each.kind))).toEqual([
      'headGate',
      'cells',
      'headGate',
    ]);
    expect(withEdit(again, layer, noEdit)).toEqual([other, { ...other, heads: [3] }]);
  });

  it('keeps edits of other heads, layers and texts apart', () => {
    const head = scopeOf('head', attention, 2, 0, 1);
    const list = withEdit(withEdit([], layer, edit), head, { preset: { preset: 'none' }, cells: [] });
    expect(editIn(list, layer).edit).toEqual(edit);
    expect(editIn(list, head).edit.preset).toEqual({ preset: 'none' });
    expect(editIn(list, scopeOf('all', attention, 2, 0, 1)).edit).toEqual(noEdit);
    expect(scopeOf('layer', attention, 0, 1, 3).texts).toEqual([1]);
    expect(masksOn(list, attention, 0)).toHaveLength(3);
    expect(masksOn(list, model.attentions[1], 0)).toHaveLength(0);
    expect(masksOn(withSwitch(list, layer, false), attention, 0)).toHaveLength(1);
  });

  it('puts an edit behind a mask that would overrule it', () => {
    const all = withEdit(withEdit([], layer, edit), scopeOf('all', attention, 0, 0, 1), {
      preset: { preset: 'none' },
      cells: [],
    });
    const again = withEdit(all, layer, edit);
    expect(again.at(-1)).toMatchObject({ mask: { preset: 'cells' }, attentions: [attention.name] });
  });
});

describe('undo', () => {
  it('goes back and forth, and forgets what was undone with a new step', () => {
    const history = new EditHistory(0);
    history.push(1);
    history.push(1);
    history.push(2);
    expect(history.undo()).toBe(1);
    expect(history.undo()).toBe(0);
    expect(history.undo()).toBeUndefined();
    expect(history.redo()).toBe(1);
    history.push(5);
    expect(history.canRedo).toBe(false);
    expect(history.undo()).toBe(1);
    expect(history.present).toBe(1);
  });
});

describe('the editor', () => {
  const place: EditorPlace = {
    run: 'a',
    attention,
    head: 2,
    batch: 0,
    texts: 1,
    own: causal,
    realKeys: [true, true, true],
  };
  let list: readonly Intervention[] = [];
  let sets = 0;
  const target = {
    get list() {
      return list;
    },
    set: (next: readonly Intervention[]) => {
      list = next;
      sets++;
    },
  };
  const make = () => new MaskEditor(target, { redraw: () => undefined, say: () => undefined });

  beforeEach(() => {
    vi.useFakeTimers();
    list = [];
    sets = 0;
  });
  afterEach(() => vi.useRealTimers());

  it('runs once after several edits, and shows them at once', () => {
    const editor = make();
    editor.update(place);
    editor.toggle({ row: 2, column: 0 });
    editor.toggle({ row: 2, column: 1 });
    expect(editor.grid && drawn(editor.grid)).toEqual(['.xx', '..x', 'xx.']);
    expect(editor.pending).toBe(true);
    expect(sets).toBe(0);
    vi.runAllTimers();
    expect(sets).toBe(1);
    expect(editor.pending).toBe(false);
    expect(editIn(list, layer).edit.cells).toHaveLength(2);
  });

  it('takes a stroke as one step: the first cell says what is painted', () => {
    const editor = make();
    editor.update(place);
    editor.press({ row: 2, column: 0 });
    editor.paint(cellsBetween({ row: 2, column: 0 }, { row: 2, column: 2 }));
    vi.runAllTimers();
    expect(sets).toBe(0);
    editor.release();
    vi.runAllTimers();
    expect(editIn(list, layer).edit.cells.map(({ key }) => key)).toEqual([0, 1, 2]);
    editor.undo();
    vi.runAllTimers();
    expect(list).toEqual([]);
    editor.redo();
    vi.runAllTimers();
    expect(editIn(list, layer).edit.cells).toHaveLength(3);
  });

  it('counts what another view does to the list as a step', () => {
    const editor = make();
    editor.update(place);
    editor.setPreset({ preset: 'none' });
    vi.runAllTimers();
    target.set([]);
    editor.update(place);
    expect(editor.canUndo).toBe(true);
    editor.undo();
    vi.runAllTimers();
    expect(editIn(list, layer).edit.preset).toEqual({ preset: 'none' });
  });

  it('takes the edit along to all layers, and drops drafts of another run', () => {
    const editor = make();
    editor.update(place);
    editor.setPreset({ preset: 'window', size: 1 });
    vi.runAllTimers();
    editor.setReach('all');
    expect(list).toHaveLength(1);
    expect(list[0]).toMatchObject({ attentions: 'encoderSelf', heads: 'all' });
    editor.toggle({ row: 0, column: 0 });
    editor.update({ ...place, run: 'b' });
    vi.runAllTimers();
    expect(editIn(list, scopeOf('all', attention, 2, 0, 1)).edit.cells).toEqual([]);
  });

  it('is switched on by the next edit', () => {
    const editor = make();
    editor.update(place);
    editor.setPreset({ preset: 'none' });
    vi.runAllTimers();
    editor.setEnabled(false);
    expect(editor.grid && drawn(editor.grid)).toEqual(drawn(causal));
    editor.toggle({ row: 0, column: 0 });
    vi.runAllTimers();
    expect(list.every(({ enabled }) => enabled)).toBe(true);
    expect(editor.grid && drawn(editor.grid)).toEqual(['x..', '...', '...']);
  });

  it('edits nothing while another attention is on its way, and keeps what was drawn before', () => {
    const editor = make();
    editor.update(place);
    editor.toggle({ row: 2, column: 0 });
    editor.leave();
    expect(editIn(list, layer).edit.cells).toHaveLength(1);
    editor.toggle({ row: 2, column: 1 });
    editor.setPreset({ preset: 'none' });
    editor.line({ row: 0 });
    editor.press({ row: 0, column: 0 });
    editor.release();
    vi.runAllTimers();
    expect(editIn(list, layer).edit).toEqual({
      preset: undefined,
      cells: [{ query: 2, key: 0, keep: false }],
    });
    editor.update(place);
    expect(editor.canUndo).toBe(true);
  });

  it('puts a draft where it was drawn when another layer is looked at', () => {
    const editor = make();
    editor.update(place);
    editor.toggle({ row: 2, column: 0 });
    editor.update({ ...place, attention: model.attentions[1] });
    expect(editIn(list, layer).edit.cells).toHaveLength(1);
    expect(editor.edit).toEqual(noEdit);
  });
});
