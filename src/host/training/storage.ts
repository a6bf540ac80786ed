// Files that belong to the extension, by path: what the store of fine-tuned weights needs of a file system.
import * as vscode from 'vscode';

/** Paths are relative, `/` between names. */
export interface Storage {
  /** @throws when there is no such file. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Folders on the way are made. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Takes the place of what is there, which may be gone for a moment. */
  rename(from: string, to: string): Promise<void>;
  /** With everything inside; nothing happens where nothing is. */
  delete(path: string): Promise<void>;
  /** Names in a folder; none where there is no folder. */
  list(path: string): Promise<readonly string[]>;
}

/** The files below a folder, through VS Code: it may be on disk or in a browser's storage. */
export function storageIn(root: vscode.Uri): Storage {
  const { fs } = vscode.workspace;
  const at = (path: string) => vscode.Uri.joinPath(root, ...path.split('/'));
  /** Of a file or folder that may be missing. */
  const unlessMissing = async <T>(work: Thenable<T>, otherwise: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') {
        return otherwise;
      }
      throw error;
    }
  };
  return {
    // In a buffer of its own: it is handed over to the engine.
    read: async (path) => new Uint8Array(await fs.readFile(at(path))),
    write: async (path, bytes) => fs.writeFile(at(path), bytes),
    rename: async (from, to) => fs.rename(at(from), at(to), { overwrite: true }),
    delete: (path) => unlessMissing(fs.delete(at(path), { recursive: true, useTrash: false }), undefined),
    list: async (path) => {
      // Reading a folder that is missing, VS Code writes a stack into its log; looking for one, it does not.
      if ((await unlessMissing(fs.stat(at(path)), undefined)) === undefined) {
        return [];
      }
      return (await unlessMissing(fs.readDirectory(at(path)), [])).map(([name]) => name);
    },
  };
}
