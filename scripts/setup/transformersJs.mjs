// Installs transformers.js from npm into .cache for the tests that compare with it. No install script runs: what these fetch (CUDA) is not needed.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cache, npm, root } from './command.mjs';

const source = path.join(root, 'test/client');
const target = path.join(cache, 'client');

/** What vitest calls before the tests: a no-op when the locked versions are installed already. */
export async function setup() {
  const stamp = path.join(target, 'installed');
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(source, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  console.log('Installing transformers.js (once) ...');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(path.join(source, file), path.join(target, file));
  }
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: target });
  writeFileSync(stamp, wanted);
}
