// Makes the VSIX: `npm run package [-- --target linux-x64]`. Without a target it is universal and WASM serves Node hosts; with one it carries webgpu.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './setup/dependencies.mjs';
import { root, run } from './setup/command.mjs';

/** Megabytes that the package may have (DESIGN: numbers to reach). */
const budgets = { universal: 60, platform: 100 };

/** The folder of webgpu's native code for each target of vsce that it supports. */
const webgpuFolders = /** @type {Record<string, string>} */ ({
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-universal',
  'darwin-arm64': 'darwin-universal',
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
});

/**
 * Where the package of a target is put.
 * @param {string} [target]
 */
export function packageFile(target) {
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return path.join(root, 'out', `${name}-${version}${target ? `-${target}` : ''}.vsix`);
}

/**
 * Builds for production and packs.
 * @param {string | undefined} target A platform of vsce, or undefined for the universal package.
 * @param {{ quiet?: boolean }} [options] `quiet` shows what the steps print only when one fails.
 * @returns {Promise<string>} The VSIX.
 * @throws Error when a step fails or the package is over its budget.
 */
export async function makePackage(target, { quiet = false } = {}) {
  const must = (/** @type {string[]} */ ...args) => runNode(args, quiet);
  if (target && !webgpuFolders[target]) {
    const known = Object.keys(webgpuFolders).join(', ');
    throw new Error(
      `There is no webgpu for ${target}. Use one of ${known}, or no target for the universal package.`,
    );
  }
  const file = packageFile(target);
  // first, so that no older package can pass for this one when a step fails
  rmSync(file, { force: true });
  await must('esbuild.mjs', '--production');
  if (target) {
    addWebgpu(webgpuFolders[target]);
  }
  mkdirSync(path.dirname(file), { recursive: true });
  await must(
    path.join(root, 'node_modules/@vscode/vsce/vsce'),
    'package',
    ...['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--skip-license'],
    ...['--out', file],
    ...(target ? ['--target', target] : []),
  );
  const megabytes = statSync(file).size / 1e6;
  const budget = target ? budgets.platform : budgets.universal;
  console.log(`${path.relative(root, file)}: ${megabytes.toFixed(1)} MB (budget ${budget} MB)`);
  if (megabytes > budget) {
    throw new Error(`The package has ${megabytes.toFixed(1)} MB, more than its budget of ${budget} MB.`);
  }
  return file;
}

/**
 * The webgpu package with the native code of one platform, where the engine bundle finds it.
 * @param {string} folder
 */
function addWebgpu(folder) {
  const from = path.join(root, 'node_modules/webgpu');
  const to = path.join(root, 'dist/node_modules/webgpu');
  const native = path.join('dist', folder);
  if (!existsSync(path.join(from, native))) {
    throw new Error('The package webgpu is not installed: run `npm ci --ignore-scripts` and try again.');
  }
  for (const part of ['package.json', 'index.js', 'LICENSE.md', native]) {
    cpSync(path.join(from, part), path.join(to, part), { recursive: true });
  }
}

/**
 * @param {readonly string[]} args
 * @param {boolean} quiet
 */
async function runNode(args, quiet) {
  const { code, output } = await run(process.execPath, args, { quiet });
  if (code !== 0) {
    throw new Error(`${path.basename(args[0])} failed (exit code ${code}).${quiet ? `\n${output}` : ''}`);
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === path.join(root, 'scripts/package.mjs')) {
  const { values } = parseArgs({ options: { target: { type: 'string' } } });
  await ensureDependencies();
  await makePackage(values.target);
}
