// Sizes of cells, hit tests, labels, hatching and the layout of one head.
import { describe, expect, it } from 'vitest';
import type { CellGrid } from '../../../webview/draw/cells';
import { cellAt, cornerOf, fitCell, gapOf, visibleRange } from '../../../webview/draw/cells';
import { hatchSegments } from '../../../webview/draw/hatching';
import { headLayout, matrixGrid, rowCentre, stripItemAt } from '../../../webview/draw/headLayout';
import { fitText, thinLabels, tickLabels } from '../../../webview/draw/labels';
import {
  cellsPerThumbnail,
  thumbnailAt,
  thumbnailCorner,
  thumbnailGrid,
} from '../../../webview/draw/thumbnails';

describe('cells', () => {
  it('are whole pixels from 2 to 22', () => {
    expect(fitCell({ rows: 14, columns: 14, width: 900, height: 400 })).toBe(22);
    expect(fitCell({ rows: 30, columns: 20, width: 900, height: 400 })).toBe(13);
    expect(fitCell({ rows: 512, columns: 512, width: 500, height: 500 })).toBe(2);
    expect([9, 10].map(gapOf)).toEqual([0, 1]);
  });

  const grid: CellGrid = {
    x: 100,
    y: 50,
    width: 60,
    height: 40,
    scrollX: 25,
    scrollY: 0,
    cellWidth: 10,
    cellHeight: 20,
    rows: 2,
    columns: 30,
  };

  it('are found under a point, scrolled or not', () => {
    expect(cellAt(grid, 100, 50)).toEqual({ row: 0, column: 2 });
    expect(cellAt(grid, 105, 70)).toEqual({ row: 1, column: 3 });
    expect(cellAt(grid, 99, 50)).toBeUndefined();
    expect(cellAt(grid, 160, 50)).toBeUndefined();
    expect(cellAt({ ...grid, rows: 1 }, 105, 75)).toBeUndefined();
  });

  it('lie where they are found', () => {
    for (const [row, column] of [
      [0, 3],
      [1, 7],
    ]) {
      const { x, y } = cornerOf(grid, row, column);
      expect(cellAt(grid, x + 1, y + 1)).toEqual({ row, column });
    }
    expect(visibleRange(25, 60, 10, 30)).toEqual([2, 9]);
    expect(visibleRange(0, 600, 10, 30)).toEqual([0, 30]);
  });
});

describe('labels', () => {
  it('are all written when there is room', () => {
    expect(thinLabels(4, 22)).toEqual([0, 1, 2, 3]);
  });

  it('thin out by whole tokens and never touch', () => {
    const labels = thinLabels(100, 4, [42]);
    expect(labels).toContain(42);
    labels.slice(1).forEach((label, index) => expect((label - labels[index]) * 4).toBeGreaterThanOrEqual(14));
    expect(labels.length).toBeGreaterThan(20);
  });

  it('keep what must be seen even between neighbours', () => {
    expect(thinLabels(6, 7, [3])).toEqual([0, 3]);
    expect(thinLabels(3, 22, [7])).toEqual([0, 1, 2]);
  });

  it('tick round numbers and the last one', () => {
    expect(tickLabels(256, 2, 40)).toEqual([0, 32, 64, 96, 128, 160, 192, 224, 255]);
    expect(tickLabels(1, 2, 40)).toEqual([0]);
  });

  it('are cut with an ellipsis, not in the middle of a character', () => {
    const measure = (text: string) => [...text].length * 10;
    expect(fitText('street', 60, measure)).toBe('street');
    expect(fitText('streets', 60, measure)).toBe('stree…');
    expect(fitText('😀😀😀', 20, measure)).toBe('😀…');
  });
});

