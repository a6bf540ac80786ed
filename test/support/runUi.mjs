// Runs every test/ui/*.ui.mjs against a real VS Code with real clicks: `node test/support/runUi.mjs [NAME] [--vsix FILE] [--media] [--theme NAME]`.
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { exitOnSignals, root } from '../../scripts/setup/command.mjs';
import { ensureVscodeServer } from '../../scripts/setup/vscodeServer.mjs';
import { remoteUri, startServer, workbenchUrl } from '../../scripts/vscode/startServer.mjs';
import { messageOf } from './messageOf.mjs';
import { openBrowser } from './openBrowser.mjs';
import { Scenario } from './ui/scenario.mjs';
import { WAIT, Workbench } from './ui/workbench.mjs';
import { makeWorkspace } from './workspace.mjs';

const help = `Drives VS Code with real clicks, as test/ui/*.ui.mjs say. Screenshots go to out/shots.

  node test/support/runUi.mjs [NAME ...] [options]

NAME           only scenarios whose file name contains NAME
--vsix FILE    test this package, installed as a user would, instead of the working tree
--media        also save the pictures that the README shows to media/
--theme NAME   colour theme, e.g. "Default Light Modern" (default: Default Dark Modern)
--gpu          WebGPU on the CPU in the browser
--again        a scenario that fails runs once more, in a new VS Code

A scenario exports \`run(scenario)\`; see test/support/ui/scenario.mjs. It may export \`settings\`, user settings to start with,
and \`inspected\`, which lets it end the extension host's workers.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    vsix: { type: 'string' },
    media: { type: 'boolean', default: false },
    theme: { type: 'string', default: 'Default Dark Modern' },
    gpu: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

/** What keeps the pictures free of things that are not ours. */
const plain = {
  'window.commandCenter': false,
  'window.title': '${activeEditorShort}${separator}${rootName}',
  'editor.minimap.enabled': false,
  'editor.cursorBlinking': 'solid',
  'workbench.reduceMotion': 'on',
};

/** @typedef {{ run: (scenario: Scenario) => Promise<void>, settings?: Record<string, unknown>, inspected?: boolean }} ScenarioModule */

/**
 * @param {string} file Name in test/ui.
 * @returns {Promise<import('./ui/scenario.mjs').Counts>}
 */
async function runFile(file) {
  const name = file.replace(/\.ui\.mjs$/, '');
  /** @type {ScenarioModule} */
  const { run, settings, inspected } = await import(pathToFileURL(path.join(root, 'test/ui', file)).href);
  const workspace = makeWorkspace();
  const server = await startServer({
    vscode: await ensureVscodeServer('current'),
    profile: workspace.profile,
    automation: !values.vsix,
    settings: { 'workbench.colorTheme': values.theme, ...plain, ...settings },
    ...(values.vsix ? { vsix: path.resolve(values.vsix) } : {}),
  });
  const browser = await openBrowser({
    gpu: values.gpu ? 'software' : 'none',
    viewport: { width: 1600, height: 1000 },
  });
  try {
    const page = await browser.context.newPage();
    page.setDefaultTimeout(WAIT);
    /** @type {(readonly [string, string])[]} */
    const payload = values.vsix ? [] : [['extensionDevelopmentPath', remoteUri(server.port, root)]];
    const inspector = inspected ? await freePort() : undefined;
    if (inspector !== undefined) {
      payload.push(['inspect-extensions', String(inspector)]);
    }
    await page.goto(workbenchUrl(server.port, { folder: workspace.folder, payload }));
    const workbench = new Workbench(page);
    const scenario = new Scenario(workbench, {
      name,
      workspace: workspace.folder,
      shots: path.join(root, 'out/shots', values.vsix ? 'vsix' : 'tree'),
      media: values.media,
      inspector,
    });
    if (await scenario.check('VS Code opens', () => workbench.ready())) {
      await run(scenario).catch(async (/** @type {unknown} */ error) => {
        await scenario.check('the scenario runs to its end', () => Promise.reject(error));
      });
    }
    return scenario.counts;
  } finally {
    await browser.close();
    await server.stop();
    workspace.remove();
  }
}

/** @returns {Promise<number>} A port that nobody listens to. */
function freePort() {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

exitOnSignals(130);
const files = readdirSync(path.join(root, 'test/ui'))
  .filter((file) => file.endsWith('.ui.mjs'))
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)));
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const unsteady = [];
for (const file of files) {
  console.log(file);
  let counts = await countsOf(file);
  if (counts.failed > 0 && values.again) {
    // What fails in the product fails again; a click that VS Code lost on a busy machine does not, and is reported as that
    console.log(`${file}, once more in a new VS Code`);
    counts = await countsOf(file);
    if (counts.failed === 0) {
      unsteady.push(file);
    }
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
if (unsteady.length > 0) {
  console.log(`Passed only the second time: ${unsteady.join(', ')}`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

/**
 * Runs one file; one that cannot run has failed.
 * @param {string} file Name in test/ui.
 * @returns {Promise<import('./ui/scenario.mjs').Counts>}
 */
function countsOf(file) {
  return runFile(file).catch((/** @type {unknown} */ error) => {
    console.log(`  FAILED ${file}: ${messageOf(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  });
}
