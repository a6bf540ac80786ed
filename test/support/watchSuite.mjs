// Loads a workbench page that runs the suites, shows what they print, and returns their result.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { root } from '../../scripts/setup/command.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number, ms: number, failures: { title: string, message: string }[] }} SuiteResult */

/** The workbench's own chatter; console output of the extension host arrives on the same channel. */
const noise = [
  /Could not locate the bindings file|native-watchdog|vscode-test-web-support|ENOPRO|gallery|github/i,
  /^(Resolv|Creating a socket|Ignoring|Found additional|Updating additional|Loading development|Request to)/,
  /\[(AgentHost|AccountPolicyGate|reconnection-grace|Service Worker|chat-stt)/,
  /^(Canceled: Canceled|No search provider|Creation of workbench|ChatSessionStore|Error: .*\d+ tests failed)/,
  /^(Extension Host|LocalWebWorkerExtensionHost|%c?\s*(INFO|TRACE|DEBUG))/,
];

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 * @param {{ timeoutMs?: number, verbose?: boolean }} [options]
 * @returns {Promise<SuiteResult>}
 * @throws Error when the workbench does not report an end in time; a screenshot is then in out/shots.
 */
export async function watchSuite(context, url, { timeoutMs = 1_200_000, verbose = false } = {}) {
  const page = await context.newPage();
  /** @type {SuiteResult | undefined} */
  let result;
  /** @type {Promise<'ended'>} */
  const ended = new Promise((resolve) => {
    void page.exposeFunction('codeAutomationExit', () => resolve('ended'));
  });
  await page.exposeFunction(
    'codeAutomationLog',
    (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
      const line = format(...args.map((arg) => (typeof arg === 'string' ? arg.replaceAll('%c', '') : arg)));
      const match = /\[suite-result\] (\{.*\})/s.exec(line);
      if (match) {
        result = JSON.parse(match[1]);
      } else if (verbose || !noise.some((pattern) => pattern.test(line))) {
        console.log(`  ${type === 'error' ? '! ' : ''}${line}`);
      }
    },
  );
  page.on('pageerror', (error) => console.log(`  ! page: ${error.message}`));
  if (verbose) {
    page.on('console', (message) => console.log(`  > ${message.text()}`));
  }
  await page.goto(url);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<'timeout'>} */
  const timeout = new Promise((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs);
  });
  const how = await Promise.race([ended, timeout]);
  clearTimeout(timer);
  if (how === 'timeout' || !result) {
    const shot = path.join(root, 'out/shots/suite-stuck.png');
    mkdirSync(path.dirname(shot), { recursive: true });
    await page.screenshot({ path: shot });
    const why = how === 'timeout' ? `did not end within ${timeoutMs / 1000} s` : 'ended without a result';
    throw new Error(`The suite ${why}; see ${path.relative(root, shot)}.`);
  }
  return result;
}
