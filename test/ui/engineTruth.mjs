// A run of the engine beside VS Code, with every question that the panel may ask: a second way to the same numbers.
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from '../../scripts/setup/command.mjs';

/** @typedef {import('../../src/engine/explorerEngine').ExplorerEngine} Engine */
/** @typedef {import('../../src/shared/trace').TraceSummary} TraceSummary */

/** The engine as the build bundles it; its types are those of the sources. */
const { DEFAULT_DECODING, ExplorerEngine, nodePlatform, readModelFiles } =
  /** @type {typeof import('../support/engine')} */ (
    createRequire(import.meta.url)(path.join(root, 'dist/test/engine.js'))
  );

export { DEFAULT_DECODING };

/** Engines with a model loaded, by its folder: loading takes longer than what is asked. @type {Map<string, Promise<Loaded>>} */
const engines = new Map();

/** @typedef {{ engine: Engine, translates: boolean }} Loaded */

/**
 * @param {string} model
 * @returns {Promise<Loaded>}
 */
async function load(model) {
  const engine = new ExplorerEngine(nodePlatform(path.join(root, 'dist/ort'), true));
  await engine.start({ backend: 'wasm', threads: 1, traceBytes: 1e9 });
  const { name, files } = readModelFiles(path.join(root, model));
  const { summary } = await engine.loadModel({ id: 'model', name, files });
  return { engine, translates: summary.family === 'encoder-decoder' };
}

/**
 * Explores texts and hands the run to `ask`.
 * @template T
 * @param {readonly string[]} texts
 * @param {(engine: Engine, trace: TraceSummary) => Promise<T>} ask
 * @param {{ model?: string, language?: string }} [options] A shipped model's folder, by default the translator.
 * @returns {Promise<T>}
 */
export async function askEngine(
  texts,
  ask,
  { model = 'models/translate-en-de-fr-zh', language = 'de' } = {},
) {
  const loaded = engines.get(model) ?? load(model);
  engines.set(model, loaded);
  const { engine, translates } = await loaded;
  const trace = await engine.explore({
    model: 'model',
    texts,
    ...(translates && { decoder: { from: 'translation', language } }),
  });
  return ask(engine, trace);
}
