// Where training happens: the engine for long work, with the model that it starts from loaded under a name of its own.
import * as vscode from 'vscode';
import type { Engine, Trainings } from '../../shared/protocol';
import { UserError } from '../../shared/errors';
import { transfer } from '../../shared/rpc';
import type { EngineProcess } from '../engineProcess';
import type { Models } from '../models';
import { buffersOf } from '../models';
import type { SessionParts } from './trainingSession';
import { isTuned } from './tunedId';

/** The engine as one that trains; one that cannot says so with the first call. */
export const trainingsOf = (engine: Engine): Trainings => engine as Engine & Trainings;

export function workplaceIn(jobs: EngineProcess, models: Models): Pick<SessionParts, 'open' | 'close'> {
  return {
    open: async (base, signal, onProgress) => {
      if (isTuned(base.id) && !models.tuned(base.id)) {
        const message = vscode.l10n.t(
          'This training went on from {0}, which has been deleted: it cannot go on without it. Start a new one.',
          base.name,
        );
        throw new UserError('modelMissing', message, { id: base.id });
      }
      onProgress({ message: vscode.l10n.t('Starting the engine'), done: 0, total: 0 });
      const [{ engine }, request] = await Promise.all([jobs.ready(), models.read(onProgress, signal, base)]);
      const model = `training:${base.id}`;
      onProgress({ message: vscode.l10n.t('Loading {0}', base.name), done: 0, total: 0 });
      await engine.loadModel(transfer({ ...request, id: model }, buffersOf(request)), { signal, onProgress });
      return { engine: trainingsOf(engine), model };
    },
    // Only the end of the worker gives its memory back.
    close: async () => jobs.stop(),
  };
}
