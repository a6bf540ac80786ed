// Finds a Chromium-based browser for the tests, or gets one: installed, else playwright's download, else Debian's package.
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { cache, findProgram, root, run, works } from './command.mjs';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
];

/** Where browsers are that are not on the search path. */
const places = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((variable) =>
    ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((file) =>
      path.join(process.env[variable] ?? '', file),
    ),
  ),
};

const downloads = path.join(cache, 'browsers');

/** @returns {string | undefined} */
function installedBrowser() {
  const extra = process.platform === 'darwin' || process.platform === 'win32' ? places[process.platform] : [];
  const found = [process.env.TEST_BROWSER, ...names.map(findProgram), ...extra];
  // `--version` opens a window on Windows, and proves little on macOS; on Linux it shows a snap stub or a missing library
  return found.find(
    (file) => file && existsSync(file) && (process.platform !== 'linux' || works(file, ['--version'])),
  );
}

/** @returns {Promise<string | undefined>} */
async function downloadedBrowser() {
  process.env.PLAYWRIGHT_BROWSERS_PATH = downloads;
  const { chromium } = await import('playwright-core');
  const file = chromium.executablePath();
  const usable = () => existsSync(file) && works(file, ['--version']);
  if (!usable()) {
    console.log("No Chrome, Chromium or Edge found: trying playwright's download ...");
    const { code, output } = await run(
      process.execPath,
      [path.join(root, 'node_modules/playwright-core/cli.js'), 'install', 'chromium', '--no-shell'],
      { quiet: true, env: { PLAYWRIGHT_BROWSERS_PATH: downloads }, timeoutMs: 300_000 },
    );
    if (code !== 0) {
      console.log(`It failed: ${output.trim().split('\n').at(-1) ?? ''}`);
    }
  }
  return usable() ? file : undefined;
}

/** @returns {Promise<string | undefined>} */
async function packagedBrowser() {
  if (!findProgram('apt-get') || process.getuid?.() !== 0) {
    return undefined;
  }
  console.log("Trying Debian's chromium package ...");
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { quiet: true, env });
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
    quiet: true,
    env,
  });
  return installedBrowser();
}

/**
 * The path of a browser that starts.
 * @throws Error that says what to install when there is none and none can be had.
 */
export async function ensureBrowser() {
  const file = installedBrowser() ?? (await downloadedBrowser()) ?? (await packagedBrowser());
  if (!file) {
    throw new Error(
      'The tests inside VS Code need Chrome, Chromium or Edge. Install one of them (Debian: apt-get install chromium) ' +
        'or set TEST_BROWSER to its program file, then run the tests again.',
    );
  }
  return file;
}
