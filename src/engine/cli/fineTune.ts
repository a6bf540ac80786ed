// The verb `fine-tune`: trains a model on a file and writes the result as a model folder of its own.
import path from 'node:path';
import { UserError } from '../../shared/errors';
import type { TrainingStart } from '../../shared/training';
import type { Command } from './arguments';
import { CheckpointFolder, CHECKPOINTS } from './checkpointFolder';
import { checkOutput, writeOrSave } from './fineTuneOutput';
import { stoppedMessage, trainToGood } from './fineTuneRun';
import { nothingToLearn, skippedLines } from './fineTuneSkipped';
import { MODEL, openEngine, shippedModel } from './openEngine';
import { readModelFiles } from './readModelFiles';
import { readText } from './readText';

type FineTuneCommand = Extract<Command, { readonly verb: 'fine-tune' }>;

const TRAINING = 'training';

/**
 * Prints one JSON object: what was understood of the data, the curve, and what has changed. Progress goes to `tell`. Checkpoints are
 * written into the folder of the result until that is there.
 *
 * @param signal Asks to stop in a way that can be gone on from.
 * @throws UserError as `Trainings`; `cancelled` where it was asked to stop; `badRequest` where a file cannot be read or written, and where training went wrong: with the
 * weights of the last good checkpoint written, or nothing.
 */
export async function fineTuneCommand(
  command: FineTuneCommand,
  print: (text: string) => Promise<void>,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { training, to, out, force, resume } = command;
  const text = readText(training.data);
  const second = training.second === undefined ? undefined : readText(training.second);
  const data = { text, second, task: training.task, language: to };
  const place = command.model ?? shippedModel();
  const names = Object.keys(readModelFiles(place).files);
  checkOutput(out, { force, resume, shipped: path.dirname(shippedModel()), names });
  const { engine } = await openEngine(command.model, command);
  const { heldOut, seed } = training.options(0);
  const preview = await engine.previewTraining({ model: MODEL, data, heldOut, seed });
  if (preview.train === 0) {
    throw new UserError('emptyText', nothingToLearn(preview));
  }
  const options = training.options(preview.train);
  const began = performance.now();
  const checkpoints = new CheckpointFolder(path.join(out, CHECKPOINTS));
  let resumed = 0;
  const onStart = ({ step, trainable, built }: TrainingStart): void => {
    resumed = step;
    if (!resume) {
      // Not before: what cannot begin takes nothing away.
      checkpoints.clear();
    }
    tell(
      `${preview.train} ${preview.train === 1 ? 'example' : 'examples'}, ${preview.heldOut} held out, skipped ${skippedLines(preview)}; ` +
        `${trainable} weights; graph built in ${Math.round(built)} ms.`,
    );
  };
  const request = { id: TRAINING, model: MODEL, data, options };
  const { run, kept, effect } = await trainToGood(engine, request, {
    ...{ checkpoints, resume, signal, onStart, tell },
  });
  const seconds = (performance.now() - began) / 1000;
  const tuned = await engine.trainedWeights({ training: TRAINING, form: 'change' });
  // The engine has taken over the bytes that it was given.
  const { files } = readModelFiles(place);
  await writeOrSave(out, await engine.applyTuned({ files, tuned: { files: tuned } }), checkpoints, {
    step: kept,
    state: () => engine.saveTraining({ training: TRAINING }),
  });
  checkpoints.clear();
  await engine.endTraining({ training: TRAINING });
  const { train, heldOut: held, counts } = preview;
  const report = { train, heldOut: held, skipped: counts, resumed, seconds, options, ...run, kept, effect };
  await print(`${JSON.stringify(report, undefined, 2)}\n`);
  if (run.stopped !== undefined) {
    throw new UserError('badRequest', stoppedMessage(run, kept));
  }
}
