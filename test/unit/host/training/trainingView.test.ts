// A training that failed is told as a notification, once, whose first button brings the view up.
import { expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import type { FineTuning } from '../../../../src/host/training/fineTuning';
import { TrainingView } from '../../../../src/host/training/trainingView';
import { UserError } from '../../../../src/shared/errors';
import type { TrainingHost, TrainingState } from '../../../../src/shared/trainingPage';
import { running } from '../../webview/trainingFixture';
import { commands, fakeVscode } from './fakeVscode';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);

test('why a training failed is a notification that leads to the view', async () => {
  const shown: { readonly message: string; readonly titles: readonly string[] }[] = [];
  const showErrorMessage = async (message: string, ...items: readonly { readonly title: string }[]) => {
    shown.push({ message, titles: items.map(({ title }) => title) });
    return items.at(0);
  };
  const nothing = () => ({ dispose: () => undefined });
  Object.assign(fakeVscode.window, { showErrorMessage, registerWebviewViewProvider: nothing });
  const focus = vi.fn(async () => undefined);
  commands.set('transformerExplorer.training.focus', focus);
  const changes = new fakeVscode.EventEmitter<'curve' | 'state'>();
  let state: TrainingState = running;
  const training = {
    onDidChange: changes.event,
    onDidLearn: nothing,
    state: () => state,
    error: new UserError('badRequest', 'It exploded.'),
  };
  const view = new TrainingView(
    fakeVscode.Uri.file('/') as unknown as vscode.Uri,
    {} as TrainingHost,
    training as unknown as FineTuning,
    {} as vscode.LogOutputChannel,
  );
  changes.fire('state');
  expect(shown).toEqual([]);
  state = { ...running, status: 'failed' };
  changes.fire('state');
  changes.fire('state');
  expect(shown).toEqual([{ message: 'It exploded.', titles: ['Show Training', 'Show Log'] }]);
  await vi.waitFor(() => expect(focus).toHaveBeenCalledOnce(), { interval: 1 });
  view.dispose();
});
