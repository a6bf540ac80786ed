// The part of the engine that fine-tunes: trainings by id, one call about each of them at a time.
import type { Runtime } from '../../runtime/runtime';
import { Serial } from '../../runtime/serial';
import { UserError } from '../../shared/errors';
import type { Trainings } from '../../shared/protocol';
import { transfer } from '../../shared/rpc';
import type { Model } from '../model';
import { readTrainingText } from './readTrainingText';
import { Training } from './training';
import { trainingEffect } from './trainingEffect';
import { applyTuned, trainedFiles } from './tunedFiles';

interface Held {
  readonly training: Training;
  readonly turn: Serial;
}

export class EngineTrainings implements Trainings {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly runtime: () => Runtime,
    private readonly model: (id: string) => Model,
  ) {}

  previewTraining: Trainings['previewTraining'] = async ({ model, data, heldOut, seed }, call = {}) =>
    (await readTrainingText(this.model(model), data, { heldOut, seed }, call)).preview;

  beginTraining: Trainings['beginTraining'] = async (request, call = {}) => {
    await this.endTraining({ training: request.id });
    const training = await Training.begin(this.runtime(), this.model(request.model), request, call);
    this.held.set(request.id, { training, turn: new Serial() });
    return training.start;
  };

  train: Trainings['train'] = ({ training, until }, call = {}) =>
    this.next(training, (held) => held.train(until, call));

  saveTraining: Trainings['saveTraining'] = ({ training }) =>
    this.upToDate(training, async (held) => {
      const file = held.checkpoint();
      return transfer(file, [file.buffer]);
    });

  trainedWeights: Trainings['trainedWeights'] = ({ training, form }) =>
    this.upToDate(training, async (held) => transferFiles(trainedFiles(held, form)));

  applyTuned: Trainings['applyTuned'] = async ({ files, tuned }) => transferFiles(applyTuned(files, tuned));

  trainingEffect: Trainings['trainingEffect'] = ({ training, examples }, call = {}) =>
    this.upToDate(training, (held) => trainingEffect(this.runtime(), held, examples, call));

  endTraining: Trainings['endTraining'] = async ({ training }) => {
    const held = this.held.get(training);
    this.held.delete(training);
    await held?.turn.run(() => held.training.release());
  };

  /** Ends the trainings of a model that goes away. */
  async drop(model: string): Promise<void> {
    for (const [id, { training }] of [...this.held]) {
      if (training.request.model === model) {
        await this.endTraining({ training: id });
      }
    }
  }

  /** As {@link next}, after what training has reached was brought from the device. */
  private upToDate<T>(id: string, work: (training: Training) => Promise<T>): Promise<T> {
    return this.next(id, async (held) => {
      await held.trainer.refresh();
      return work(held);
    });
  }

  private async next<T>(id: string, work: (training: Training) => Promise<T>): Promise<T> {
    const held = this.held.get(id);
    if (!held) {
      const message = 'This training is no longer in the engine. Go on from its last checkpoint.';
      throw new UserError('badRequest', message, { training: id });
    }
    return held.turn.run(() => work(held.training));
  }
}

function transferFiles<T extends Readonly<Record<string, Uint8Array<ArrayBuffer>>>>(files: T): T {
  return transfer(files, [...new Set(Object.values(files).map(({ buffer }) => buffer))]);
}
