// What the Compare view works out by itself: which heads stand together, what is written at a cell, and when B is run.
import { describe, expect, test, vi } from 'vitest';
import { alignTexts } from '../../../src/explain/alignTexts';
import { contrastMatrices } from '../../../src/explain/contrastMatrix';
import type { Contrast, KindContrast, OtherRequest, OtherRun } from '../../../src/shared/contrast';
import { CancelledError } from '../../../src/shared/errors';
import type { CallOptions } from '../../../src/shared/protocol';
import { wordsOf } from '../../../src/tokenizer/words';
import { explorationOf, otherOf, savedOthers, withOther } from '../../../webview/explorer/otherSides';
import { apartParts } from '../../../webview/views/compare/apartText';
import { axisLabel, describeCell, summaryOf } from '../../../webview/views/compare/itemText';
import { counterpart, ownChoice } from '../../../webview/views/compare/linkedHead';
import { OtherRunner } from '../../../webview/views/compare/otherRunner';
import { outputSummary } from '../../../webview/views/compare/outputPane';
import { swappedContrast, swappedHeads } from '../../../webview/views/compare/swapped';
import { viewOfKey, viewOrder } from '../../../webview/explorer/viewOrder';
import { model, trace } from './explorerFixture';

/** Pieces of a text, cut at `|`. */
function cut(marked: string) {
  let text = '';
  const tokens = marked.split('|').map((label, id) => {
    const start = text.length;
    text += label;
    return { id, piece: label, label, start, end: text.length, special: false };
  });
  return wordsOf(text, tokens);
}

const matrix = (rows: readonly (readonly number[])[]) => ({
  rows: rows.length,
  columns: rows[0].length,
  data: Float32Array.from(rows.flat()),
});

const [first, second] = [cut('it| was| tired'), cut('it| was| so| wide')];
const items = alignTexts(first, second, 'pieces');
const a = matrix([
  [0.5, 0.3, 0.2],
  [0.1, 0.7, 0.2],
  [0.25, 0.25, 0.5],
]);
const b = matrix([
  [0.2, 0.1, 0.4, 0.3],
  [0.3, 0.3, 0.2, 0.2],
  [0, 0.5, 0.5, 0],
  [0, 0, 0.5, 0.5],
]);
const heads = contrastMatrices(a, b, items, items);

describe('two heads over aligned tokens', () => {
  test('the difference is A − B where both say the same, and marked everywhere else', () => {
    expect(items.map(axisLabel)).toEqual(['it', 'was', 'tired ≠ so', '+ wide']);
    expect([...heads.difference.data].map((value) => Number(value.toFixed(3)))).toEqual([
      ...[0.3, 0.2, 0, 0],
      ...[-0.2, 0.4, 0, 0],
      ...[0, 0, 0, 0],
      ...[0, 0, 0, 0],
    ]);
    expect([...heads.absent.difference]).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect([...heads.absent.a].slice(0, 4)).toEqual([0, 0, 0, 1]);
    expect(heads.cells).toBe(4);
    expect(heads.mean).toBeCloseTo((0.3 + 0.2 + 0.2 + 0.4) / 4, 6);
    expect(heads.largest).toBeCloseTo(0.4, 6);
  });

  test('a cell says its numbers, and what is not compared says so', () => {
    expect(describeCell(heads, 0, 1)).toBe('it → was: A 0.300, B 0.100, A − B +0.200');
    expect(describeCell(heads, 1, 0)).toBe('was → it: A 0.100, B 0.300, A − B −0.200');
    expect(describeCell(heads, 0, 2)).toContain('A 0.200, B 0.400; not the same words');
    expect(describeCell(heads, 0, 3)).toBe('it → + wide: only in B, 0.300');
    expect(summaryOf(heads)).toContain('largest 0.400 at was → was');
    const nothing = alignTexts(cut('ein'), cut('un'), 'pieces');
    expect(summaryOf(contrastMatrices(matrix([[1]]), matrix([[1]]), nothing, nothing))).toContain(
      'no difference to show',
    );
  });

  test('swapped, all signs and sides are turned, and twice is as before', () => {
    const turned = swappedHeads(heads);
    expect(describeCell(turned, 0, 1)).toBe('it → was: A 0.100, B 0.300, A − B −0.200');
    expect(turned.queries.map(axisLabel)).toEqual(['it', 'was', 'so ≠ tired', '− wide']);
    expect(turned.mean).toBe(heads.mean);
    expect(swappedHeads(turned)).toEqual(heads);
  });
});

