// The folder that a fine-tuned model goes to: refused before training where it must not, or cannot, be written.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { messageOf, UserError } from '../../shared/errors';
import type { ModelFiles } from '../../shared/protocol';
import type { CheckpointFolder } from './checkpointFolder';
import { CHECKPOINTS } from './checkpointFolder';
import { makeFolders, removeFolders } from './makeFolders';

/** What a file is called until all of them are complete. */
const PART = '.part';

export interface OutputRules {
  /** Writes over the files of an earlier result. */
  readonly force: boolean;
  /** Goes on with the training whose checkpoints are there. */
  readonly resume: boolean;
  /** The folder of the shipped models, which nothing is written to. */
  readonly shipped: string;
  /** Names of the files that will be written. */
  readonly names: readonly string[];
}

/**
 * Leaves the disk as it was.
 *
 * @throws UserError `badRequest` for the shipped models' folder; a folder that is not empty, or holds a training that can be gone on with, without `force`; one with other
 * ONNX files, as nobody could tell which of them is the model; one that cannot be written.
 */
export function checkOutput(folder: string, { force, resume, shipped, names }: OutputRules): void {
  const inShipped = path.relative(realPath(shipped), realPath(folder));
  if (inShipped.split(path.sep)[0] !== '..' && !path.isAbsolute(inShipped)) {
    throw bad(`${folder} is where the shipped models are: choose another folder for --out.`);
  }
  const present = existsSync(folder) ? attempt(folder, () => filesIn(folder)) : [];
  if (present.includes(CHECKPOINTS) && !resume && !force) {
    throw bad(
      `The folder ${folder} holds a training that was interrupted: go on with it with --resume, or give it up and begin anew with --force.`,
    );
  }
  // Beside checkpoints stands what was allowed when they were begun: an earlier result, or parts of the one to come.
  const isGoneOnWith = resume && present.includes(CHECKPOINTS);
  if (present.some((name) => name !== CHECKPOINTS) && !force && !isGoneOnWith) {
    throw bad(
      `The folder ${folder} is not empty: choose another for --out, or write over what is there with --force.`,
    );
  }
  const other = present.find((name) => name.toLowerCase().endsWith('.onnx') && !names.includes(name));
  if (other !== undefined) {
    throw bad(`The folder ${folder} holds another model (${other}): choose another folder for --out.`);
  }
  attempt(folder, () => tryWriting(folder));
}

/**
 * Writes all files under other names and renames them when the last is complete: an earlier result stays whole where that fails.
 *
 * @throws UserError `badRequest`, with the disk as it was
 */
export function writeOutput(folder: string, files: ModelFiles): void {
  const places = Object.entries(files).map(([name, bytes]) => ({ file: path.join(folder, name), bytes }));
  const made: string[] = [];
  attempt(folder, () => {
    try {
      for (const { file, bytes } of places) {
        made.push(...makeFolders(path.dirname(file)));
        writeFileSync(`${file}${PART}`, bytes);
      }
      places.forEach(({ file }) => renameSync(`${file}${PART}`, file));
    } catch (error) {
      places.forEach(({ file }) => rmSync(`${file}${PART}`, { force: true }));
      removeFolders(made);
      throw error;
    }
  });
}

/**
 * As {@link writeOutput}. What was trained is not lost where that fails: it is saved as a checkpoint, if there is room for that,
 * and the error says how to go on.
 *
 * @param state Makes the checkpoint of a step.
 * @throws UserError `badRequest`
 */
export async function writeOrSave(
  folder: string,
  files: ModelFiles,
  checkpoints: CheckpointFolder,
  { step, state }: { readonly step: number; readonly state: () => Promise<Uint8Array> },
): Promise<void> {
  try {
    writeOutput(folder, files);
  } catch (error) {
    try {
      if (!checkpoints.steps.includes(step)) {
        checkpoints.save(step, await state(), step);
      }
    } catch {
      // The checkpoints before it stand.
    }
    const saved = checkpoints.steps.at(-1);
    const next =
      saved === undefined
        ? 'What was trained could not be saved either: make room, or choose another folder for --out, and start again.'
        : `Step ${saved} is saved: make room, and the same command with --resume goes on from there.`;
    throw bad(`${messageOf(error)} ${next}`);
  }
}

/** Makes the folder and one in it, and takes both away again. */
function tryWriting(folder: string): void {
  const made = makeFolders(folder);
  try {
    rmdirSync(mkdtempSync(path.join(path.resolve(folder), '.fine-tune-')));
  } finally {
    removeFolders(made);
  }
}

/** Names of a folder, and of its folder `onnx`, with `/` between. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name === 'onnx'
      ? ['onnx', ...readdirSync(path.join(folder, 'onnx')).map((name) => `onnx/${name}`)]
      : [entry.name],
  );
}

/** Of what need not be there: that of the nearest folder that is, and the rest. */
function realPath(place: string): string {
  const whole = path.resolve(place);
  const above = path.dirname(whole);
  return existsSync(whole) || above === whole
    ? realpathSync(whole)
    : path.join(realPath(above), path.basename(whole));
}

function attempt<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw bad(`The model cannot be written to ${folder}: ${messageOf(error)}.`);
  }
}

function bad(message: string): UserError {
  return new UserError('badRequest', message);
}
