// What a training says when something did not go as planned: which step, why, and what is left.
import * as vscode from 'vscode';
import { messageOf, UserError } from '../../shared/errors';
import { stepOf, type TunedManifest } from './tunedManifest';

/** @param from The step of an earlier checkpoint that training goes on from; 0 is the beginning. */
export function damagedCheckpoint(wanted: number, from: number): string {
  return vscode.l10n.t(
    'The checkpoint of step {0} is damaged: training went on from step {1}.',
    wanted,
    from,
  );
}

/** @param saved The step of the checkpoint before; undefined where there is none. */
export function unsavedCheckpoint(step: number, error: unknown, saved: number | undefined): string {
  const why = messageOf(error);
  return saved === undefined
    ? vscode.l10n.t('Step {0} could not be saved: {1}', step, why)
    : vscode.l10n.t('Step {0} could not be saved: {1} Step {2} is still there.', step, why, saved);
}

/** @param saved The step of the newest checkpoint, 0 before the first. */
export function unsavedWeights(step: number, error: unknown, saved: number): UserError {
  if (error instanceof UserError) {
    return error;
  }
  const message = vscode.l10n.t(
    'The weights of step {0} could not be saved: {1} Make room, and go on from the checkpoint of step {2}.',
    step,
    messageOf(error),
    saved,
  );
  return new UserError('badRequest', message, { step }, { cause: error });
}

/** The loss is not to be trusted any more, and nothing that is good had been saved. */
export function nothingGood(at: number, why: string): UserError {
  const message = vscode.l10n.t(
    'Training stopped at step {0}: {1} Nothing good had been saved before, so the model in use has not changed. Start again with a lower learning rate.',
    at,
    why,
  );
  return new UserError('badRequest', message, { step: at });
}

/** The loss is not to be trusted any more; the weights of an earlier step are what was learned. */
export function wentBack(at: number, why: string, step: number): string {
  return vscode.l10n.t(
    'Training stopped at step {0}: {1} The weights of step {2}, the last good ones that were saved, were kept. For more, start again with a lower learning rate.',
    at,
    why,
    step,
  );
}

export function measuringCancelled(step: number): string {
  return vscode.l10n.t(
    'Measuring was cancelled. The weights of step {0} were stored and in use already: Undo brings back what was in use before.',
    step,
  );
}

/** @param at The step that training had come to. */
export function cancelled(at: number, stored: TunedManifest): string {
  const kept = stepOf(stored);
  if (kept === 0) {
    return vscode.l10n.t(
      'Cancelled at step {0}. Nothing had been saved, so nothing was kept. The model in use has not changed.',
      at,
    );
  }
  return stored.finished
    ? vscode.l10n.t(
        'Cancelled when the weights of step {0} had been stored: they are in the list. The model in use has not changed.',
        kept,
      )
    : vscode.l10n.t(
        'Cancelled at step {0}. What was saved at step {1} is in the list, to be continued or deleted. The model in use has not changed.',
        at,
        kept,
      );
}
