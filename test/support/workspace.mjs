// A throw-away copy of samples/, so that tests may write into their workspace.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/setup/command.mjs';

/** @typedef {{ base: string, folder: string, profile: string, remove: () => void }} Workspace `base` holds both folders. */

/** @returns {Workspace} */
export function makeWorkspace() {
  const base = mkdtempSync(path.join(os.tmpdir(), 'vscode-test-'));
  const folder = path.join(base, 'samples');
  cpSync(path.join(root, 'samples'), folder, { recursive: true });
  return {
    base,
    folder,
    profile: path.join(base, 'profile'),
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }),
  };
}
