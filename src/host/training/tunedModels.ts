// The fine-tuned weights that are stored: listed, used and taken back, renamed, deleted and exported.
import * as vscode from 'vscode';
import { askForText, askWhich } from '../ask';
import { messageOf, UserError } from '../../shared/errors';
import type { ModelFiles } from '../../shared/protocol';
import { transfer } from '../../shared/rpc';
import type { TunedModel } from '../../shared/trainingPage';
import type { EngineProcess } from '../engineProcess';
import type { TunedChoice } from '../modelMemory';
import type { Models } from '../models';
import { buffersOf } from '../models';
import { isTuned, storedId, tunedId } from './tunedId';
import type { TunedManifest } from './tunedManifest';
import { bytesOf, stepOf, weightBytes } from './tunedManifest';
import type { TunedStore } from './tunedStore';
import { trainingsOf } from './workplace';
import { formatBytes } from '../../shared/formatBytes';

/** What {@link TunedModels.undo} brings back. */
const TAKEN = 'models.taken';
/** Longer ones do not fit into the list. */
const LONGEST_NAME = 60;

/** Ids of the model in use, and of the one in use before. */
interface Taken {
  readonly before: string;
  readonly now: string;
}

export class TunedModels implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly altered = new vscode.EventEmitter<{ readonly id: string; readonly now?: TunedManifest }>();
  /** Fires when the user has renamed weights, or deleted them: then there is nothing now. */
  readonly onDidAlter = this.altered.event;
  /** The weights that are being trained; they cannot be deleted. */
  training: string | undefined;
  private stored: readonly TunedManifest[] = [];
  /** Whether it was looked, in this window, whether the model that was in use before still exists. */
  private looked = false;

  constructor(
    private readonly store: TunedStore,
    private readonly models: Models,
    private readonly jobs: EngineProcess,
    /** The model in use is the same in all windows, and so is what was in use before. */
    private readonly memory: vscode.Memento,
  ) {}

  /** Newest first. */
  list(): readonly TunedModel[] {
    return this.stored.map((manifest) => this.described(manifest));
  }

  get names(): readonly string[] {
    return this.stored.map(({ name }) => name);
  }

  described(manifest: TunedManifest): TunedModel {
    const { id, name, base, options, points, checkpoints, weights, finished, saved } = manifest;
    return {
      id: tunedId(id),
      name,
      base: base.id,
      baseName: base.name,
      step: stepOf(manifest),
      of: options.steps,
      method: options.method,
      bytes: bytesOf(manifest),
      saved,
      resumable: !finished && checkpoints.length > 0,
      usable: weights !== undefined,
      recorded: points.length > 0,
      inUse: this.models.current().id === tunedId(id),
    };
  }

  /** Reads what is stored; makes those that have weights known as models. */
  async refresh(): Promise<readonly TunedManifest[]> {
    this.stored = (await this.store.list()).filter((manifest) => stepOf(manifest) > 0);
    await this.models.memory.setTuned(
      this.stored.flatMap(({ id, name, base, weights }): TunedChoice[] =>
        weights
          ? [
              {
                id: tunedId(id),
                name,
                base: base.id,
                baseName: base.name,
                step: weights.step,
                bytes: weightBytes(weights),
              },
            ]
          : [],
      ),
    );
    await this.lookForTaken();
    this.changed.fire();
    return this.stored;
  }

  /** Whether {@link undo} would bring another model back. */
  get undoable(): boolean {
    const { taken, models } = this;
    const exists = (id: string) => !isTuned(id) || models.tuned(id) !== undefined;
    return (
      taken !== undefined && models.current().id === taken.now && exists(taken.now) && exists(taken.before)
    );
  }

  /** Makes it the model that everything uses; the empty id stands for the model that the current one was trained from. */
  async use(id: string): Promise<void> {
    const current = this.models.current();
    if (id === '') {
      await this.models.choose(this.models.tuned(current.id)?.base ?? current.id);
      return;
    }
    if (!this.models.tuned(id)) {
      const message = vscode.l10n.t(
        'These weights are not complete: go on with their training, or stop it, first.',
      );
      throw new UserError('badRequest', message);
    }
    if (current.id !== id) {
      await this.take({ before: current.id, now: id });
      await this.models.choose(id);
    }
    this.changed.fire();
  }

  /** Brings back the model that was in use before. */
  async undo(): Promise<void> {
    const { taken } = this;
    if (taken && this.undoable) {
      await this.take(undefined);
      await this.models.choose(taken.before);
    }
    this.changed.fire();
  }

  async rename(id: string): Promise<void> {
    const { name } = await this.store.manifest(storedId(id));
    const others = this.names.filter((other) => other !== name);
    const wanted = await askForText({
      title: vscode.l10n.t('Rename {0}', name),
      value: name,
      validateInput: (value) => problemOf(value.trim(), others),
    });
    if (wanted !== undefined && problemOf(wanted.trim(), others) === undefined) {
      const now = await this.store.update(storedId(id), { name: wanted.trim() });
      this.altered.fire({ id: now.id, now });
      await this.refresh();
    }
  }

  /** Answers whether they were deleted. */
  async delete(id: string): Promise<boolean> {
    const stored = this.stored.find((each) => each.id === storedId(id));
    if (this.training === storedId(id)) {
      throw new UserError(
        'badRequest',
        vscode.l10n.t('These weights are being trained. Stop the training first.'),
      );
    }
    const remove = vscode.l10n.t('Delete');
    const pressed =
      stored === undefined
        ? remove
        : await vscode.window.showWarningMessage(
            vscode.l10n.t('Delete the fine-tuned weights {0}?', stored.name),
            {
              modal: true,
              detail: [
                vscode.l10n.t(
                  'What was learned in {0} steps ({1}) is lost. {2} itself stays.',
                  stepOf(stored),
                  formatBytes(bytesOf(stored)),
                  stored.base.name,
                ),
                ...this.goingOnFrom(id).map((name) =>
                  vscode.l10n.t(
                    'The training of {0} went on from these weights, and cannot be continued then.',
                    name,
                  ),
                ),
              ].join('\n'),
            },
            remove,
          );
    if (pressed !== remove) {
      return false;
    }
    if (this.models.current().id === id) {
      await this.models.choose(stored?.base.id ?? '');
    }
    await this.store.delete(storedId(id));
    this.altered.fire({ id: storedId(id) });
    await this.refresh();
    return true;
  }

  /** Asks in which form and where to, and writes the files into a folder of their own. */
  async export(id: string): Promise<void> {
    const tuned = this.models.tuned(id);
    if (!tuned) {
      return this.use(id); // which says why not
    }
    const change = {
      label: vscode.l10n.t('Changed weights'),
      detail: vscode.l10n.t(
        'safetensors, for LoRA in the layout of PEFT; to be used with {0}',
        tuned.baseName,
      ),
    };
    const whole = {
      label: vscode.l10n.t('Whole model'),
      detail: vscode.l10n.t(
        'A folder with ONNX files, tokenizer and configuration, as transformers.js reads it',
      ),
    };
    const title = vscode.l10n.t('Export {0}', tuned.name);
    const form = await askWhich([whole, change], { title });
    const [parent] =
      (form &&
        (await vscode.window.showOpenDialog({
          canSelectFiles: false,
          canSelectFolders: true,
          title,
          openLabel: vscode.l10n.t('Export Here'),
        }))) ??
      [];
    if (!form || !parent) {
      return;
    }
    const folder = vscode.Uri.joinPath(parent, folderName(tuned.name));
    if (!(await mayWrite(folder))) {
      return;
    }
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Exporting {0}', tuned.name) },
      async () => {
        const files = form === change ? await this.store.weights(storedId(id)) : await this.wholeModel(tuned);
        for (const [path, bytes] of Object.entries(files)) {
          await write(vscode.Uri.joinPath(folder, ...path.split('/')), bytes);
        }
      },
    );
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Exported {0} to {1}.',
        tuned.name,
        folder.scheme === 'file' ? folder.fsPath : String(folder),
      ),
    );
  }

  dispose(): void {
    this.changed.dispose();
    this.altered.dispose();
  }

  private get taken(): Taken | undefined {
    return this.memory.get<Taken>(TAKEN);
  }

  private async take(taken: Taken | undefined): Promise<void> {
    this.looked = true;
    await this.memory.update(TAKEN, taken);
  }

  /** Forgets what an earlier window has remembered where the files of that model are gone. */
  private async lookForTaken(): Promise<void> {
    const { taken } = this;
    if (taken && !this.looked) {
      const exists = await Promise.all([
        this.models.locate(taken.before),
        this.models.locate(taken.now),
      ]).then(
        () => true,
        () => false,
      );
      if (!exists) {
        await this.take(undefined);
      }
    }
    this.looked = true;
  }

  /** Names of trainings that could still go on, and need these weights for that. */
  private goingOnFrom(id: string): readonly string[] {
    return this.stored
      .filter(({ from, finished, checkpoints }) => from?.id === id && !finished && checkpoints.length > 0)
      .map(({ name }) => name);
  }

  private async wholeModel({ id, name }: TunedChoice): Promise<ModelFiles> {
    const request = await this.models.read(() => undefined, new AbortController().signal, { id, name });
    const { files, tuned = { files: {} } } = request;
    try {
      const { engine } = await this.jobs.ready();
      return await trainingsOf(engine).applyTuned(transfer({ files, tuned }, buffersOf(request)));
    } finally {
      if (this.training === undefined) {
        this.jobs.stop();
      }
    }
  }
}

