// Runs the suite in a desktop VS Code, which @vscode/test-electron downloads unless VSCODE_PATH names one.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { runTests } from '@vscode/test-electron';
import { cache, root } from '../../scripts/setup/command.mjs';

/**
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {{ minimum: boolean, wanted: string | undefined }} options `wanted` is a pattern for the names of tests
 * @returns {Promise<import('./watchSuite.mjs').SuiteResult>}
 */
export async function runOnDesktop(workspace, { minimum, wanted }) {
  const file = path.join(workspace.base, 'result.json');
  const installed = process.env.VSCODE_PATH;
  const code = await runTests({
    ...(installed
      ? { vscodeExecutablePath: installed }
      : { version: minimum ? '1.100.3' : 'stable', cachePath: path.join(cache, 'vscode/desktop') }),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'dist/test/index.node.js'),
    extensionTestsEnv: { SUITE_RESULT: file, ...(wanted ? { SUITE_WANTED: wanted } : {}) },
    launchArgs: [
      workspace.folder,
      ...['--user-data-dir', workspace.profile, '--disable-extensions', '--disable-workspace-trust'],
      ...['--skip-welcome', '--skip-release-notes'],
    ],
  }).catch((/** @type {unknown} */ error) => {
    console.log(String(error));
    return 1;
  });
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`VS Code ended with ${code} and left no result.`, { cause: error });
  }
}
