// Which cell is written out, whose tokens they are, and what stands under the pictures of a head: never another text, head or run.
import { describe, expect, test } from 'vitest';
import type { TraceSummary } from '../../../src/shared/trace';
import {
  columnsAreKeys,
  insideCell,
  insideScene,
  rowsAreKeys,
  strongestKey,
  tokensOfCell,
  whyMissing,
} from '../../../webview/views/insideScene';
import { drawnMatrix, headStats, rowStats } from '../../../webview/views/insideStats';
import { model, sequence, trace } from './explorerFixture';
import { headOf, noise } from './insideFixture';

const cross = model.attentions.find(({ kind }) => kind === 'cross') ?? model.attentions[0];
// Four target pieces look at five source pieces.
const size = 4;
const stages = headOf({
  q: noise(4, size, 1, 2),
  k: noise(5, size, 2, 2),
  v: noise(5, size, 3),
  scale: 0.5,
  removes: (_, key) => key === 4,
});
const scene = insideScene(trace, cross, 1, 0, stages);
const nothing = { hovered: undefined, pinned: undefined, followed: undefined };

describe('the cell that is written out', () => {
  test('pointer before pin before the cursor', () => {
    const pinned = { query: 3, key: 2 };
    const followed = { side: 'decoder', batch: 0, first: 1, last: 2 } as const;
    expect(insideCell(scene, { hovered: { query: 0, key: 1 }, pinned, followed })).toEqual({
      query: 0,
      key: 1,
    });
    expect(insideCell(scene, { ...nothing, pinned, followed })).toEqual(pinned);
    expect(insideCell(scene, { ...nothing, followed }).query).toBe(1);
  });

  test('a pointer on a row of K keeps the query', () => {
    expect(insideCell(scene, { ...nothing, hovered: { key: 4 }, pinned: { query: 2, key: 0 } })).toEqual({
      query: 2,
      key: 4,
    });
  });

  test('a followed source word is the key of cross-attention, and one of another text is nothing', () => {
    const source = { side: 'encoder', batch: 0, first: 2, last: 2 } as const;
    expect(insideCell(scene, { ...nothing, followed: source }).key).toBe(2);
    expect(insideCell(scene, { ...nothing, followed: { ...source, batch: 1 } })).toEqual(
      insideCell(scene, nothing),
    );
  });

  test('without any, a row in the middle of the text with its strongest key', () => {
    const { query, key } = insideCell(scene, nothing);
    expect(query).toBe(2);
    const row = Array.from(stages.weights?.data.subarray(query * 5, query * 5 + 5) ?? []);
    expect(row[key]).toBe(Math.max(...row));
    expect(strongestKey(scene, query)).toBe(key);
  });

  test('a cell that this text does not have is not taken', () => {
    const cell = insideCell(scene, {
      ...nothing,
      hovered: { query: 9, key: 0 },
      pinned: { query: 0, key: 9 },
    });
    expect(cell).toEqual(insideCell(scene, nothing));
  });
});

test('queries are of the target, keys of the source', () => {
  expect(scene.queries.map(({ label }) => label)).toEqual(['Der', 'mü', 'de', 'Hund']);
  expect(scene.keys.map(({ label }) => label)).toEqual(['The', 'ti', 're', 'd', 'dog']);
  expect(tokensOfCell(scene, { query: 3, key: 4 })).toEqual([
    { side: 'decoder', batch: 0, first: 3, last: 3 },
    { side: 'encoder', batch: 0, first: 4, last: 4 },
  ]);
  expect(tokensOfCell(scene, { key: 0 })).toHaveLength(1);
});

test('another run, head or text is another scene', () => {
  const other: TraceSummary = {
    ...trace,
    id: 't2',
    encoder: [sequence([['A'], ['b'], ['c'], ['d'], ['e']])],
  };
  const keys = [
    scene,
    insideScene(other, cross, 1, 0, stages),
    insideScene(trace, cross, 0, 0, stages),
    insideScene(trace, model.attentions[0], 1, 0, stages),
  ].map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('rows and columns of pictures are told apart', () => {
  expect(['query', 'context', 'output'].some((name) => rowsAreKeys(name as 'query'))).toBe(false);
  expect(rowsAreKeys('key') && rowsAreKeys('value') && columnsAreKeys('masked')).toBe(true);
  expect(columnsAreKeys('output')).toBe(false);
});

describe('under the pictures', () => {
  const stats = headStats(scene);

  test('the variance is that of the kept scores, and falls by d_k', () => {
    const kept = Array.from(stages.scores?.data ?? []).filter((_, cell) => cell % 5 !== 4);
    const mean = kept.reduce((sum, each) => sum + each, 0) / kept.length;
    const variance = kept.reduce((sum, each) => sum + (each - mean) ** 2, 0) / kept.length;
    expect(stats.scores?.lines[1]).toEqual(['variance', variance.toFixed(2)]);
    expect(stats.scaled?.lines[1]).toEqual(['variance', (variance / size).toFixed(2)]);
    expect(stats.scores?.lines[2]).toEqual(['paper: dₖ', String(size)]);
    expect(stats.scaled?.lines[2]).toEqual(['paper', '1']);
    expect(stats.masked?.lines.slice(1)).toEqual([
      ['kept', '16'],
      ['masked', '4'],
    ]);
  });

  test('all three histograms have the same axis', () => {
    const charts = [stats.scores, stats.scaled, stats.masked].map((each) => each?.chart);
    const counts = charts.map((chart) =>
      chart?.kind === 'histogram' ? chart.counts.reduce((sum, each) => sum + each, 0) : 0,
    );
    expect(counts).toEqual([16, 16, 16]);
    expect(
      new Set([stats.scores, stats.scaled, stats.masked].map((each) => each?.lines[0].join())).size,
    ).toBe(1);
  });

  test('a row is that row and no other', () => {
    const [one, two] = [1, 2].map((query) => rowStats(scene, 'weights', { query, key: 0 }));
    const row = stages.weights?.data.subarray(5, 10) ?? new Float32Array();
    expect(one?.chart?.kind === 'weights' && Array.from(one.chart.values)).toEqual(Array.from(row));
    expect(one?.lines[1][1]).toBe(Math.max(...row).toFixed(3));
    expect(two?.lines[0][0]).toBe('row de');
    expect(rowStats(scene, 'output', { query: 0, key: 0 })).toBeUndefined();
  });

  test('pictures are the tensors, with several columns in one where there is no room', () => {
    expect(drawnMatrix(scene, 'context', 1)).toBe(stages.context);
    expect(drawnMatrix(scene, 'context', 2)).toMatchObject({ rows: 4, columns: 2 });
  });

  test('a missing stage has its reason', () => {
    expect(whyMissing(scene, 'output')).toContain('No product with a weight');
    const elsewhere = insideScene(trace, cross, 1, 0, { ...stages, noOutput: 'weightElsewhere' });
    expect(whyMissing(elsewhere, 'output')).toContain('a file of its own');
    expect(whyMissing(scene, 'scores')).toContain('q·k');
  });
});
