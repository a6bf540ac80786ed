// Trainings that were begun and never saved: what a window that was closed, or crashed, has left behind.
import type * as vscode from 'vscode';
import { logError } from '../errorReport';
import { stepOf } from './tunedManifest';
import type { TunedStore } from './tunedStore';

/** Milliseconds after which a training without any checkpoint is not going on in another window either. */
const ABANDONED = 24 * 60 * 60 * 1000;

/** @param own The training that this window has not brought to its end. */
export async function deleteAbandoned(
  store: TunedStore,
  own: string | undefined,
  log: vscode.LogOutputChannel,
): Promise<void> {
  for (const { id, saved } of (await store.list()).filter((manifest) => stepOf(manifest) === 0)) {
    if (Date.now() - saved > ABANDONED || id === own) {
      // Where another window has begun it just now, it stays.
      await store.delete(id).catch((error: unknown) => logError(log, 'Deleting a training', error));
    }
  }
}
