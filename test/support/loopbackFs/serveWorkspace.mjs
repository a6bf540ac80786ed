// The server's half of the loopback file system: one folder over HTTP, to read and to write. No watching.
import { promises as fs } from 'node:fs';
import path from 'node:path';

/**
 * Answers one request: GET (a file, `?stat` or `?list`), PUT (a file, or `?folder`), DELETE, and POST `?to=` (rename).
 * @param {string} base The folder that is `/`.
 * @param {string} name Path inside it.
 * @param {URL} url
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
export async function serveWorkspace(base, name, url, request, response) {
  response.setHeader('access-control-allow-methods', 'GET, PUT, POST, DELETE');
  if (request.method === 'OPTIONS') {
    response.end();
    return;
  }
  // normalising an absolute path takes away what would lead out of the folder
  const place = (/** @type {string} */ inside) => path.join(base, path.posix.normalize(`/${inside}`));
  try {
    response.end(await answer(place(name), place, url.searchParams, request));
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    response.writeHead(code === 'ENOENT' ? 404 : 500).end(String(error));
  }
}

/**
 * @param {string} file
 * @param {(inside: string) => string} place
 * @param {URLSearchParams} query
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<string | Buffer>}
 */
async function answer(file, place, query, request) {
  switch (request.method) {
    case 'GET':
      if (query.has('stat')) {
        const stat = await fs.stat(file);
        return JSON.stringify({ folder: stat.isDirectory(), size: stat.size, changed: stat.mtimeMs });
      }
      if (query.has('list')) {
        const entries = await fs.readdir(file, { withFileTypes: true });
        return JSON.stringify(entries.map((entry) => [entry.name, entry.isDirectory()]));
      }
      return fs.readFile(file);
    case 'PUT':
      if (query.has('folder')) {
        await fs.mkdir(file, { recursive: true });
      } else {
        await fs.writeFile(file, request);
      }
      return '';
    case 'POST':
      await fs.rename(file, place(query.get('to') ?? ''));
      return '';
    case 'DELETE':
      await fs.rm(file, { recursive: true });
      return '';
    default:
      throw new Error(`no such method: ${request.method}`);
  }
}
