// Builds everything that runs into dist/: extension, engine, webviews, command line and the VS Code test suites. Types are checked by `npm run types`, not here.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { writeNotices } from './scripts/notices.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');
const ortDist = path.join(root, 'node_modules/onnxruntime-web/dist');

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
};
/** @type {esbuild.BuildOptions} */
const node = { ...common, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode', 'webgpu'] };
/** @type {esbuild.BuildOptions} */
const browser = { ...common, platform: 'browser', target: 'es2022', external: ['vscode'] };

/**
 * onnxruntime-web for Node as CommonJS: its ES module reads `import.meta.url`, which does not exist in a CommonJS bundle.
 * @type {esbuild.Plugin}
 */
const ortForNode = {
  name: 'ort-for-node',
  setup(build) {
    build.onResolve({ filter: /^onnxruntime-web$/ }, () => ({ path: path.join(ortDist, 'ort.node.min.js') }));
    build.onResolve({ filter: /^onnxruntime-web\/webgpu$/ }, () => ({
      path: path.join(ortDist, 'ort.webgpu.mjs'),
    }));
    // The WebGPU build takes itself to be in a browser and would fetch its files; in Node it must import them.
    build.onLoad({ filter: /ort\.webgpu\.mjs$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      const contents = source
        .replace('isNode = false;', 'isNode = true;')
        .replaceAll('import.meta.url', 'undefined');
      if (!contents.includes('isNode = true;')) {
        throw new Error(`${file} has changed: look for where it decides whether it is in Node.`);
      }
      return { contents, loader: 'js' };
    });
  },
};

/**
 * `import('all-suites')` in a test entry stands for every test/vscode/*.test.ts: found by glob, never by list.
 * @type {esbuild.Plugin}
 */
const allSuites = {
  name: 'all-suites',
  setup(build) {
    const folder = path.join(root, 'test/vscode');
    build.onResolve({ filter: /^all-suites$/ }, () => ({ path: 'all-suites', namespace: 'all-suites' }));
    build.onLoad({ filter: /.*/, namespace: 'all-suites' }, () => {
      const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
      return {
        contents: files.map((name) => `import './${name}';`).join('\n'),
        resolveDir: folder,
        watchDirs: [folder],
      };
    });
  },
};

/**
 * Every program of the product, by output file.
 * @type {Record<string, { entry: string, options: esbuild.BuildOptions }>}
 */
const programs = {
  'extension.js': { entry: 'src/extension.ts', options: node },
  'extension.web.js': {
    entry: 'src/extension.ts',
    options: { ...browser, format: 'cjs' },
  },
  'engine.js': { entry: 'src/engine/worker.node.ts', options: { ...node, plugins: [ortForNode] } },
  'engine.web.js': { entry: 'src/engine/worker.web.ts', options: { ...browser, format: 'iife' } },
  'cli.js': { entry: 'src/engine/cli/main.ts', options: { ...node, plugins: [ortForNode] } },
  'test/index.node.js': {
    entry: 'test/vscode/index.node.ts',
    options: { ...node, external: [...(node.external ?? []), 'mocha'], plugins: [allSuites] },
  },
  'test/index.web.js': {
    entry: 'test/vscode/index.web.ts',
    options: { ...browser, format: 'cjs', plugins: [allSuites], define: { global: 'globalThis' } },
  },
  'test/engine.js': { entry: 'test/support/engine.ts', options: { ...node, plugins: [ortForNode] } },
  'test/loopbackFs/extension.js': {
    entry: 'test/support/loopbackFs/extension.ts',
    options: { ...browser, format: 'cjs' },
  },
  ...webviewPrograms(),
};

/** One program per folder of webview/ that has an index.ts; the CSS it imports is written beside it. */
function webviewPrograms() {
  const folders = readdirSync(path.join(root, 'webview'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(root, 'webview', entry.name, 'index.ts')))
    .map((entry) => entry.name);
  return Object.fromEntries(
    folders.map((name) => [
      `webview/${name}.js`,
      {
        entry: `webview/${name}/index.ts`,
        options: /** @type {esbuild.BuildOptions} */ ({ ...browser, format: 'iife' }),
      },
    ]),
  );
}

/** The runtime's WASM builds and their loaders, as the engine finds them at run time. */
function copyRuntime() {
  const target = path.join(root, 'dist/ort');
  mkdirSync(target, { recursive: true });
  for (const build of ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify']) {
    for (const extension of ['mjs', 'wasm']) {
      cpSync(path.join(ortDist, `${build}.${extension}`), path.join(target, `${build}.${extension}`));
    }
  }
}

if (production) {
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
}
copyRuntime();
mkdirSync(path.join(root, 'dist/test/loopbackFs'), { recursive: true });
cpSync(
  path.join(root, 'test/support/loopbackFs/package.json'),
  path.join(root, 'dist/test/loopbackFs/package.json'),
);
const results = await Promise.all(
  Object.entries(programs).map(async ([file, { entry, options }]) => {
    const settings = { ...options, entryPoints: [entry], outfile: path.join('dist', file) };
    if (watch) {
      await (await esbuild.context({ ...settings, logLevel: 'info' })).watch();
      return undefined;
    }
    return esbuild.build({ ...settings, metafile: production && !file.startsWith('test/') });
  }),
);
if (production) {
  const inputs = results.flatMap((result) => Object.keys(result?.metafile?.inputs ?? {}));
  writeNotices(inputs, path.join(root, 'dist/THIRD-PARTY-NOTICES.txt'));
}
