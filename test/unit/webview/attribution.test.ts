// How far two attributions agree: by hand, with signs, with what cannot be seen, and the verdict both ways.
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/shared/errors';
import {
  agreementOf,
  transposed,
  verdictOf,
  type Attribution,
} from '../../../webview/views/attribution/agreement';
import { comparisons, correlations, sceneOf } from '../../../webview/views/attribution/attributionScene';
import { PartLoader, stacked } from '../../../webview/views/attribution/partLoader';

const attribution = (rows: readonly (readonly number[])[], signed = false): Attribution => ({
  id: 'x',
  name: 'x',
  signed,
  scores: { rows: rows.length, columns: rows[0].length, data: Float32Array.from(rows.flat()) },
});
const all = () => true;

describe('agreement', () => {
  it('is 1 for the same order and −1 for the opposite one, whatever the sizes', () => {
    const one = attribution([[0.1, 0.2, 0.7]]);
    expect(agreementOf(one, attribution([[1, 5, 6]]), all).mean).toBeCloseTo(1);
    const opposed = agreementOf(one, attribution([[9, 2, 1]]), all);
    expect(opposed.mean).toBeCloseTo(-1);
    expect(opposed.sameStrongest).toBe(0);
  });

  it('compares sources of one target, not targets of one source', () => {
    const one = attribution([
      [0.1, 0.2, 0.7],
      [0.7, 0.2, 0.1],
    ]);
    const other = attribution([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const { targets, lowest, highest, mean } = agreementOf(one, other, all);
    expect(targets.map(({ correlation }) => Math.round(correlation))).toEqual([1, -1]);
    expect(lowest?.target).toBe(1);
    expect(highest?.target).toBe(0);
    expect(mean).toBeCloseTo(0);
  });

  it('takes the size of an effect that may be for or against', () => {
    const weights = attribution([[0.1, 0.2, 0.7]]);
    expect(agreementOf(weights, attribution([[-0.1, 0.5, -3]], true), all).mean).toBeCloseTo(1);
    expect(agreementOf(weights, attribution([[-0.1, 0.5, -3]], false), all).mean).toBeLessThan(0);
  });

  it('leaves out what a target cannot read, and targets with fewer than three sources', () => {
    const one = attribution([
      [0.5, 0.3, 0.2],
      [0.5, 0.3, 0.2],
    ]);
    const other = attribution([
      [3, 2, 1],
      [3, 2, 1],
    ]);
    const { targets } = agreementOf(one, other, (target, source) => source <= target + 1);
    expect(targets.map(({ target }) => target)).toEqual([1]);
    const silent = agreementOf(
      one,
      attribution([
        [NaN, NaN, NaN],
        [3, 2, 1],
      ]),
      all,
    );
    expect(silent.targets.map(({ target }) => target)).toEqual([1]);
    expect(agreementOf(one, other, () => false).mean).toBeUndefined();
  });

  it.each([
    [0.9, 'agree'],
    [0.5, 'partly'],
    [0.2, 'weakly'],
    [0, 'not'],
    [-0.5, 'opposed'],
  ] as const)('calls %d by what it is: %s', (correlation, verdict) => {
    expect(verdictOf(correlation)).toBe(verdict);
  });

  it('turns a matrix', () => {
    const turned = transposed({ rows: 2, columns: 3, data: Float32Array.from([1, 2, 3, 4, 5, 6]) });
    expect(turned).toMatchObject({ rows: 3, columns: 2 });
    expect([...turned.data]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});

describe('a scene with gradients', () => {
  const item = (label: string) => ({ label, index: 0, padding: false, hasText: true, special: false });
  const matrix = (rows: readonly (readonly number[])[]) => attribution(rows).scores;
  const place = {
    key: 'run',
    ends: { kind: 'cross', source: 'encoder', target: 'decoder' } as const,
    sources: ['a', 'b', 'c'].map(item),
    targets: ['x', 'y'].map(item),
  } as unknown as Parameters<typeof sceneOf>[0];
  const weights = matrix([
    [0.2, 0.3, 0.5],
    [0.5, 0.3, 0.2],
  ]);
  const both = matrix([
    [1, -2, 3, 4, 0],
    [5, 6, 7, 8, 9],
  ]);

  it('parts what the text says from what was written already', () => {
    const scene = sceneOf(place, weights, weights, undefined, { saliency: both, product: both });
    expect([...(scene.columns.saliency?.scores.data ?? [])]).toEqual([1, -2, 3, 5, 6, 7]);
    expect([...(scene.prefix.gradientInput?.scores.data ?? [])]).toEqual([4, 0, 8, 9]);
    expect(scene.columns.gradientInput?.signed).toBe(true);
    expect(scene.columns.integrated).toBeUndefined();
  });

  it('has no written tokens where the text predicts itself', () => {
    const ends = { kind: 'decoderSelf', source: 'decoder', target: 'decoder' } as const;
    const scene = sceneOf({ ...place, ends }, weights, weights, undefined, { saliency: weights });
    expect(scene.columns.saliency).toBeDefined();
    expect(scene.prefix.saliency).toBeUndefined();
  });

  it('shows the targets that were integrated so far, and compares every pair that there is', () => {
    const found = {
      scores: Float32Array.of(1, -2, 3, 0, 0),
      value: 0,
      baselineValue: -2,
      error: 0,
      steps: 9,
    };
    const scene = sceneOf(place, weights, weights, weights, { integrated: new Map([[0, found]]) });
    const shown = scene.columns.integrated?.scores.data ?? [];
    expect([...shown]).toEqual([1, -2, 3, NaN, NaN, NaN]);
    expect(comparisons(scene).map(({ agreement }) => agreement.targets.length)).toEqual([2, 2, 2, 1, 1]);
    const all = correlations(scene);
    expect(all[0][5]).toBeCloseTo(1);
    expect(all[5][0]).toBeCloseTo(1);
    expect(all[0][3]).toBeUndefined();
    expect(all.map((row, i) => row[i])).toEqual([1, 1, 1, undefined, undefined, 1]);
  });
});

describe('computing in parts', () => {
  const place = { trace: 'run', batch: 0 };
  const load = async (_place: object, first: number, count: number) => ({
    rows: count,
    columns: 2,
    data: Float32Array.from({ length: 2 * count }, (_, i) => 2 * first + i),
  });

  it('puts the parts together in order, and tells how far it is', async () => {
    const seen: string[] = [];
    const loader = new PartLoader(load, 8, () => {
      const state = loader.want(place);
      seen.push(
        state.status === 'running' ? `${state.done}/${state.total} ${state.parts.length}` : state.status,
      );
    });
    await loader.start(place, 20);
    expect(seen).toEqual(['0/20 0', '8/20 1', '16/20 2', '20/20 3', 'ready']);
    const state = loader.want(place);
    expect(state.status === 'ready' && [...stacked(state.parts).data]).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    );
  });

  it('forgets an answer that comes after it was stopped, and one for another run', async () => {
    const waiting: (() => void)[] = [];
    const loader = new PartLoader(
      async (at: object, first: number, count: number) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return load(at, first, count);
      },
      8,
      () => undefined,
    );
    const first = loader.start(place, 20);
    loader.stop();
    waiting.forEach((resolve) => resolve());
    await first;
    expect(loader.want(place).status).toBe('idle');
    const second = loader.start(place, 8);
    const other = { trace: 'other', batch: 0 };
    expect(loader.want(other).status).toBe('idle');
    waiting.forEach((resolve) => resolve());
    await second;
    expect(loader.want(other).status).toBe('idle');
  });

  it('keeps what it has when it is stopped', async () => {
    let loaded = 0;
    const loader = new PartLoader(
      async (at: object, first: number, count: number) => {
        if (++loaded > 2) {
          loader.stop();
        }
        return load(at, first, count);
      },
      8,
      () => undefined,
    );
    await loader.start(place, 40);
    const state = loader.want(place);
    expect(state.status).toBe('idle');
    expect(state.status === 'idle' && state.parts).toHaveLength(2);
    loaded = 0;
    await loader.start(place, 8);
    loader.stop();
    expect(loader.want(place).status).toBe('ready');
    expect(loader.want({ trace: 'other', batch: 0 })).toEqual({ status: 'idle', parts: [] });
  });

  it('says why it failed', async () => {
    const loader = new PartLoader(
      async () => {
        throw new UserError('badRequest', 'This model has no padding mask.');
      },
      8,
      () => undefined,
    );
    await loader.start(place, 8);
    expect(loader.want(place)).toEqual({ status: 'failed', message: 'This model has no padding mask.' });
  });
});