test('a swapped comparison has the other KL and the other candidates', () => {
  const candidate = (piece: string) => ({ id: 0, piece, logit: 0, plain: 1, probability: 1 });
  const part = { first: 0, last: 0, label: 'it' };
  const contrast: Contrast = {
    sides: [{ a: 'encoder', b: 'decoder', items }],
    kinds: [],
    output: {
      places: [
        {
          a: part,
          b: { ...part, first: 1, last: 1 },
          kl: { ab: 0.5, ba: 0.25 },
          likeliestA: [candidate('x')],
          likeliestB: [candidate('y')],
        },
      ],
      why: undefined,
    },
    states: [],
    notes: [],
  };
  const turned = swappedContrast(contrast);
  expect(turned.sides[0]).toMatchObject({ a: 'decoder', b: 'encoder' });
  expect(turned.output.places[0]).toMatchObject({ a: { first: 1 }, kl: { ab: 0.25, ba: 0.5 } });
  expect(outputSummary(contrast.output.places)).toContain('KL(A ‖ B) 0.50 nats');
  expect(outputSummary(turned.output.places)).toContain('KL(A ‖ B) 0.25 nats');
  expect(outputSummary(turned.output.places)).toContain('another one at 1 of 1');
});

test('marks cover what the other text does not have, spaces before it left out', () => {
  expect(apartParts(second, items, 'b')).toEqual([
    { text: 'it was ', marked: false },
    { text: 'so wide', marked: true },
  ]);
  expect(apartParts(first, items, 'a').filter(({ marked }) => marked)).toEqual([
    { text: 'tired', marked: true },
  ]);
});

describe('the head of B', () => {
  const kind = (layers: readonly (readonly [string, string | undefined])[]): KindContrast => ({
    a: 'encoderSelf',
    b: 'encoderSelf',
    layers: layers.map(([own, other]) => ({ a: own, b: other })),
    heads: [],
    cells: 1,
    why: undefined,
  });
  const attention = model.attentions[1];

  test('is the one with the same number in the matched layer', () => {
    const matched = kind([['encoder.1.self', 'encoder.0.self']]);
    expect(counterpart(matched, model, attention, 2)).toEqual({ attention: 'encoder.0.self', head: 2 });
    expect(counterpart(matched, model, attention, 'mean')?.head).toBe('mean');
  });

  test('is nobody where the layer has no counterpart, or other heads; means have one all the same', () => {
    expect(counterpart(kind([['encoder.1.self', undefined]]), model, attention, 2)).toBeUndefined();
    const cross = kind([['encoder.1.self', 'decoder.1.cross']]);
    expect(counterpart(cross, model, attention, 1)).toBeUndefined();
    expect(counterpart(cross, model, attention, 'mean')).toEqual({
      attention: 'decoder.1.cross',
      head: 'mean',
    });
  });

  test('by choice, is what the second model has', () => {
    const any = kind([]);
    const wanted = { attention: 'encoder.0.self', head: 3 };
    expect(ownChoice(any, model, 1, wanted)).toEqual(wanted);
    expect(ownChoice(any, model, 7, undefined)).toEqual({ attention: 'encoder.1.self', head: 'mean' });
    expect(ownChoice(any, model, 0, { attention: 'encoder.0.self', head: 9 })?.head).toBe('mean');
    expect(ownChoice({ ...any, b: undefined }, model, 0, wanted)).toBeUndefined();
  });
});

