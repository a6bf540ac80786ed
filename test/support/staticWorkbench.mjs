// Serves the workbench as a plain web page, like vscode.dev: no VS Code server, every extension in a web worker, each webview on an origin of its own.
import { createReadStream, promises as fs } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { root } from '../../scripts/setup/command.mjs';
import { quietSettings } from '../../scripts/vscode/startServer.mjs';
import { serveWorkspace } from './loopbackFs/serveWorkspace.mjs';

const types = /** @type {Record<string, string>} */ ({
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.png': 'image/png',
});

/**
 * @param {{ vscode: import('../../scripts/setup/vscodeServer.mjs').VscodeServer, workspace: string, tests?: boolean }} options
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startStaticWorkbench({ vscode, workspace, tests = true }) {
  const mounts = /** @type {const} */ ([
    ['/build/', vscode.server],
    ['/extension/', root],
    ['/loopback-fs/', path.join(root, 'dist/test/loopbackFs')],
  ]);
  const workbench = path.join(vscode.server, 'out/vs/code/browser/workbench/workbench.js');
  const script = withoutServer(await fs.readFile(workbench, 'utf8'));
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const name = decodeURIComponent(url.pathname);
    response.setHeader('access-control-allow-origin', '*');
    if (name === '/') {
      response.setHeader('content-type', 'text/html').end(pageFor(request.headers.host ?? '', tests));
      return;
    }
    if (name.startsWith('/workspace/')) {
      await serveWorkspace(workspace, name.slice('/workspace'.length), url, request, response);
      return;
    }
    const mount = mounts.find(([prefix]) => name.startsWith(prefix));
    const file = mount ? path.join(mount[1], name.slice(mount[0].length)) : undefined;
    const isFile = file && (await fs.stat(file).catch(() => undefined))?.isFile();
    if (!isFile) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
    if (file === workbench) {
      response.end(script);
    } else {
      createReadStream(file).pipe(response);
    }
  });
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) =>
    server.listen(0, '127.0.0.1', resolve),
  );
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    // localhost, not 127.0.0.1: its sub-domains give each webview an origin of its own
    url: `http://localhost:${port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * The client of code-server always takes the page's host as a remote and keeps user data there; this undoes both.
 * @param {string} script
 */
function withoutServer(script) {
  return [
    /** @type {const} */ ([',remoteAuthority:location.host}', '}']),
    /** @type {const} */ ([
      /\.with\(\{scheme:\w+\.vscodeRemote\}\),"User"\)/,
      '.with({scheme:"vscode-userdata"}),"User")',
    ]),
  ].reduce((text, [from, to]) => {
    const changed = text.replace(from, to);
    if (changed === text) {
      throw new Error(`The workbench script has changed: nothing matches ${from}.`);
    }
    return changed;
  }, script);
}

/**
 * @param {string} host Host and port of the page.
 * @param {boolean} tests
 */
function pageFor(host, tests) {
  const at = (/** @type {string} */ name) => ({ scheme: 'http', authority: host, path: name });
  const config = {
    productConfiguration: {
      enableTelemetry: false,
      webEndpointUrlTemplate: `http://{{uuid}}.${host}/build`,
      webviewContentExternalBaseUrlTemplate: `http://{{uuid}}.${host}/build/out/vs/workbench/contrib/webview/browser/pre/`,
    },
    additionalBuiltinExtensions: [at('/loopback-fs')],
    developmentOptions: {
      extensions: [at('/extension')],
      ...(tests ? { extensionTestsPath: at('/extension/dist/test/index.web.js') } : {}),
    },
    configurationDefaults: quietSettings,
    folderUri: { scheme: 'loopback', authority: host, path: '/' },
    // the client of code-server insists on these
    userDataPath: '/',
    isEnabledFileDownloads: true,
    isEnabledFileUploads: true,
    isEnabledCoderGettingStarted: false,
  };
  const settings = JSON.stringify(config).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8">
    <meta id="vscode-workbench-web-configuration" data-settings="${settings}">
    <meta id="vscode-workbench-web-base-url" data-settings="/build">
    <link rel="stylesheet" href="/build/out/vs/code/browser/workbench/workbench.css">
  </head>
  <body aria-label=""></body>
  <script>globalThis._VSCODE_FILE_ROOT = location.origin + '/build/out/';</script>
  <script type="module" src="/build/out/nls.messages.js"></script>
  <script type="module" src="/build/out/vs/code/browser/workbench/workbench.js"></script>
</html>`;
}
