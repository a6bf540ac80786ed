// Where a chosen model is: its folder, and which files there are worth reading.
import * as vscode from 'vscode';
import { messageOf, UserError } from '../shared/errors';
import { modelFilesToRead } from './modelFileChoice';

/** Folders inside a model folder that may hold its graphs. */
const GRAPH_FOLDERS = ['onnx'];

/** A model on disk, or wherever the workspace is. */
export interface ModelLocation {
  readonly folder: vscode.Uri;
  /** Relative to the folder, `/` between names. */
  readonly paths: readonly string[];
}

/**
 * The files worth reading in a chosen folder, or beside a chosen `.onnx` file.
 *
 * @throws UserError `modelMissing`
 */
export async function locateModel(uri: vscode.Uri): Promise<ModelLocation> {
  const folder = folderOf(uri);
  let only = isFile(uri) ? nameOf(uri) : undefined;
  if (only !== undefined && folder.path !== vscode.Uri.joinPath(uri, '..').path) {
    only = `${nameOf(vscode.Uri.joinPath(uri, '..'))}/${only}`;
  }
  const paths = modelFilesToRead(await list(folder), only);
  if (!paths.some((path) => path.endsWith('.onnx'))) {
    throw new UserError(
      'modelMissing',
      vscode.l10n.t(
        'There is no ONNX file in {0}. Choose a folder with an .onnx file and a tokenizer.json.',
        folder.toString(true),
      ),
    );
  }
  return { folder, paths };
}

/** The model's folder: of a file in `onnx/` the one above. */
export function folderOf(uri: vscode.Uri): vscode.Uri {
  if (!isFile(uri)) {
    return uri;
  }
  const folder = vscode.Uri.joinPath(uri, '..');
  return GRAPH_FOLDERS.includes(nameOf(folder)) ? vscode.Uri.joinPath(folder, '..') : folder;
}

/** The name of a folder; of a file, with its folder before it, since every other file is called `model.onnx`. */
export function titleOf(uri: vscode.Uri): string {
  return isFile(uri) ? `${nameOf(folderOf(uri))}/${nameOf(uri)}` : nameOf(uri);
}

/** That a model's file or folder cannot be read. */
export function missing(uri: vscode.Uri, error: unknown): UserError {
  const message = vscode.l10n.t(
    'The model cannot be read at {0}: {1} Choose another model.',
    uri.toString(true),
    messageOf(error),
  );
  return new UserError('modelMissing', message, {}, { cause: error });
}

async function list(folder: vscode.Uri): Promise<readonly string[]> {
  const entries = await vscode.workspace.fs.readDirectory(folder).then(
    (found) => found,
    (error: unknown) => {
      throw missing(folder, error);
    },
  );
  const files = entries.filter(([, type]) => (type & vscode.FileType.File) !== 0).map(([name]) => name);
  for (const [name, type] of entries) {
    if ((type & vscode.FileType.Directory) !== 0 && GRAPH_FOLDERS.includes(name)) {
      const inside = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder, name));
      files.push(
        ...inside.filter(([, t]) => (t & vscode.FileType.File) !== 0).map(([file]) => `${name}/${file}`),
      );
    }
  }
  return files;
}

const isFile = (uri: vscode.Uri): boolean => uri.path.toLowerCase().endsWith('.onnx');

function nameOf(uri: vscode.Uri): string {
  return uri.path.replace(/\/+$/u, '').replace(/^.*\//u, '');
}
