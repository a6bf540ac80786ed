// Base against tuned model in Compare: which of the two is run, and that a model that Undo has brought back stays in use.
import { beforeEach, expect, test, vi } from 'vitest';
import type { CompareTunedParts } from '../../../../src/host/training/compareTuned';
import { compareTuned } from '../../../../src/host/training/compareTuned';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);
vi.mock('../../../../src/host/compareCommand', () => ({ textEditor: () => undefined }));

const TUNED: Readonly<Record<string, { id: string; base: string }>> = {
  'tuned:a': { id: 'tuned:a', base: 'base' },
  'tuned:b': { id: 'tuned:b', base: 'base' },
};

let current = '';
/** The model that ran what is shown. */
let ran = '';
const rerun = vi.fn(async () => void (ran = current));
const compareWith = vi.fn(async (_request: unknown) => undefined);
const parts = {
  models: {
    current: () => ({ id: current }),
    tuned: (id: string) => TUNED[id],
    choose: async (id: string) => void (current = id),
  },
  exploration: {
    view: {},
    shown: {},
    setView: () => undefined,
    rerun,
    state: () => ({ model: { id: ran } }),
  },
  panel: {
    show: () => undefined,
    ask: (call: (page: { compareWith: typeof compareWith }) => unknown) => call({ compareWith }),
  },
} as unknown as CompareTunedParts;

beforeEach(() => vi.clearAllMocks());

async function compared(inUse: string, shownBy = inUse) {
  [current, ran] = [inUse, shownBy];
  await compareTuned(parts, { id: 'tuned:a' }, []);
  return { inUse: current, ran, asked: compareWith.mock.calls };
}
const by = (model: string, swapped: boolean) => [[{ side: { by: 'model', model }, swapped }]];

test('with the tuned model in use, its base runs beside it, as A', async () => {
  expect(await compared('tuned:a')).toEqual({ inUse: 'tuned:a', ran: 'tuned:a', asked: by('base', true) });
  expect(rerun).not.toHaveBeenCalled();
});

test('after Undo, what the tuned model has run is run by the base first', async () => {
  expect(await compared('base', 'tuned:a')).toEqual({
    inUse: 'base',
    ran: 'base',
    asked: by('tuned:a', false),
  });
  expect(rerun).toHaveBeenCalledOnce();
});

test('other weights of the same base stay in use', async () => {
  expect(await compared('tuned:b')).toMatchObject({ inUse: 'tuned:b', asked: by('tuned:a', false) });
});

test('in place of a model that has nothing to do with it, the tuned one is used', async () => {
  const { inUse, ran: runner, asked } = await compared('other');
  expect([inUse, runner, asked]).toEqual(['tuned:a', 'tuned:a', by('base', true)]);
});

test('says why where the weights are not there', async () => {
  await expect(compareTuned(parts, { id: 'tuned:gone' }, [])).rejects.toMatchObject({ code: 'modelMissing' });
});
