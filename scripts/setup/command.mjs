// Runs other programs: npm wherever it is installed, and commands whose output is shown, kept or both.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Where everything that is fetched for tests and for `npm start` lives; ignored by git, safe to delete. */
export const cache = path.join(root, '.cache');

/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean, label?: string, timeoutMs?: number }} RunOptions */

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options] `quiet` keeps the output without showing it; `label` begins every line that is shown,
 *   where programs run side by side; a program that outlives `timeoutMs` is told to end.
 * @returns {Promise<{ code: number, output: string }>} Exit code (127 when it cannot be started) and everything it printed.
 */
export function run(command, args, { cwd = root, env = {}, quiet = false, label, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const windowsScript = process.platform === 'win32' && /\.(cmd|bat)$/.test(command);
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: windowsScript,
      ...(timeoutMs ? { timeout: timeoutMs } : {}),
    });
    let output = '';
    for (const [stream, target] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      const show = quiet
        ? () => {}
        : label === undefined
          ? (/** @type {string} */ text) => target.write(text)
          : byLine(label, target);
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text;
        show(text);
      });
      stream.on('end', () => show(''));
    }
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    const started = Date.now();
    child.on('close', (code) => {
      if (timeoutMs && Date.now() - started >= timeoutMs) {
        console.log(`Stopped after ${Math.round(timeoutMs / 1000)} s: ${path.basename(args[0] ?? command)}`);
      }
      resolve({ code: code ?? 1, output });
    });
  });
}

/**
 * Shows what a program prints by whole lines, so that those of several do not mix.
 * @param {string} label
 * @param {NodeJS.WriteStream} target
 * @returns {(text: string) => void} Takes the next piece; an empty one ends the last line.
 */
function byLine(label, target) {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = text === '' ? '' : (lines.pop() ?? '');
    for (const line of lines) {
      if (line !== '') {
        target.write(`${label.padEnd(9)} ${line}\n`);
      }
    }
  };
}

/**
 * Runs npm with the same Node that runs this script.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNpm(args, options = {}) {
  // an outer `npm test --silent` must not hide the reason of an inner failure
  const settings = { ...options, env: { npm_config_loglevel: 'error', ...options.env } };
  const own = process.env.npm_execpath;
  const beside = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const script = own?.endsWith('npm-cli.js') ? own : existsSync(beside) ? beside : undefined;
  return script
    ? run(process.execPath, [script, ...args], settings)
    : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, settings);
}

/**
 * Runs npm in silence.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @throws Error with npm's output when it fails.
 */
export async function npm(args, options) {
  const { code, output } = await runNpm(args, { quiet: true, ...options });
  if (code !== 0) {
    throw new Error(`npm ${args.join(' ')} failed (exit code ${code}):\n${output.trim()}`);
  }
}

/**
 * The full path of a program on the search path.
 * @param {string} name Without the extension that Windows adds.
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      if (existsSync(file)) {
        return file;
      }
    }
  }
  return undefined;
}

/**
 * Whether a program starts and ends well, e.g. `works('chromium', ['--version'])`.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

/**
 * Makes an interrupted program end through `process.exit`, so that what it started is stopped by its exit listeners.
 * @param {number} code
 */
export function exitOnSignals(code) {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => process.exit(code));
  }
}
