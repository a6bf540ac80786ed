// The files of the extension through VS Code: what is missing is nothing, and is not asked for in a way that VS Code logs.
import { beforeEach, expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import { storageIn } from '../../../../src/host/training/storage';

/** Paths of the folders there are. */
const folders = new Set<string>();
/** What VS Code has written into its log. */
const logged: string[] = [];

vi.mock('vscode', () => {
  class FileSystemError extends Error {
    constructor(readonly code: string) {
      super(code);
    }
  }
  const missing = (path: string): void => {
    if (path === '/locked') {
      throw new FileSystemError('NoPermissions');
    }
    if (!folders.has(path)) {
      throw new FileSystemError('FileNotFound');
    }
  };
  const fs = {
    stat: async ({ path }: vscode.Uri) => {
      missing(path);
      return { type: 2, size: 0 };
    },
    readDirectory: async ({ path }: vscode.Uri) => {
      if (!folders.has(path)) {
        logged.push(`ENOENT: no such file or directory, scandir '${path}'`);
      }
      missing(path);
      return [['a1', 2]];
    },
  };
  const joinPath = ({ path }: vscode.Uri, ...names: string[]) => ({
    path: [path, ...names.filter((name) => name !== '')].join('/'),
  });
  return { workspace: { fs }, Uri: { joinPath }, FileSystemError };
});

beforeEach(() => {
  folders.clear();
  logged.length = 0;
});

test('a folder that is missing is empty, and leaves nothing in the log', async () => {
  const storage = storageIn({ path: '/tuned' } as vscode.Uri);
  expect(await storage.list('')).toEqual([]);
  expect(await storage.list('a1')).toEqual([]);
  expect(logged).toEqual([]);
});

test('of a folder that is there, the names are listed', async () => {
  folders.add('/tuned');
  expect(await storageIn({ path: '/tuned' } as vscode.Uri).list('')).toEqual(['a1']);
});

test('what cannot be read for another reason is told', async () => {
  await expect(storageIn({ path: '/locked' } as vscode.Uri).list('')).rejects.toThrow('NoPermissions');
});
