// Bundles and runs a measurement: `npm run bench [-- NAME]`, NAME being a file of this folder; default: explore.
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const folder = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(folder);
if (!existsSync(path.join(root, 'dist/engine.js'))) {
  console.error('dist/engine.js is missing: run `npm run build` first.');
  process.exit(1);
}
const [name = 'explore', ...rest] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (rest.length > 0) {
  console.error(`One measurement at a time: ${[name, ...rest].join(', ')}.`);
  process.exit(1);
}
// Inside the project, so that the packages that stay outside the bundle are found.
const outfile = path.join(root, 'node_modules/.cache/bench', `${name}.mjs`);
await esbuild.build({
  entryPoints: [path.join(folder, `${name}.ts`)],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
});
process.chdir(root);
await import(pathToFileURL(outfile).href);
