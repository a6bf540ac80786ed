// Which models can be chosen, which one is, and the bytes of its files; what the files mean is the engine's business.
import * as vscode from 'vscode';
import { messageOf, throwIfCancelled, UserError } from '../shared/errors';
import type { BackendInfo, LoadModelRequest, ModelChoice, ModelFiles, Progress } from '../shared/protocol';
import type { ExtraFile, ModelMemory, TunedChoice } from './modelMemory';
import { locateModel, missing, titleOf } from './modelLocation';
import type { ModelLocation } from './modelLocation';
import type { FileSizes } from './modelSize';
import { checkSize } from './modelSize';
import { readSettings, writeSetting } from './settings';
import { SHIPPED_MODELS } from './shippedModels';
import { isTuned, storedId } from './training/tunedId';

export class Models {
  /** Models that the user agreed to load although they are large; asked again in another window. */
  private readonly agreed = new Set<string>();

  constructor(
    private readonly extension: vscode.Uri,
    readonly memory: ModelMemory,
    /** The files of fine-tuned weights, by the name under which they are stored. */
    private readonly tunedWeights: (id: string) => Promise<ModelFiles>,
  ) {}

  /** The models a user can switch to: shipped, then fine-tuned, then added, then what the setting names. */
  choices(): readonly ModelChoice[] {
    const uris = new Map([...this.memory.added(), this.chosen()].map((uri) => [uri?.toString(), uri]));
    const current = this.current();
    const tuned = this.memory.tuned().map(({ id, name }) => ({ id, name }));
    return [
      ...SHIPPED_MODELS.map(({ id, name }) => ({ id, name })),
      ...tuned,
      ...(isTuned(current.id) && !tuned.some(({ id }) => id === current.id) ? [current] : []),
      ...[...uris.values()].flatMap((uri) => (uri ? [{ id: uri.toString(), name: titleOf(uri) }] : [])),
    ];
  }

  /** The model that the setting names; the first shipped one where it names none. */
  current(): ModelChoice {
    const setting = readSettings().model;
    if (isTuned(setting)) {
      const name = this.tuned(setting)?.name ?? vscode.l10n.t('Fine-tuned model');
      return { id: setting, name };
    }
    const uri = this.chosen();
    return uri
      ? { id: uri.toString(), name: titleOf(uri) }
      : (SHIPPED_MODELS.find(({ id }) => id === setting) ?? SHIPPED_MODELS[0]);
  }

  /** Makes a model the current one. `id` is one of {@link choices}. */
  async choose(id: string): Promise<void> {
    const shipped = SHIPPED_MODELS.find((model) => model.id === id);
    await writeSetting('model', shipped ? (shipped === SHIPPED_MODELS[0] ? '' : shipped.id) : asSetting(id));
  }

  /** The fine-tuned weights of that id; undefined for other models, and where they are gone. */
  tuned(id: string): TunedChoice | undefined {
    return this.memory.tuned().find((tuned) => tuned.id === id);
  }

  /** The model whose files are loaded: of fine-tuned weights, the one they were trained from. @throws UserError `modelMissing` */
  baseOf({ id, name }: ModelChoice): ModelChoice {
    const tuned = this.tuned(id);
    if (!tuned && isTuned(id)) {
      const message = vscode.l10n.t(
        'The fine-tuned weights that were in use are not on this machine. Choose another model.',
      );
      throw new UserError('modelMissing', message, { id });
    }
    return tuned ? { id: tuned.base, name: tuned.baseName } : { id, name };
  }

  /** Adds a folder or `.onnx` file to the choices and makes it the current one. */
  async add(uri: vscode.Uri): Promise<void> {
    await this.memory.add(uri);
    await this.choose(uri.toString());
  }

  /** Takes a folder or file off the choices; the shipped model takes the place of the current one. */
  async remove(id: string): Promise<void> {
    if (this.current().id === id) {
      await this.choose(SHIPPED_MODELS[0].id);
    }
    await this.memory.remove(id);
  }

  /** Loads a model although it is larger than the setting allows. */
  agree(id: string): void {
    this.agreed.add(this.tuned(id)?.base ?? id);
  }

