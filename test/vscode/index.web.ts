// Runs every suite of this folder in a web-worker extension host with mocha's browser build; the page reads the result from the console.
import 'mocha/mocha.js';
import * as vscode from 'vscode';
import { collect, WANTED_FILE } from './collect';

/** Called by VS Code. Rejects when a test failed, which makes VS Code exit with an error. */
export async function run(): Promise<void> {
  mocha.setup({ ui: 'tdd', timeout: 45_000, retries: 1, reporter: Mocha.reporters.Base });
  const wanted = await wantedTests();
  if (wanted) {
    mocha.grep(new RegExp(wanted, 'u'));
  }
  await import('all-suites');
  await collect((done) => mocha.run(done));
}

/** A web worker has no environment: a file of the workspace says which tests are wanted. Undefined is all. */
async function wantedTests(): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) {
    return undefined;
  }
  const file = vscode.Uri.joinPath(folder.uri, WANTED_FILE);
  return Promise.resolve(vscode.workspace.fs.readFile(file)).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => undefined,
  );
}
