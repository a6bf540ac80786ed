// Which models can be chosen, which one is, and the bytes of its files; what the files mean is the engine's business.
import * as vscode from 'vscode';
import { messageOf, throwIfCancelled, UserError } from '../shared/errors';
import type { BackendInfo, LoadModelRequest, ModelChoice, ModelFiles, Progress } from '../shared/protocol';
import { modelFilesToRead } from './modelFileChoice';
import { readSettings, writeSetting } from './settings';
import type { ShippedModel } from './shippedModels';
import { SHIPPED_MODELS } from './shippedModels';

const REMEMBERED = 'models.remembered';
const BACKENDS = 'models.backends';
const MAX_REMEMBERED = 12;
/** Folders inside a model folder that may hold its graphs. */
const GRAPH_FOLDERS = ['onnx'];

export class Models {
  constructor(
    private readonly extension: vscode.Uri,
    private readonly memory: vscode.Memento,
  ) {}

  /** The models a user can switch to: shipped, then remembered, then what the setting names. */
  choices(): readonly ModelChoice[] {
    const uris = new Map([...this.remembered(), this.chosen()].map((uri) => [uri?.toString(), uri]));
    return [
      ...SHIPPED_MODELS.map(({ id, name }) => ({ id, name })),
      ...[...uris.values()].flatMap((uri) => (uri ? [{ id: uri.toString(), name: titleOf(uri) }] : [])),
    ];
  }

  /** The model that the setting names; the first shipped one where it names none. */
  current(): ModelChoice {
    const uri = this.chosen();
    return uri ? { id: uri.toString(), name: titleOf(uri) } : SHIPPED_MODELS[0];
  }

  /** Makes a model the current one. `id` is one of {@link choices}. */
  async choose(id: string): Promise<void> {
    const shipped = SHIPPED_MODELS.find((model) => model.id === id);
    await writeSetting('model', shipped ? (shipped === SHIPPED_MODELS[0] ? '' : shipped.id) : asSetting(id));
  }

  /** Adds a folder or `.onnx` file to the choices and makes it the current one. */
  async add(uri: vscode.Uri): Promise<void> {
    const others = this.remembered().filter((other) => other.toString() !== uri.toString());
    const kept = [uri, ...others].slice(0, MAX_REMEMBERED);
    await this.memory.update(
      REMEMBERED,
      kept.map((item) => item.toString()),
    );
    await this.choose(uri.toString());
  }

  /** Takes a folder or file off the choices. */
  async forget(id: string): Promise<void> {
    const kept = this.remembered().map((uri) => uri.toString());
    await this.memory.update(
      REMEMBERED,
      kept.filter((other) => other !== id),
    );
  }

  /**
   * Reads the files of the current model.
   * @throws UserError `modelMissing` when the folder or a file cannot be read or holds no ONNX file.
   */
  async read(onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<LoadModelRequest> {
    const { id, name } = this.current();
    const shipped = SHIPPED_MODELS.find((model) => model.id === id);
    const { folder, paths } = shipped ? this.shippedFiles(shipped) : await listed(vscode.Uri.parse(id, true));
    const files: Record<string, ModelFiles[string]> = {};
    for (const [index, path] of paths.entries()) {
      throwIfCancelled(signal);
      onProgress({ message: vscode.l10n.t('Reading {0}', path), done: index, total: paths.length });
      files[path] = owned(await readOrExplain(vscode.Uri.joinPath(folder, path)));
    }
    return { id, name, files };
  }

  /** The backend that `auto` chose for a model before, on this machine. */
  knownBackend(id: string): BackendInfo['backend'] | undefined {
    return readSettings().backend === 'auto' ? this.backends()[id] : undefined;
  }

  /** Remembers what `auto` chose for a model, which spares its next load the comparison. */
  async rememberBackend(id: string, backend: BackendInfo['backend']): Promise<void> {
    if (readSettings().backend === 'auto' && this.backends()[id] !== backend) {
      await this.memory.update(BACKENDS, { ...this.backends(), [id]: backend });
    }
  }

  private backends(): Readonly<Record<string, BackendInfo['backend'] | undefined>> {
    return this.memory.get(BACKENDS, {});
  }

  private shippedFiles(model: ShippedModel): { folder: vscode.Uri; paths: readonly string[] } {
    return { folder: vscode.Uri.joinPath(this.extension, 'models', model.folder), paths: model.files };
  }

  private chosen(): vscode.Uri | undefined {
    const setting = readSettings().model;
    if (setting === '' || SHIPPED_MODELS.some((model) => model.id === setting)) {
      return undefined;
    }
    return asUri(setting);
  }

  private remembered(): readonly vscode.Uri[] {
    return this.memory.get<readonly string[]>(REMEMBERED, []).map((text) => vscode.Uri.parse(text));
  }
}

/** The files worth reading in a chosen folder, or beside a chosen `.onnx` file. */
async function listed(uri: vscode.Uri): Promise<{ folder: vscode.Uri; paths: readonly string[] }> {
  const isFile = uri.path.endsWith('.onnx');
  let folder = isFile ? vscode.Uri.joinPath(uri, '..') : uri;
  let only = isFile ? uri.path.slice(uri.path.lastIndexOf('/') + 1) : undefined;
  if (only !== undefined && GRAPH_FOLDERS.includes(nameOf(folder))) {
    only = `${nameOf(folder)}/${only}`;
    folder = vscode.Uri.joinPath(folder, '..');
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

async function readOrExplain(uri: vscode.Uri): Promise<Uint8Array> {
  try {
    return await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    throw missing(uri, error);
  }
}

/** The bytes in a buffer of their own, for the engine takes it over; VS Code may hand out a view on a larger one. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

function missing(uri: vscode.Uri, error: unknown): UserError {
  const message = vscode.l10n.t(
    'The model cannot be read at {0}: {1} Choose another model.',
    uri.toString(true),
    messageOf(error),
  );
  return new UserError('modelMissing', message, {}, { cause: error });
}

/** A path of this machine, an address, or a path relative to the first workspace folder. */
function asUri(setting: string): vscode.Uri {
  if (/^[a-z][a-z0-9+.-]+:\/\//iu.test(setting)) {
    return vscode.Uri.parse(setting);
  }
  const absolute = /^(?:[/\\]|[a-z]:[/\\])/iu.test(setting);
  const base = vscode.workspace.workspaceFolders?.[0]?.uri;
  return absolute || !base ? vscode.Uri.file(setting) : vscode.Uri.joinPath(base, setting);
}

function asSetting(id: string): string {
  const uri = vscode.Uri.parse(id);
  return uri.scheme === 'file' ? uri.fsPath : id;
}

/** The name of a folder; of a file, with its folder before it, since every other file is called `model.onnx`. */
function titleOf(uri: vscode.Uri): string {
  if (!uri.path.endsWith('.onnx')) {
    return nameOf(uri);
  }
  const folder = vscode.Uri.joinPath(uri, '..');
  const named = GRAPH_FOLDERS.includes(nameOf(folder)) ? vscode.Uri.joinPath(folder, '..') : folder;
  return `${nameOf(named)}/${nameOf(uri)}`;
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.replace(/\/+$/u, '').replace(/^.*\//u, '');
}