  /** Where a model's files are; of fine-tuned weights, those of the model they belong to. @throws UserError `modelMissing` */
  async locate(id: string): Promise<ModelLocation> {
    if (isTuned(id)) {
      return this.locate(this.baseOf({ id, name: '' }).id);
    }
    const shipped = SHIPPED_MODELS.find((model) => model.id === id);
    return shipped
      ? { folder: vscode.Uri.joinPath(this.extension, 'models', shipped.folder), paths: shipped.files }
      : locateModel(vscode.Uri.parse(id, true));
  }

  /** The sizes of a model's files. @throws UserError `modelMissing` */
  async sizes({ folder, paths }: ModelLocation): Promise<FileSizes> {
    const sizes = await Promise.all(
      paths.map(async (path) => {
        const uri = vscode.Uri.joinPath(folder, path);
        try {
          return [path, (await vscode.workspace.fs.stat(uri)).size] as const;
        } catch (error) {
          throw missing(uri, error);
        }
      }),
    );
    return Object.fromEntries(sizes);
  }

  /** Which of the files that a model needs besides its graphs are neither in its folder nor named by the user. */
  async lacking(id: string): Promise<readonly ExtraFile[]> {
    const { paths } = await this.locate(id);
    const named = this.memory.extraFiles(id);
    return (['tokenizer.json', 'config.json'] as const).filter(
      (file) => !named[file] && !paths.some((path) => path === file || path.endsWith(`/${file}`)),
    );
  }

  /**
   * Reads the files of a model, by default the current one.
   * @throws UserError `modelMissing` when the folder or a file cannot be read or holds no ONNX file; `modelTooLarge`.
   */
  async read(
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
    choice: ModelChoice = this.current(),
  ): Promise<LoadModelRequest> {
    if (!isTuned(choice.id)) {
      return this.readFiles(onProgress, signal, choice);
    }
    const base = this.baseOf(choice);
    const weights = await this.tunedWeights(storedId(choice.id));
    try {
      const { files } = await this.readFiles(onProgress, signal, base);
      return { ...choice, files, tuned: { files: weights } };
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'modelMissing') {
        throw error;
      }
      const message = vscode.l10n.t(
        '{0} was trained from {1}, and cannot be used without it. {2}',
        choice.name,
        base.name,
        messageOf(error),
      );
      throw new UserError('modelMissing', message, { id: choice.id }, { cause: error });
    }
  }

  private async readFiles(
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
    { id, name }: ModelChoice,
  ): Promise<LoadModelRequest> {
    const location = await this.locate(id);
    if (!id.startsWith('shipped:')) {
      const limit = this.agreed.has(id) ? undefined : readSettings().maximumModelMegabytes;
      checkSize(name, await this.sizes(location), limit);
    }
    const wanted = new Map(location.paths.map((path) => [path, vscode.Uri.joinPath(location.folder, path)]));
    for (const [file, uri] of Object.entries(this.memory.extraFiles(id))) {
      wanted.set(file, vscode.Uri.parse(uri));
    }
    const files: Record<string, ModelFiles[string]> = {};
    for (const [path, uri] of wanted) {
      throwIfCancelled(signal);
      const done = Object.keys(files).length;
      onProgress({ message: vscode.l10n.t('Reading {0}', path), done, total: wanted.size });
      files[path] = owned(await readOrExplain(uri));
    }
    return { id, name, files };
  }

  /** The backend that `auto` chose for a model before, on this machine. */
  knownBackend(id: string): BackendInfo['backend'] | undefined {
    return readSettings().backend === 'auto' ? this.memory.backend(id) : undefined;
  }

  /** Remembers what `auto` chose for a model, which spares its next load the comparison. */
  async rememberBackend(id: string, backend: BackendInfo['backend']): Promise<void> {
    if (readSettings().backend === 'auto') {
      await this.memory.rememberBackend(id, backend);
    }
  }

  private chosen(): vscode.Uri | undefined {
    const setting = readSettings().model;
    if (setting === '' || isTuned(setting) || SHIPPED_MODELS.some((model) => model.id === setting)) {
      return undefined;
    }
    return asUri(setting);
  }
}

/** The buffers that move to the engine with a request to load. */
export function buffersOf({ files, tuned }: LoadModelRequest): readonly ArrayBuffer[] {
  return [...Object.values(files), ...Object.values(tuned?.files ?? {})].map((file) => file.buffer);
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
  if (isTuned(id)) {
    return id;
  }
  const uri = vscode.Uri.parse(id);
  return uri.scheme === 'file' ? uri.fsPath : id;
}
