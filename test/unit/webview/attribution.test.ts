// How far two attributions agree: by hand, with signs, with what cannot be seen, and the verdict both ways.
import { describe, expect, it } from 'vitest';
import type { LeaveOneOutRequest, LeftOut } from '../../../src/shared/insight';
import { UserError } from '../../../src/shared/errors';
import {
  agreementOf,
  transposed,
  verdictOf,
  type Attribution,
} from '../../../webview/views/attribution/agreement';
import { LeftOutLoader } from '../../../webview/views/attribution/leftOutLoader';

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

describe('leaving out', () => {
  const place = { trace: 'run', batch: 0 };
  const answer = ({ first, count }: LeaveOneOutRequest): LeftOut => ({
    total: 20,
    drops: {
      rows: count,
      columns: 2,
      data: Float32Array.from({ length: 2 * count }, (_, i) => 2 * first + i),
    },
  });

  it('puts the parts together in order, and tells how far it is', async () => {
    const seen: string[] = [];
    const loader = new LeftOutLoader(
      async (request) => answer(request),
      () => {
        const state = loader.want(place);
        seen.push(state.status === 'running' ? `${state.done}/${state.total}` : state.status);
      },
    );
    await loader.start(place, 20);
    expect(seen).toEqual(['0/20', '8/20', '16/20', '20/20', 'ready']);
    const state = loader.want(place);
    expect(state.status === 'ready' && [...state.drops.data]).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    );
  });

  it('forgets an answer that comes after it was stopped, and one for another run', async () => {
    const waiting: (() => void)[] = [];
    const loader = new LeftOutLoader(
      async (request) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return answer(request);
      },
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

  it('says why it failed', async () => {
    const loader = new LeftOutLoader(
      async () => {
        throw new UserError('badRequest', 'This model has no padding mask.');
      },
      () => undefined,
    );
    await loader.start(place, 8);
    expect(loader.want(place)).toEqual({ status: 'failed', message: 'This model has no padding mask.' });
  });
});
