// Runs every suite of this folder in a web-worker extension host with mocha's browser build; the page reads the result from the console.
import 'mocha/mocha.js';
import * as vscode from 'vscode';
import { collect, ONCE, SURFACE_FILE } from './collect';

/** Called by VS Code. Rejects when a test failed, which makes VS Code exit with an error. */
export async function run(): Promise<void> {
  mocha.setup({ ui: 'tdd', timeout: 45_000, retries: 1, reporter: Mocha.reporters.Base });
  if (await isSurface()) {
    mocha.grep(new RegExp(`^(?!.*${ONCE})`, 'u'));
  }
  await import('all-suites');
  await collect((done) => mocha.run(done));
}

/** A web worker has no environment: a file of the workspace says which tests are wanted. */
async function isSurface(): Promise<boolean> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) {
    return false;
  }
  const file = vscode.Uri.joinPath(folder.uri, SURFACE_FILE);
  return Promise.resolve(vscode.workspace.fs.stat(file)).then(
    () => true,
    () => false,
  );
}