function problemOf(name: string, others: readonly string[]): string | undefined {
  if (name === '') {
    return vscode.l10n.t('Type a name.');
  }
  if (name.length > LONGEST_NAME) {
    return vscode.l10n.t('At most {0} characters.', LONGEST_NAME);
  }
  return others.includes(name) ? vscode.l10n.t('Other weights have this name.') : undefined;
}

/** A name that every file system takes. */
function folderName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/gu, '') || 'model';
}

/** Whether a folder is new, empty, or the user agrees to replace files in it. */
async function mayWrite(folder: vscode.Uri): Promise<boolean> {
  const inside = await vscode.workspace.fs.readDirectory(folder).then(
    (found) => found.length,
    () => 0,
  );
  const replace = vscode.l10n.t('Replace');
  return (
    inside === 0 ||
    (await vscode.window.showWarningMessage(
      vscode.l10n.t(
        'There is a folder {0} already. Replace the files in it?',
        folder.path.replace(/^.*\//u, ''),
      ),
      { modal: true },
      replace,
    )) === replace
  );
}

async function write(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
  try {
    await vscode.workspace.fs.writeFile(uri, bytes);
  } catch (error) {
    const message = vscode.l10n.t(
      '{0} could not be written: {1} Choose another folder.',
      uri.toString(true),
      messageOf(error),
    );
    throw new UserError('badRequest', message, {}, { cause: error });
  }
}
