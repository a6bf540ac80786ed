// The model folders that transformers.js is asked to load: all that are shipped, and the two random models of the golden files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../unit/engine/testEngine';

const random = ['test/golden/layouts/bert', 'test/golden/layouts/gpt2'];

/** Folders of models/ with a configuration, whatever they are called. */
export const shipped = readdirSync(path.join(root, 'models'))
  .map((name) => `models/${name}`)
  .filter((folder) => existsSync(path.join(root, folder, 'config.json')))
  .sort();

/** Of `folders`, or all there are, those whose configuration says one of these types. */
export function foldersOf(
  types: readonly string[],
  folders: readonly string[] = [...shipped, ...random],
): string[] {
  return folders.filter((folder) => types.includes(String(configOf(folder).model_type)));
}

/** config.json of a folder. */
export function configOf(folder: string): Readonly<Record<string, unknown>> {
  const file = path.join(root, folder, 'config.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

/** 200 English sentences, written for these tests, of many kinds and lengths. */
export const sentences = readFileSync(path.join(import.meta.dirname, 'sentences.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '');
