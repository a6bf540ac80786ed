// Serves the page of bench/translate.ts and what it loads, on this machine only: both programs, the runtime of each, the model.
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import * as esbuild from 'esbuild';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Where transformers.js was installed, see scripts/setup/transformersJs.mjs. */
export const clientModules = '.cache/client/node_modules';

/** Folders that are served as they are. */
const folders: Readonly<Record<string, string>> = {
  '/dist/': 'dist',
  '/models/': 'models',
  '/theirs/': path.join(clientModules, 'onnxruntime-web/dist'),
};

async function bundle(entry: string, format: 'iife' | 'esm'): Promise<Buffer> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    platform: 'browser',
    target: 'es2022',
    // The runtime of transformers.js then loads its WASM from the folder that it is told.
    conditions: ['onnxruntime-web-use-extern-wasm'],
    logLevel: 'error',
  });
  return Buffer.from(outputFiles[0].contents);
}

/** @returns The server and its address, to be closed by the caller. */
export async function serveBench(): Promise<{ readonly server: Server; readonly address: string }> {
  const made = new Map<string, Buffer>([
    ['/', Buffer.from('<!doctype html><meta charset="utf8"><script src="/page.js"></script>')],
    ['/page.js', await bundle('bench/translatePage.ts', 'iife')],
    ['/transformersWorker.js', await bundle('bench/transformersWorker.ts', 'iife')],
    [
      '/transformers.js',
      await bundle(path.join(clientModules, '@huggingface/transformers/dist/transformers.web.js'), 'esm'),
    ],
  ]);
  const read = (url: string): Buffer | undefined => {
    const [prefix, folder] = Object.entries(folders).find(([start]) => url.startsWith(start)) ?? [];
    if (prefix === undefined || folder === undefined || url.includes('..')) {
      return undefined;
    }
    try {
      return readFileSync(path.join(folder, url.slice(prefix.length)));
    } catch {
      // Loaders ask for files that a model need not have.
      return undefined;
    }
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const content = made.get(pathname) ?? read(pathname);
    const type = types[pathname === '/' ? '.html' : path.extname(pathname)] ?? 'application/octet-stream';
    response.writeHead(content ? 200 : 404, { 'content-type': type }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
