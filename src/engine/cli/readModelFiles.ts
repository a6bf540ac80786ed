// Reads the files of a model from disk: a folder in the layout of transformers.js, a flat one, or a single ONNX file.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { graphPaths } from '../../shared/graphFiles';
import { messageOf, UserError } from '../../shared/errors';
import type { ModelFiles } from '../../shared/protocol';

/** A model on disk. */
export interface ModelOnDisk {
  readonly name: string;
  readonly files: ModelFiles;
  /** What to say where the folder does not tell which of its ONNX files is the model: which one was read. */
  readonly note: string | undefined;
}

/**
 * @param place A folder, or an `.onnx` file, which is then read alone, with its tokenizer and configuration if they are
 * beside it or one folder up.
 * @throws UserError `modelMissing`
 */
export function readModelFiles(place: string): ModelOnDisk {
  const isFile = isOnnx(place);
  const folder = isFile ? path.dirname(place) : place;
  const inside = list(folder);
  const graphs = isFile ? [path.basename(place)] : Object.values(graphPaths(inside) ?? {});
  if (graphs.length === 0) {
    throw new UserError('modelMissing', `There is no ONNX file in ${place}.`);
  }
  if (isFile && !graphs.some((graph) => inside.includes(graph))) {
    throw new UserError('modelMissing', `There is no file ${place}.`);
  }
  const wanted = inside.filter((file) => graphs.includes(file) || isSmall(file) || isDataOf(file, graphs));
  const files = wanted.map((file) => [file, read(path.join(folder, file))] as const);
  const above = isFile && !inside.includes('tokenizer.json') ? smallFilesOf(path.dirname(folder)) : [];
  return {
    name: path.basename(path.resolve(place)),
    files: Object.fromEntries([...above, ...files]),
    note: isFile ? undefined : noteOf(inside.filter(isOnnx), graphs),
  };
}

/** An encoder with its decoder, or `model*.onnx`, is what the folder is about; any other file only comes first. */
function noteOf(all: readonly string[], [graph, ...more]: readonly string[]): string | undefined {
  const isClear = all.length === 1 || more.length > 0 || path.basename(graph).startsWith('model');
  return isClear ? undefined : `Of ${all.length} ONNX files, ${graph} was read. Name a file to read another.`;
}

const isOnnx = (file: string): boolean => file.toLowerCase().endsWith('.onnx');

const isSmall = (file: string): boolean => file.endsWith('.json') && !file.includes('/');

/** External data lies beside its graph; its name usually begins with the graph's. */
function isDataOf(file: string, graphs: readonly string[]): boolean {
  return graphs.some(
    (graph) => path.dirname(graph) === path.dirname(file) && /[._]data(_\d+)?$|\.(bin|weight)$/.test(file),
  );
}

function smallFilesOf(folder: string): (readonly [string, Uint8Array<ArrayBuffer>])[] {
  return list(folder)
    .filter(isSmall)
    .map((file) => [file, read(path.join(folder, file))] as const);
}

/** Files of a folder and of its folder `onnx`, with `/` between names. */
function list(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() === true) {
    throw new UserError('modelMissing', `${folder} is neither a folder nor an ONNX file.`);
  }
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory()
        ? entry.name === 'onnx'
          ? readdirSync(path.join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
          : []
        : [entry.name],
    );
  } catch (error) {
    throw new UserError('modelMissing', `The model cannot be read at ${folder}: ${messageOf(error)}.`);
  }
}

function read(file: string): Uint8Array<ArrayBuffer> {
  try {
    // A small file would be a view on a buffer that Node shares; the engine takes the whole buffer over.
    const bytes = new Uint8Array(new ArrayBuffer(statSync(file).size));
    bytes.set(readFileSync(file));
    return bytes;
  } catch (error) {
    throw new UserError('modelMissing', `The file ${file} cannot be read: ${messageOf(error)}.`);
  }
}
