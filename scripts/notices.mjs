// Writes the licences of every package whose code is inside a bundle: what is shipped must carry them.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './setup/command.mjs';

/**
 * @param {readonly string[]} inputs Files that went into the bundles, relative to the project, as esbuild lists them.
 * @param {string} file Where the notices go.
 */
export function writeNotices(inputs, file) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const notices = [...folders].sort().map(noticeOf);
  writeFileSync(file, `The extension contains these packages.\n\n${notices.join('\n')}`);
}

/**
 * @param {string} input
 * @returns {string | undefined} Undefined for the project's own files.
 */
function packageFolder(input) {
  return /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input.replaceAll('\\', '/'))?.[0];
}

/** @param {string} folder */
function noticeOf(folder) {
  const place = path.join(root, folder);
  const { name, version, license, author } = JSON.parse(
    readFileSync(path.join(place, 'package.json'), 'utf8'),
  );
  const by = typeof author === 'object' ? author.name : author;
  const texts = readdirSync(place)
    .filter((entry) => /^(licen[cs]e|notice|copyright)/i.test(entry))
    .map((entry) => readFileSync(path.join(place, entry), 'utf8').trim());
  const head = `${name} ${version}${by ? `, by ${by}` : ''}: ${license}`;
  return [`${'='.repeat(80)}\n${head}`, ...texts, ''].join('\n\n');
}
