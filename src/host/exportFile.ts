// Asks where a file is to go, makes it with progress and Cancel, writes it through VS Code, and says what went wrong.
import * as vscode from 'vscode';
import type { CallOptions } from '../shared/protocol';
import { messageOf, UserError } from '../shared/errors';

/** A file that is about to be made. */
export interface FileToSave {
  /** Suggested name with its ending. */
  readonly name: string;
  /** What the dialog calls files of this kind, e.g. `SVG picture`. */
  readonly kind: string;
  /** The folder of this document is suggested. */
  readonly beside: vscode.Uri | undefined;
  readonly make: (call: CallOptions) => Promise<Uint8Array>;
}

/**
 * Saves it where the user says, or at `target`. Returns where it is; undefined when the user gave up.
 * @throws UserError `badRequest` when the file cannot be written; `cancelled`; whatever `make` throws.
 */
export async function saveFile(file: FileToSave, target?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const ending = file.name.slice(file.name.lastIndexOf('.') + 1);
  const uri =
    target ??
    (await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Save {0}', file.kind),
      defaultUri: suggested(file),
      filters: { [file.kind]: [ending] },
    }));
  if (!uri) {
    return undefined;
  }
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t('{0} cannot be written: its file system is read-only. Choose another place.', uri.path),
    );
  }
  const bytes = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Saving {0}', nameOf(uri)),
      cancellable: true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      const watching = token.onCancellationRequested(() => abort.abort());
      let told = 0;
      try {
        return await file.make({
          signal: abort.signal,
          onProgress: ({ message, done, total }) => {
            const share = total > 0 ? (100 * done) / total : 0;
            progress.report({ message, increment: share - told });
            told = share;
          },
        });
      } finally {
        watching.dispose();
      }
    },
  );
  await write(uri, bytes);
  return uri;
}

/** Says that the file is there, with a button that opens it. */
export function tellSaved(uri: vscode.Uri, bytes?: string): void {
  const open = vscode.l10n.t('Open');
  const message = bytes
    ? vscode.l10n.t('Saved {0} ({1}).', nameOf(uri), bytes)
    : vscode.l10n.t('Saved {0}.', nameOf(uri));
  void vscode.window.showInformationMessage(message, open).then((pressed) => {
    if (pressed) {
      void vscode.commands.executeCommand('vscode.open', uri);
    }
  });
}

/** E.g. `12.3 MB`. */
export function sizeText(bytes: number): string {
  const megabytes = bytes / (1024 * 1024);
  return megabytes < 0.1
    ? vscode.l10n.t('{0} KB', Math.max(1, Math.round(bytes / 1024)))
    : vscode.l10n.t('{0} MB', megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes));
}

async function write(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
  try {
    await vscode.workspace.fs.writeFile(uri, bytes);
  } catch (error) {
    throw new UserError('badRequest', whyNotWritten(uri, error), {}, { cause: error });
  }
}

function whyNotWritten(uri: vscode.Uri, error: unknown): string {
  const name = nameOf(uri);
  const message = messageOf(error);
  if (/ENOSPC|no space|quota/iu.test(message)) {
    return vscode.l10n.t('{0} cannot be written: the disk is full. Make room or choose another place.', name);
  }
  const code = error instanceof vscode.FileSystemError ? error.code : '';
  if (code === 'NoPermissions' || /EACCES|EPERM|EROFS|read-only|readonly/iu.test(message)) {
    return vscode.l10n.t('{0} cannot be written: there is no permission to. Choose another place.', name);
  }
  return vscode.l10n.t('{0} cannot be written: {1}', name, message);
}

/** In the folder of the document if that can be written to, else in the workspace; VS Code chooses without either. */
function suggested({ name, beside }: FileToSave): vscode.Uri | undefined {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const writable = (uri: vscode.Uri) => vscode.workspace.fs.isWritableFileSystem(uri.scheme) === true;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (beside && beside.scheme !== 'untitled' && writable(beside)) {
    return vscode.Uri.joinPath(beside, '..', safe);
  }
  return folder && writable(folder) ? vscode.Uri.joinPath(folder, safe) : undefined;
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