describe('hatching', () => {
  it('stays inside its cell, at 45°', () => {
    const segments = hatchSegments(13, 27, 21, 17);
    expect(segments.length).toBeGreaterThan(5);
    for (const [x1, y1, x2, y2] of segments) {
      expect(x2 - x1).toBe(y1 - y2);
      expect(Math.min(x1, x2)).toBeGreaterThanOrEqual(13);
      expect(Math.max(x1, x2)).toBeLessThanOrEqual(34);
      expect(Math.min(y1, y2)).toBeGreaterThanOrEqual(27);
      expect(Math.max(y1, y2)).toBeLessThanOrEqual(44);
    }
  });

  it('continues from cell to cell', () => {
    const sums = (x: number) => new Set(hatchSegments(x, 0, 12, 12).map(([x1, y1]) => x1 + y1));
    const [left, right] = [sums(0), sums(12)];
    expect([...right].filter((sum) => sum < 24).every((sum) => left.has(sum))).toBe(true);
  });
});

describe('layout of one head', () => {
  const input = {
    width: 934,
    height: 440,
    queries: 14,
    keys: 14,
    lines: true,
    matrix: true,
    queryLabels: 50,
    keyLabels: 50,
  };

  it('puts a line’s end on its matrix row', () => {
    const layout = headLayout(input);
    const grid = matrixGrid(layout, 14, 14, 0, 0);
    expect(layout.cell).toBe(22);
    expect(grid).toBeDefined();
    for (const query of [0, 7, 13]) {
      const centre = rowCentre(layout, query, 0);
      expect(grid && cellAt(grid, grid.x + 1, centre)?.row).toBe(query);
      expect(stripItemAt(layout, layout.queryStrip, 14, 0, layout.queryStrip.x + 1, centre)).toBe(query);
      expect(stripItemAt(layout, layout.keyStrip, 14, 0, 6, centre)).toBe(query);
    }
  });

  it('fits inside its width, side by side', () => {
    for (const width of [420, 700, 1400]) {
      const { keyStrip, queryStrip, matrix } = headLayout({ ...input, width });
      expect((keyStrip?.x ?? 0) + (keyStrip?.width ?? 0)).toBeLessThan(queryStrip.x);
      expect(queryStrip.x + queryStrip.width).toBe(matrix?.x);
      expect((matrix?.x ?? 0) + (matrix?.width ?? 0)).toBeLessThanOrEqual(width);
    }
  });

  it('shrinks cells to 2 px, then scrolls, and leaves room for the lines', () => {
    const layout = headLayout({ ...input, queries: 512, keys: 512 });
    expect(layout.cell).toBe(2);
    expect(layout.contentHeight).toBeGreaterThan(1024);
    expect(layout.matrix?.width).toBeLessThan(1024);
    const grid = matrixGrid(layout, 512, 512, 600, 700);
    expect(grid && cellAt(grid, grid.x, grid.y)).toEqual({ row: 350, column: 300 });
  });

  it('drops what is turned off', () => {
    expect(headLayout({ ...input, lines: false }).keyStrip).toBeUndefined();
    expect(headLayout({ ...input, matrix: false }).matrix).toBeUndefined();
    expect(stripItemAt(headLayout({ ...input, lines: false }), undefined, 14, 0, 5, 200)).toBeUndefined();
  });
});

describe('thumbnails', () => {
  it('are as large as the space allows, within limits', () => {
    expect(thumbnailGrid(6, 8, 304, 300).pitch).toBe(33.5);
    expect(thumbnailGrid(12, 12, 304, 260).pitch).toBe(20.5);
    expect(thumbnailGrid(24, 24, 100, 100).pitch).toBe(18);
  });

  it('are found where they lie', () => {
    const grid = thumbnailGrid(6, 8, 304, 300);
    for (const [layer, head] of [
      [0, 0],
      [4, 2],
      [5, 7],
    ]) {
      const { x, y } = thumbnailCorner(grid, layer, head);
      expect(thumbnailAt(grid, x + grid.side / 2, y + grid.side / 2)).toEqual({ layer, head });
    }
    expect(thumbnailAt(grid, 5, 30)).toBeUndefined();
    expect(thumbnailAt(grid, 60, 600)).toBeUndefined();
  });

  it('ask for no more cells than they have pixels', () => {
    const grid = thumbnailGrid(6, 8, 304, 300);
    expect(cellsPerThumbnail(grid, 1)).toBe(grid.side);
    expect(cellsPerThumbnail(grid, 2)).toBe(2 * grid.side);
  });
});
