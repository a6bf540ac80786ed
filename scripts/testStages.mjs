// The stages of `npm test`, each with how its checks are counted. Adding a test never means editing this list.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { packageFile } from './package.mjs';
import { root, run, runNpm } from './setup/command.mjs';
import { serverRunsHere } from './setup/vscodeServer.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number, failures?: readonly string[] }} Counts `failures`: the lines that name them. */
/** @typedef {(label: string | undefined) => Promise<Counts>} Job `label` begins every line it prints; undefined where it runs alone. */
/**
 * @typedef {{ name: string, what: string, jobs: readonly Job[], inVscode?: boolean, alone?: boolean }} Stage
 *   `inVscode`: needs the VS Code server and a browser. `alone`: nothing else may run, as it writes what others read, or uses
 *   every processor well by itself.
 */

/** Twice what everything takes: whatever hangs ends before this, as a runner's limit would swallow the summary. */
const deadline = Date.now() + 60 * 60_000;
/** At least a moment, so that a stage that is too late says so itself. */
const limits = (/** @type {string | undefined} */ label) => ({
  timeoutMs: Math.max(1000, deadline - Date.now()),
  ...(label !== undefined && { label }),
});

/**
 * A script of package.json that is one check: it passes when the script ends well.
 * @param {string} script
 * @returns {Job}
 */
const oneCheck = (script) => async (label) => {
  const { code } = await runNpm(['run', '--silent', script], limits(label));
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : failedAs(`npm run ${script}`);
};

/**
 * A program that prints `N passed, N failed, N skipped` last.
 * @param {readonly string[]} args
 * @returns {Job}
 */
const counted =
  (...args) =>
  async (label) => {
    const { code, output } = await run(process.execPath, args, limits(label));
    const last = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
    const [passed, failed, skipped] = (last ?? [0, 0, 0, 0]).slice(1).map(Number);
    if (code !== 0 && failed === 0) {
      // it may fail without a failed check, e.g. because none ran
      return { ...failedAs(`${args.join(' ')} ended with ${code}`), passed, skipped };
    }
    return {
      passed,
      failed,
      skipped,
      failures: [...output.matchAll(/^ *FAILED (.*)$/gm)].map(([, what]) => what),
    };
  };

/** @param {string} failure */
const failedAs = (failure) => ({ passed: 0, failed: 1, skipped: 0, failures: [failure] });

/**
 * @param {string} name The report's, in out/.
 * @param {readonly string[]} options
 * @returns {Job}
 */
const vitest =
  (name, ...options) =>
  async (label) => {
    const file = path.join(root, `out/${name}.json`);
    mkdirSync(path.dirname(file), { recursive: true });
    rmSync(file, { force: true });
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', ...options, ...reporters],
      limits(label),
    );
    if (!existsSync(file)) {
      return failedAs(`${name} ended with ${code} and without a report`);
    }
    const report = JSON.parse(readFileSync(file, 'utf8'));
    /** @type {{ name: string, status: string, assertionResults: readonly { status: string, fullName: string }[] }[]} */
    const files = report.testResults;
    // a file that could not be loaded has no tests to count
    const broken = files.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    const failures = [
      ...broken.map((each) => path.relative(root, each.name)),
      ...files.flatMap(({ assertionResults }) =>
        assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
      ),
    ];
    const counts = { passed: report.numPassedTests, skipped: report.numPendingTests + report.numTodoTests };
    return code !== 0 && failures.length === 0
      ? { ...failedAs(`${name} ended with ${code}`), ...counts }
      : { ...counts, failed: failures.length, failures };
  };

const suite = (/** @type {string[]} */ ...args) => [counted('test/support/runSuite.mjs', ...args)];

/**
 * UI runs: each is a job, the long ones first, so that none is left to wait for at the end.
 * @param {readonly string[]} names Of files in test/ui, without their endings.
 * @param {readonly string[]} [options]
 */
function ui(names, options = []) {
  const size = (/** @type {string} */ name) => statSync(path.join(root, 'test/ui', `${name}.ui.mjs`)).size;
  return [...names]
    .sort((a, b) => size(b) - size(a))
    .map((name) => counted('test/support/runUi.mjs', '--again', `${name}.ui.mjs`, ...options));
}

/** Needs nothing but the packages. */
const plain = /** @type {Stage[]} */ ([
  { name: 'build', what: 'every program', jobs: [oneCheck('build')], alone: true },
  { name: 'types', what: 'tsc', jobs: [oneCheck('types')] },
  { name: 'lint', what: 'eslint, no warnings', jobs: [oneCheck('lint')] },
  { name: 'format', what: 'prettier', jobs: [oneCheck('format:check')] },
  { name: 'unit', what: 'vitest', jobs: [vitest('unit')], alone: true },
  {
    name: 'client',
    what: 'the models in transformers.js',
    jobs: [vitest('client', '--config', 'test/client/vitest.config.ts')],
  },
  {
    name: 'kills',
    what: 'trainings from end to end, and killed at random',
    jobs: [vitest('kills', '--config', 'test/kills/vitest.config.ts')],
  },
]);

/** Before the build, as it leaves another one behind. @type {Stage} */
const packing = { name: 'package', what: 'VSIX within its budget', jobs: [oneCheck('package')], alone: true };

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
  { name: 'web', what: 'suite, web-worker extension host', jobs: suite('web'), inVscode: true },
  { name: 'node', what: 'suite, Node extension host', jobs: suite('node'), inVscode: true },
  {
    name: 'minimum',
    what: 'suite, oldest VS Code',
    // what it says by itself is the same as in the newest
    jobs: suite('node', '--minimum', '--surface'),
    inVscode: true,
  },
  {
    name: 'static',
    what: 'suite, no server, as on vscode.dev',
    jobs: suite('static', '--surface'),
    inVscode: true,
  },
  { name: 'ui', what: 'real clicks, working tree', jobs: ui(unpackaged), inVscode: true },
  {
    name: 'ui-vsix',
    what: 'real clicks, installed VSIX',
    jobs: ui(packaged, ['--vsix', packageFile()]),
    inVscode: true,
  },
  {
    name: 'pages',
    what: 'a side view in a page of its own, every state and theme',
    jobs: [counted('test/support/webviewPage/training.mjs')],
    inVscode: true,
  },
]);

/** Where the VS Code server does not run: a downloaded desktop VS Code. */
const onDesktop = /** @type {Stage[]} */ ([
  { name: 'desktop', what: 'suite, desktop VS Code', jobs: suite('desktop') },
]);

export const stages = [packing, ...plain, ...(serverRunsHere ? inServer : onDesktop)];
