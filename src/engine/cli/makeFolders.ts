// Makes a folder and those above it, one at a time, and takes them away again.
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';

/**
 * As `mkdirSync` with `recursive`, which tries for ever where a file system lets nobody make a folder and says that the one above
 * is missing (`/proc` does).
 *
 * @returns The folders that were not there, outermost first, as absolute paths.
 * @throws what the file system throws; those that were made already are taken away then.
 */
export function makeFolders(folder: string): string[] {
  const missing: string[] = [];
  const root = path.parse(path.resolve(folder)).root;
  for (let place = path.resolve(folder); place !== root && !existsSync(place); place = path.dirname(place)) {
    missing.unshift(place);
  }
  const made: string[] = [];
  try {
    for (const place of missing) {
      mkdirSync(place);
      made.push(place);
    }
  } catch (error) {
    removeFolders(made);
    throw error;
  }
  return made;
}

/** Takes away folders that {@link makeFolders} has made, the innermost first; from one that is not empty on, they stay. */
export function removeFolders(made: readonly string[]): void {
  try {
    [...made].reverse().forEach((place) => rmdirSync(place));
  } catch {
    // Somebody has put something into one: then those around it are needed as well.
  }
}
