// Where a setting is written, and when it is taken out again.
import { afterEach, expect, test, vi } from 'vitest';
import { writeSetting } from '../../../src/host/settings';
import { fakeVscode, settings } from './training/fakeVscode';

vi.mock('vscode', async () => (await import('./training/fakeVscode')).fakeVscode);

const { getConfiguration } = fakeVscode.workspace;
const update = vi.fn(async (_key: string, _value: unknown, _target?: number) => undefined);

/** The setting as it stands in each place, and what it amounts to. */
function stands(now: number, found: object): void {
  settings.set('translation.beams', now);
  fakeVscode.workspace.getConfiguration = () => ({
    ...getConfiguration(),
    inspect: () => ({ defaultValue: 4, ...found }),
    update,
  });
}

afterEach(() => {
  fakeVscode.workspace.getConfiguration = getConfiguration;
  settings.clear();
  update.mockClear();
});

test.each([
  ['for the user', 4, {}, 2, [2, 1]],
  ['where it has been set', 2, { workspaceValue: 2, globalValue: 3 }, 5, [5, 2]],
  ['as the default, which needs no line', 2, { globalValue: 2 }, 4, [undefined, 1]],
  ['as the default over another value below', 2, { workspaceValue: 2, globalValue: 3 }, 4, [4, 2]],
  ['not at all where it is so already', 2, { globalValue: 2 }, 2, undefined],
])('a setting is written %s', async (_name, now, found, value, expected) => {
  stands(now, found);
  await writeSetting('translation.beams', value);
  expect(update.mock.calls[0]?.slice(1)).toEqual(expected);
});
