// The folder that a fine-tuned model goes to: refused before training where it must not, or cannot, be written.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { messageOf, UserError } from '../../shared/errors';
import type { ModelFiles } from '../../shared/protocol';
import { CHECKPOINTS } from './checkpointFolder';

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
      `The folder ${folder} holds a training that was interrupted: go on with it with --resume, or begin anew with --force.`,
    );
  }
  if (present.some((name) => name !== CHECKPOINTS) && !force) {
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

/** @throws UserError `badRequest` */
export function writeOutput(folder: string, files: ModelFiles): void {
  attempt(folder, () => {
    for (const [name, bytes] of Object.entries(files)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  });
}

/** Makes the folder and one in it, and takes both away again. */
function tryWriting(folder: string): void {
  const whole = path.resolve(folder);
  const first = mkdirSync(whole, { recursive: true });
  try {
    rmdirSync(mkdtempSync(path.join(whole, '.fine-tune-')));
  } finally {
    for (let made = whole; first !== undefined && made.length >= first.length; made = path.dirname(made)) {
      rmdirSync(made);
    }
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
