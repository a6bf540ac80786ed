// The verb `fine-tune`: trains a model on a file and writes the result as a model folder of its own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf, UserError } from '../../shared/errors';
import type { Command } from './arguments';
import { MODEL, openEngine, shippedModel } from './openEngine';
import { readModelFiles } from './readModelFiles';

type FineTuneCommand = Extract<Command, { readonly verb: 'fine-tune' }>;

const TRAINING = 'training';
/** Examples that before and after are measured on. */
const MEASURED = 32;

/**
 * Prints one JSON object: what was understood of the data, the curve, and what has changed. Progress goes to `tell`.
 *
 * @throws UserError as `Trainings`; `badRequest` where a file cannot be read or written.
 */
export async function fineTuneCommand(
  command: FineTuneCommand,
  print: (text: string) => Promise<void>,
  tell: (line: string) => void,
): Promise<void> {
  const { training, to, out } = command;
  const text = readText(training.data);
  const second = training.second === undefined ? undefined : readText(training.second);
  const data = { text, second, task: training.task, language: to };
  const { engine } = await openEngine(command.model, command);
  const { heldOut, seed } = training.options(0);
  const preview = await engine.previewTraining({ model: MODEL, data, heldOut, seed });
  const options = training.options(preview.train);
  const began = performance.now();
  const start = await engine.beginTraining({ id: TRAINING, model: MODEL, data, options });
  tell(
    `${preview.train} examples, ${preview.heldOut} held out, ${skippedIn(preview.counts)} skipped; ` +
      `${start.trainable} weights; graph built in ${Math.round(start.built)} ms.`,
  );
  const run = await engine.train(
    { training: TRAINING, until: options.steps },
    {
      onProgress: ({ training: update }) => {
        for (const { step, loss, heldOut: held } of update?.points ?? []) {
          tell(
            `Step ${step} of ${options.steps}: loss ${loss.toFixed(3)}${held === undefined ? '' : `, held out ${held.toFixed(3)}`}`,
          );
        }
      },
    },
  );
  const seconds = (performance.now() - began) / 1000;
  const effect = await engine.trainingEffect({ training: TRAINING, examples: MEASURED });
  const tuned = await engine.trainedWeights({ training: TRAINING, form: 'change' });
  const { files } = readModelFiles(command.model ?? shippedModel());
  write(out, await engine.applyTuned({ files, tuned: { files: tuned } }));
  await engine.endTraining({ training: TRAINING });
  const { train, heldOut: held, counts } = preview;
  const report = { train, heldOut: held, skipped: counts, seconds, options, ...run, effect };
  await print(`${JSON.stringify(report, undefined, 2)}\n`);
  if (run.stopped !== undefined) {
    throw new UserError('badRequest', `Training stopped at step ${run.step}: ${run.stopped}`);
  }
}

function skippedIn(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError('badRequest', `The file ${file} cannot be read: ${messageOf(error)}.`);
  }
}

function write(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  try {
    for (const [name, bytes] of Object.entries(files)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  } catch (error) {
    throw new UserError('badRequest', `The model cannot be written to ${folder}: ${messageOf(error)}.`);
  }
}
