// The stages of `npm test`, each with how its checks are counted. Adding a test never means editing this list.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { packageFile } from './package.mjs';
import { root, run, runNpm } from './setup/command.mjs';
import { serverRunsHere } from './setup/vscodeServer.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number, output?: string }} Counts `output`: what is still to be shown. */
/**
 * @typedef {{ name: string, what: string, run: () => Promise<Counts>, inVscode?: boolean, beside?: boolean }} Stage
 *   `inVscode`: needs the VS Code server and a browser. `beside`: runs beside its neighbours that are so too, as it uses one
 *   processor and changes no file; what it prints comes at its end.
 */

/** Twice what everything takes: whatever hangs ends before this, as a runner's limit would swallow the summary. */
const deadline = Date.now() + 80 * 60_000;
/** At least a moment, so that a stage that is too late says so itself. */
const limits = () => ({ timeoutMs: Math.max(1000, deadline - Date.now()) });

/**
 * A script of package.json that is one check: it passes when the script ends well.
 * @param {string} script
 * @param {{ quiet?: boolean }} [options] `quiet` hands what it prints to the caller.
 * @returns {Promise<Counts>}
 */
async function oneCheck(script, { quiet = false } = {}) {
  const { code, output } = await runNpm(['run', '--silent', script], { ...limits(), quiet });
  const passed = code === 0 ? 1 : 0;
  return { passed, failed: 1 - passed, skipped: 0, ...(quiet && { output }) };
}

/**
 * A check that runs beside others.
 * @param {string} name
 * @param {string} what
 * @param {string} [script]
 * @returns {Stage}
 */
const oneBeside = (name, what, script = name) => ({
  name,
  what,
  run: () => oneCheck(script, { quiet: true }),
  beside: true,
});

/**
 * A program that prints `N passed, N failed, N skipped` last.
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function counted(...args) {
  const { code, output } = await run(process.execPath, args, limits());
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  const [passed, failed, skipped] = (last ?? [0, 0, 0, 0]).slice(1).map(Number);
  // it may fail without a failed check, e.g. because none ran
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped };
}

/**
 * @param {string} name The report's, in out/.
 * @param {readonly string[]} options
 * @returns {Promise<Counts>}
 */
async function vitest(name, ...options) {
  const file = path.join(root, `out/${name}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { code } = await run(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...options, ...reporters],
    limits(),
  );
  if (!existsSync(file)) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  /** @type {{ status: string, assertionResults: readonly unknown[] }[]} */
  const files = report.testResults;
  // a file that could not be loaded has no tests to count
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const suite = (/** @type {string[]} */ ...args) => counted('test/support/runSuite.mjs', ...args);

/**
 * UI runs, half of them beside the other half: a click waits for VS Code most of the time.
 * @param {readonly string[]} names Of files in test/ui, without their endings.
 * @param {readonly string[]} [options]
 * @returns {Promise<Counts>}
 */
async function ui(names, options = []) {
  const half = (/** @type {number} */ rest) =>
    names.filter((_, i) => i % 2 === rest).map((name) => `${name}.ui.mjs`);
  const [a, b] = await Promise.all(
    [half(0), half(1)].map((files) => counted('test/support/runUi.mjs', '--again', ...files, ...options)),
  );
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Needs nothing but the packages. */
const plain = /** @type {Stage[]} */ ([
  { name: 'build', what: 'every program', run: () => oneCheck('build') },
  oneBeside('format', 'prettier', 'format:check'),
  oneBeside('lint', 'eslint, no warnings'),
  oneBeside('types', 'tsc'),
  { name: 'unit', what: 'vitest', run: () => vitest('unit') },
  {
    name: 'client',
    what: 'the models in transformers.js',
    run: () => vitest('client', '--config', 'test/client/vitest.config.ts'),
  },
  {
    name: 'kills',
    what: 'trainings from end to end, and killed at random',
    run: () => vitest('kills', '--config', 'test/kills/vitest.config.ts'),
  },
]);

/**
 * Those of the UI runs that need every part of the package: bundles, workers, WASM, each shipped model, the page for export, the
 * walkthrough and its sample. They click through the installed package, the others through the working tree, whose files are the same.
 */
const packaged = ['explore', 'englishModels', 'models', 'export', 'walkthrough'];
const unpackaged = readdirSync(path.join(root, 'test/ui'))
  .filter((file) => file.endsWith('.ui.mjs'))
  .map((file) => file.slice(0, -'.ui.mjs'.length))
  .filter((name) => !packaged.includes(name));

/** Needs the VS Code server and a browser. */
const inServer = /** @type {Stage[]} */ ([
  { name: 'node', what: 'suite, Node extension host', run: () => suite('node'), inVscode: true },
  { name: 'web', what: 'suite, web-worker extension host', run: () => suite('web'), inVscode: true },
  {
    name: 'static',
    what: 'suite, no server, as on vscode.dev',
    run: () => suite('static', '--surface'),
    inVscode: true,
  },
  {
    name: 'minimum',
    what: 'suite, oldest VS Code',
    // the engine's own answers are the same as in the newest
    run: () => suite('node', '--minimum', '--surface'),
    inVscode: true,
  },
  {
    name: 'pages',
    what: 'a side view in a page of its own, every state and theme',
    run: () => counted('test/support/webviewPage/training.mjs'),
    inVscode: true,
  },
  { name: 'ui', what: 'real clicks, working tree', run: () => ui(unpackaged), inVscode: true },
  { name: 'package', what: 'VSIX within its budget', run: () => oneCheck('package') },
  {
    name: 'ui-vsix',
    what: 'real clicks, installed VSIX',
    run: () => ui(packaged, ['--vsix', packageFile()]),
    inVscode: true,
  },
]);

/** Where the VS Code server does not run: a downloaded desktop VS Code. */
const onDesktop = /** @type {Stage[]} */ ([
  { name: 'desktop', what: 'suite, desktop VS Code', run: () => suite('desktop') },
  { name: 'package', what: 'VSIX within its budget', run: () => oneCheck('package') },
]);

export const stages = [...plain, ...(serverRunsHere ? inServer : onDesktop)];
