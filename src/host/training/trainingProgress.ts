// The training in the window's own progress, beside the view: how far it is, and a button that cancels it.
import * as vscode from 'vscode';
import type { FineTuning } from './fineTuning';

/** Shows progress while `work` is going on. `cancel` discards what is not saved; it does not reject. */
export async function showProgress(
  training: Pick<FineTuning, 'onDidChange' | 'state'>,
  {
    name,
    steps,
    cancel,
  }: { readonly name: string; readonly steps: number; readonly cancel: () => Promise<void> },
  work: () => Promise<void>,
): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Fine-tuning {0}', name),
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (progress, token) => {
    let told = 0;
    const tell = () => {
      const { step, points, measuring, note, status } = training.state();
      const loss = points.at(-1)?.loss;
      const message = measuring
        ? vscode.l10n.t('Measuring what has changed')
        : status === 'starting'
          ? note
          : vscode.l10n.t('step {0} of {1}', step, steps) +
            (loss === undefined ? '' : `, ${vscode.l10n.t('loss {0}', loss.toFixed(3))}`);
      progress.report({ message, increment: (100 * Math.max(0, step - told)) / steps });
      told = Math.max(told, step);
    };
    const subscriptions = vscode.Disposable.from(
      training.onDidChange(tell),
      token.onCancellationRequested(() => void cancel()),
    );
    tell();
    try {
      await work();
    } finally {
      subscriptions.dispose();
    }
  });
}