describe('what a text is compared with', () => {
  test('is kept for that text alone, and read back', () => {
    const of = explorationOf(trace);
    const side = { by: 'text', text: 'x' } as const;
    const kept = withOther([], of, { side, swapped: true });
    expect(otherOf(kept, of)?.side).toEqual(side);
    expect(otherOf(kept, 'another')).toBeUndefined();
    expect(savedOthers(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
    expect(withOther(kept, of, undefined)).toEqual([]);
  });

  test('what is not understood is left out', () => {
    const good = { of: 'x', side: { by: 'beams', beams: 4 }, swapped: false };
    const bad = [
      { of: 'x', side: { by: 'beams', beams: -1 } },
      { of: 1, side: { by: 'text', text: 'x' } },
      { of: 'x', side: { by: 'interventions', interventions: [{ kind: 'nonsense' }] } },
      null,
    ];
    expect(savedOthers([...bad, good])).toEqual([good]);
    expect(savedOthers('nonsense')).toEqual([]);
  });
});

describe('the runner of B', () => {
  const side = { by: 'text', text: 'x' } as const;
  const request = (of: string): OtherRequest => ({ trace: of, batch: 0, side });
  const run: OtherRun = { trace: { ...trace, id: 'other' }, batch: 0, summary: model };

  function runner() {
    const calls: { of: string; end: (error?: Error) => void; signal: AbortSignal | undefined }[] = [];
    const host = {
      runOther: (asked: OtherRequest, call?: CallOptions) =>
        new Promise<OtherRun>((resolve, reject) =>
          calls.push({
            of: asked.trace,
            end: (error) => (error ? reject(error) : resolve(run)),
            signal: call?.signal,
          }),
        ),
      releaseOther: vi.fn(async () => undefined),
    };
    const changed = vi.fn();
    return { calls, host, changed, made: new OtherRunner(host, changed, () => undefined) };
  }
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  test('runs once for what is wanted, and again for another first run', async () => {
    const { made, calls } = runner();
    expect(made.want('text', request('t1')).status).toBe('running');
    made.want('text', request('t1'));
    expect(calls).toHaveLength(1);
    calls[0].end();
    await settled();
    expect(made.want('text', request('t1'))).toEqual({ status: 'ready', run });
    // The first run was lost and made again: what is beside it belongs to the old one.
    expect(made.want('text', request('t2')).status).toBe('running');
    expect(calls.map(({ of }) => of)).toEqual(['t1', 't2']);
  });

  test('an answer that comes too late is nobody’s', async () => {
    const { made, calls } = runner();
    made.want('text', request('t1'));
    made.want('another text', request('t2'));
    expect(calls[0].signal?.aborted).toBe(true);
    calls[0].end();
    await settled();
    expect(made.want('another text', request('t2')).status).toBe('running');
  });

  test('what failed is not tried again by itself, not even for the same texts run anew', async () => {
    const { made, calls } = runner();
    made.want('text', request('t1'));
    calls[0].end(new Error('no memory'));
    await settled();
    expect(made.want('text', request('t2'))).toEqual({ status: 'failed', message: 'no memory' });
    expect(calls).toHaveLength(1);
    made.retry();
    expect(made.want('text', request('t2')).status).toBe('running');
  });

  test('what the host gives up is asked for with the next first run only', async () => {
    const { made, calls } = runner();
    made.want('text', request('t1'));
    calls[0].end(new CancelledError());
    await settled();
    expect(made.want('text', request('t1')).status).toBe('running');
    expect(calls).toHaveLength(1);
    made.want('text', request('t2'));
    expect(calls).toHaveLength(2);
  });

  test('can be stopped, and frees what it had when nothing is compared any more', async () => {
    const { made, calls, host } = runner();
    made.want('text', request('t1'));
    made.stop();
    expect(calls[0].signal?.aborted).toBe(true);
    expect(made.want('text', request('t1')).status).toBe('stopped');
    expect(host.releaseOther).not.toHaveBeenCalled();
    expect(made.want('text', undefined).status).toBe('none');
    expect(host.releaseOther).toHaveBeenCalledTimes(1);
    made.want('text', undefined);
    expect(host.releaseOther).toHaveBeenCalledTimes(1);
  });
});

test('every tab has the key of its place, the tenth has 0', () => {
  expect(viewOrder.indexOf('compare')).toBe(viewOrder.indexOf('experiments') - 1);
  expect(viewOrder.slice(0, 9).map((_, index) => viewOfKey(String(index + 1)))).toEqual(
    viewOrder.slice(0, 9),
  );
  expect(viewOfKey('0')).toBe(viewOrder.at(9));
  expect(viewOfKey('a')).toBeUndefined();
  expect(viewOfKey('10')).toBeUndefined();
});
