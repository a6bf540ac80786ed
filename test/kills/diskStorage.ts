// Files on disk as VS Code handles them: a write empties the file and fills it piece by piece, a rename deletes what is in the way.
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Storage } from '../../src/host/training/storage';

/** Pieces of a file; between two of them the program may be killed. */
const PIECES = 4;

/** @param moment Called between any two changes of the disk. */
export function diskStorage(root: string, moment: (what: string) => void): Storage {
  const at = (file: string) => path.join(root, ...file.split('/'));
  return {
    read: async (file) => new Uint8Array(await readFile(at(file))),
    write: async (file, bytes) => {
      await mkdir(path.dirname(at(file)), { recursive: true });
      const descriptor = openSync(at(file), 'w');
      try {
        const size = Math.ceil(bytes.length / PIECES);
        for (let start = 0; start < bytes.length; start += size) {
          moment(`writes ${file}`);
          writeSync(descriptor, bytes.subarray(start, start + size));
        }
      } finally {
        closeSync(descriptor);
      }
    },
    rename: async (from, to) => {
      moment(`renames ${from}`);
      await rm(at(to), { force: true, recursive: true });
      moment(`puts ${to}`);
      await rename(at(from), at(to));
    },
    delete: async (file) => {
      moment(`deletes ${file}`);
      await rm(at(file), { force: true, recursive: true });
    },
    list: (file) => readdir(at(file)).catch(() => []),
  };
}
