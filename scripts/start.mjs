// `npm start`: installs, builds and opens the extension on samples/ in a real VS Code. Needs Node's own modules only until the packages are there.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { cache, exitOnSignals, findProgram, root, run, runNpm } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureVscodeServer, serverRunsHere } from './setup/vscodeServer.mjs';
import { remoteUri, startServer, workbenchUrl } from './vscode/startServer.mjs';

const samples = path.join(root, 'samples');
const firstFile = path.join(samples, 'first-steps.md');

/** The same port each time, as long as it is free: the browser keeps the workbench's state by it. */
const PORT = 8450;

/** The oldest VS Code that package.json allows, as [major, minor]. */
function minimumVersion() {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return engines.vscode.replace('^', '').split('.').map(Number);
}

/** The desktop `code`, when it is there and new enough. @returns {Promise<string | undefined>} */
async function desktopCode() {
  const code = findProgram('code');
  // in a terminal of a remote window `code` only talks to that window and cannot load an extension from a folder
  if (!code || process.env.VSCODE_IPC_HOOK_CLI) {
    return undefined;
  }
  const { output } = await run(code, ['--version'], { quiet: true, timeoutMs: 30_000 });
  const [major, minor] = (/^(\d+)\.(\d+)\./m.exec(output) ?? []).slice(1).map(Number);
  const [wantMajor, wantMinor] = minimumVersion();
  if (!(major > wantMajor || (major === wantMajor && minor >= wantMinor))) {
    console.log(`The installed VS Code (${output.split('\n')[0] || 'no version'}) is too old or not usable.`);
    return undefined;
  }
  return code;
}

/** @param {string} code */
async function openDesktop(code) {
  console.log('Opening VS Code on samples/ ...');
  const { code: exit } = await run(code, [
    ...['--new-window', '--disable-workspace-trust', `--extensionDevelopmentPath=${root}`],
    ...[samples, firstFile],
  ]);
  return exit;
}

/** The VS Code server in the browser, with the extension installed from its package as a user would. */
async function openInBrowser() {
  const vscode = await ensureVscodeServer('current');
  const vsix = await ensurePackage('linux-x64');
  const profile = path.join(cache, 'profile');
  const token = ensureToken(profile);
  const server = await startServer({
    vscode,
    profile,
    vsix,
    token,
    port: (await isFree(PORT)) ? PORT : 0,
    settings: { 'window.commandCenter': false },
  });
  const url = workbenchUrl(server.port, {
    folder: samples,
    token,
    payload: [['openFile', remoteUri(server.port, firstFile)]],
  });
  console.log(
    `\n${vscode.name} is running with the extension. Open this address (Ctrl+C ends it):\n\n  ${url}\n`,
  );
  openUrl(url);
  await server.ended;
}

/**
 * Whether nothing listens on a port. The server itself would wait in silence.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/**
 * The package, made again when a source is newer.
 * @param {string} target
 */
async function ensurePackage(target) {
  const { makePackage, packageFile } = await import('./package.mjs');
  const file = packageFile(target);
  const sources = [
    'src',
    'webview',
    'models',
    'media',
    'l10n',
    'package.json',
    'package-lock.json',
    'esbuild.mjs',
  ];
  const newest = Math.max(...sources.map((name) => newestIn(path.join(root, name))));
  if (existsSync(file) && statSync(file).mtimeMs > newest) {
    return file;
  }
  console.log('Building the extension ...');
  return makePackage(target, { quiet: true });
}

/**
 * When the newest file in a folder, or the file itself, was changed; 0 when there is none.
 * @param {string} name
 * @returns {number}
 */
function newestIn(name) {
  const stat = statSync(name, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    return stat?.mtimeMs ?? 0;
  }
  return Math.max(stat.mtimeMs, ...readdirSync(name).map((entry) => newestIn(path.join(name, entry))));
}

/**
 * The secret in the address: without it any other page on this machine could use the server. Kept, so that a bookmark works.
 * @param {string} profile
 */
function ensureToken(profile) {
  const file = path.join(profile, 'connection-token');
  if (!existsSync(file)) {
    mkdirSync(profile, { recursive: true });
    writeFileSync(file, randomBytes(16).toString('hex'), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
}

/**
 * Opens the address where there is a desktop; elsewhere the printed one must do.
 * @param {string} url
 */
function openUrl(url) {
  const opener = process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? findProgram('xdg-open') : undefined;
  if (opener) {
    const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
    child.on('error', (error) => console.log(`No browser could be opened: ${error.message}`));
    child.unref();
  }
}

exitOnSignals(0);
await ensureDependencies();
const code = await desktopCode();
if (code) {
  const { code: failed } = await runNpm(['run', '--silent', 'build']);
  process.exitCode = failed || (await openDesktop(code));
} else if (serverRunsHere) {
  await openInBrowser();
} else {
  console.error(
    'npm start needs desktop VS Code on this machine: install it, make sure that `code` is on the search path ' +
      '("Shell Command: Install \'code\' command in PATH"), and run npm start again.',
  );
  process.exitCode = 1;
}
