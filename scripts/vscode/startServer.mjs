// Starts the VS Code server on the loopback interface with a profile folder of its own; opens no browser.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root, run } from '../setup/command.mjs';

/** Settings that keep the workbench quiet and off the network. */
export const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
};

/**
 * @typedef {object} ServerOptions
 * @property {import('../setup/vscodeServer.mjs').VscodeServer} vscode What to start.
 * @property {string} profile Folder for settings, state and installed extensions.
 * @property {Record<string, unknown>} [settings] User settings, added to the quiet ones; an existing file is kept.
 * @property {string} [vsix] A packaged extension to install first, as a user would.
 * @property {number} [port] 0, the default, takes any free one.
 * @property {string} [token] Secret that the URL must carry; none when undefined.
 * @property {boolean} [automation] Lets the page load an extension under development and its tests.
 * @property {NodeJS.ProcessEnv} [env]
 */

/** @typedef {{ port: number, log: () => string, stop: () => Promise<void>, ended: Promise<void> }} RunningServer */

/**
 * @param {ServerOptions} options
 * @returns {Promise<RunningServer>}
 * @throws Error with the server's output when it ends early or does not listen within a minute.
 */
export async function startServer({
  vscode,
  profile,
  settings,
  vsix,
  port = 0,
  token,
  automation = false,
  env,
}) {
  writeSettings(profile, settings);
  const environment = {
    ...cleanEnvironment(),
    HOME: folder(path.join(profile, 'home')),
    TMPDIR: folder(path.join(profile, 'tmp')),
    XDG_RUNTIME_DIR: path.join(profile, 'tmp'),
    EXTENSIONS_GALLERY: '{}', // no look-ups at an extension gallery
    ...env,
  };
  const base = [
    path.join(vscode.server, 'out/server-main.js'),
    '--accept-server-license-terms',
    ...['--server-data-dir', profile, '--extensions-dir', path.join(profile, 'extensions')],
  ];
  if (vsix) {
    const { code, output } = await run(vscode.node, [...base, '--install-extension', vsix, '--force'], {
      quiet: true,
      env: environment,
    });
    if (code !== 0) {
      throw new Error(`${path.basename(vsix)} could not be installed:\n${output}`);
    }
  }
  const child = spawn(
    vscode.node,
    [
      ...base,
      ...['--host', '127.0.0.1', '--port', String(port), '--telemetry-level', 'off'],
      ...(token ? ['--connection-token', token] : ['--without-connection-token']),
      ...['--disable-telemetry', '--disable-experiments', '--disable-workspace-trust'],
      // without this the built workbench ignores extensionDevelopmentPath and extensionTestsPath in the URL
      ...(automation ? ['--enable-smoke-test-driver'] : []),
      ...(automation ? ['--reconnection-grace-time', '1'] : []),
    ],
    // a process group of its own: the extension host must go down with the server
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: environment },
  );
  const stopNow = () => killGroup(child.pid);
  process.once('exit', stopNow);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('close', () => resolve()));
  let log = '';
  const listening = new Promise((/** @type {(port: number) => void} */ resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the VS Code server did not start:\n${log}`)), 60_000);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        log += text;
        const match = /Extension host agent listening on (\d+)/.exec(log);
        if (match) {
          clearTimeout(timer);
          resolve(Number(match[1]));
        }
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the VS Code server ended with ${code}:\n${log}`)));
  });
  const stop = async () => {
    process.off('exit', stopNow);
    stopNow();
    await ended;
  };
  try {
    return { port: await listening, log: () => log, stop, ended };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The URL of the workbench of a server.
 * @param {number} port
 * @param {{ folder: string, token?: string, payload?: readonly (readonly [string, string])[] }} options `payload` is what
 *   VS Code calls the pairs that stand for command-line options.
 */
export function workbenchUrl(port, { folder: open, token, payload = [] }) {
  const url = new URL(`http://127.0.0.1:${port}/`);
  if (token) {
    url.searchParams.set('tkn', token);
  }
  url.searchParams.set('folder', open);
  if (payload.length > 0) {
    url.searchParams.set('payload', JSON.stringify(payload));
  }
  return url.href;
}

/**
 * The URI of a file as the workbench of a server names it: the client takes host and port of the page as the authority.
 * @param {number} port
 * @param {string} file
 */
export function remoteUri(port, file) {
  return `vscode-remote://127.0.0.1:${port}${file}`;
}

/**
 * @param {string} profile
 * @param {Record<string, unknown>} settings
 */
function writeSettings(profile, settings = {}) {
  const file = path.join(folder(path.join(profile, 'data/User')), 'settings.json');
  if (!existsSync(file)) {
    writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, undefined, 2));
  }
}

/**
 * Makes a folder and returns it.
 * @param {string} name
 */
function folder(name) {
  mkdirSync(name, { recursive: true });
  return name;
}

/** The environment without what a surrounding VS Code or npm leaves there. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|npm_)/.test(name)));
}

/** @param {number | undefined} pid */
function killGroup(pid) {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') {
      throw error;
    }
  }
}
