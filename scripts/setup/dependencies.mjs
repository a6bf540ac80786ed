// Installs the project's own packages when node_modules does not match the lock file. Node built-ins only: this runs first.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { npm, root } from './command.mjs';

/** @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} LockedPackages */

/**
 * @param {string} file
 * @returns {LockedPackages | undefined} Undefined when the file does not exist.
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Whether every locked package is there in its version; packages for other platforms may be missing. */
function installed() {
  const locked = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (!locked || !present) {
    return false;
  }
  return Object.entries(locked).every(
    ([name, { version, optional }]) =>
      name === '' || present[name]?.version === version || (optional && !present[name]),
  );
}

/** Makes node_modules what package-lock.json says. No install script of any package runs. */
export async function ensureDependencies() {
  if (installed()) {
    return;
  }
  console.log('Installing packages (once) ...');
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}
