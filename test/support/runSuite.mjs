// Runs test/vscode/*.test.ts inside a real VS Code: `node test/support/runSuite.mjs [node|web|static|desktop] [--minimum] [--surface] [--grep TEXT] [--gpu] [--verbose]`.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { exitOnSignals, root } from '../../scripts/setup/command.mjs';
import { ensureVscodeServer } from '../../scripts/setup/vscodeServer.mjs';
import { remoteUri, startServer, workbenchUrl } from '../../scripts/vscode/startServer.mjs';
import { openBrowser } from './openBrowser.mjs';
import { runOnDesktop } from './runOnDesktop.mjs';
import { startStaticWorkbench } from './staticWorkbench.mjs';
import { watchSuite } from './watchSuite.mjs';
import { makeWorkspace } from './workspace.mjs';

const help = `Runs the suite of test/vscode inside a real VS Code.

  node test/support/runSuite.mjs [HOST] [options]

HOST
  node      Node extension host of the VS Code server (default)
  web       web-worker extension host, files from the VS Code server
  static    web-worker extension host without any server, as on vscode.dev
  desktop   desktop VS Code through @vscode/test-electron: downloads it, unless VSCODE_PATH names an installed one,
            and needs a display (on Linux: xvfb-run -a npm run test:desktop)

Options
  --minimum    the oldest VS Code that package.json allows instead of the newest (node, web, desktop)
  --surface    without the tests marked @once, which ask nothing of VS Code that other tests do not ask too
  --grep TEXT  only tests whose name matches the pattern TEXT
  --gpu        WebGPU on the CPU in the browser
  --verbose    everything the workbench prints
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minimum: { type: 'boolean', default: false },
    surface: { type: 'boolean', default: false },
    grep: { type: 'string' },
    gpu: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const host = positionals[0] ?? 'node';
if (values.help || !['node', 'web', 'static', 'desktop'].includes(host)) {
  console.log(help);
  process.exit(values.help ? 0 : 2);
}

/** The identifier under which VS Code knows the extension. */
function extensionId() {
  const { publisher, name } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return `${publisher}.${name}`;
}

/** @param {import('./workspace.mjs').Workspace} workspace */
async function inServer(workspace) {
  const web = host === 'web';
  const vscode = await ensureVscodeServer(values.minimum ? 'minimum' : 'current');
  console.log(`${vscode.name}, ${web ? 'web-worker' : 'Node'} extension host`);
  const server = await startServer({
    vscode,
    profile: workspace.profile,
    automation: true,
    settings: web ? { 'remote.extensionKind': { [extensionId()]: ['web'] } } : {},
    env: { SUITE_WANTED: wanted ?? '' },
  });
  const browser = await openBrowser({ gpu: values.gpu ? 'software' : 'none' });
  try {
    const entry = path.join(root, 'dist/test', web ? 'index.web.js' : 'index.node.js');
    const url = workbenchUrl(server.port, {
      folder: workspace.folder,
      payload: [
        ['extensionDevelopmentPath', remoteUri(server.port, root)],
        ['extensionTestsPath', remoteUri(server.port, entry)],
        ['skipWelcome', 'true'],
      ],
    });
    return await watchSuite(browser.context, url, values);
  } catch (error) {
    console.log(server.log().slice(-4000));
    throw error;
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** @param {import('./workspace.mjs').Workspace} workspace */
async function inStaticPage(workspace) {
  const vscode = await ensureVscodeServer('current');
  console.log(`${vscode.name}, web-worker extension host without a server`);
  const workbench = await startStaticWorkbench({ vscode, workspace: workspace.folder });
  const browser = await openBrowser({ gpu: values.gpu ? 'software' : 'none' });
  try {
    return await watchSuite(browser.context, workbench.url, values);
  } finally {
    await browser.close();
    workbench.close();
  }
}

/** A pattern for the names of the tests that are wanted; undefined is all. */
const wanted = values.grep ?? (values.surface ? '^(?!.*@once)' : undefined);

exitOnSignals(130);
const workspace = makeWorkspace();
if (wanted !== undefined) {
  // As test/vscode/index.web.ts reads it; a Node host is told by its environment.
  writeFileSync(path.join(workspace.folder, '.wanted-tests'), wanted);
}
try {
  const result =
    host === 'desktop'
      ? await runOnDesktop(workspace, { minimum: values.minimum, wanted })
      : host === 'static'
        ? await inStaticPage(workspace)
        : await inServer(workspace);
  for (const { title, message } of result.failures) {
    console.log(`FAILED ${title}\n${message}`);
  }
  console.log(`${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  process.exitCode = result.failed === 0 && result.passed > 0 ? 0 : 1;
} finally {
  workspace.remove();
}
