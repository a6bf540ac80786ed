// What the panel must show, from the headless engine: a second way to the same numbers.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/setup/command.mjs';

/** @typedef {{ label: string, start: number, end: number, word: number }} Token */
/** @typedef {{ name: string, heads: number, weights: number[][][][] }} Attention `weights[batch][head][query][key]` */
/** @typedef {{ encoder: { tokens: Token[] }[], decoder: { text: string, tokens: Token[] }[], attentions: Attention[] }} Truth */

/**
 * Explores a text.
 * @param {string} text
 * @param {{ model?: string, language?: string }} [options] A shipped model's folder, by default the translator with the
 *   language that it translates into.
 * @returns {Truth}
 */
export function truthOf(text, { model: folder, language = 'de' } = {}) {
  const args = ['--text', text, ...(folder ? [] : ['--to', language])];
  const model = path.join(root, folder ?? 'models/translate-en-de-fr-zh');
  const output = execFileSync(
    process.execPath,
    [path.join(root, 'dist/cli.js'), 'explore', '--model', model, ...args],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  return JSON.parse(output);
}

/**
 * @param {Truth} truth
 * @param {string} name E.g. `encoder.0.self`.
 * @param {number} head From 0.
 * @returns {number[][]} Weights by query.
 */
export function headOf({ attentions }, name, head) {
  const found = attentions.find((attention) => attention.name === name);
  if (!found) {
    throw new Error(`The engine knows no attention ${name}.`);
  }
  return found.weights[0][head];
}
