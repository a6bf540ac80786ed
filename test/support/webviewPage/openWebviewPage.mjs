// Opens one webview of the product in a browser page without VS Code, in a theme, served by a host made for tests.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { root } from '../../../scripts/setup/command.mjs';
import { openBrowser } from '../openBrowser.mjs';

/** @typedef {'dark' | 'light' | 'highContrast'} ThemeName */
/** @typedef {Record<ThemeName, { class: string, colours: Record<string, string> }>} Themes */

/** The values of VS Code's own themes, as it gives them to webviews. */
const themes = /** @type {Themes} */ (
  JSON.parse(readFileSync(path.join(root, 'test/support/webviewPage/themes.json'), 'utf8'))
);

/** What VS Code's own style sheet says about every webview, in the layer below all others. */
const defaults = `@layer vscode-default {
  body { padding: 0 20px; margin: 0; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
  kbd, code { background: var(--vscode-textPreformat-background); }
}`;

/**
 * @param {string} entry
 * @returns {Promise<{ script: string, style: string }>}
 */
async function bundle(entry) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: 'out',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  });
  const text = (/** @type {string} */ end) =>
    outputFiles.find(({ path: file }) => file.endsWith(end))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

/**
 * A browser in which webviews can be opened.
 *
 * @param {{ webview: string, host: string }} entries Paths from the repository's root: the webview's entry and its host's.
 */
export async function openWebviewPages({ webview, host }) {
  const [page, server] = await Promise.all([bundle(webview), bundle(host)]);
  const browser = await openBrowser();
  return {
    /**
     * @param {{ theme?: ThemeName, width?: number, height?: number }} [options]
     * @returns {Promise<{ page: import('playwright-core').Page, errors: string[] }>} `errors` collects what the page throws.
     */
    async open({ theme = 'dark', width = 300, height = 1000 } = {}) {
      const opened = await browser.context.newPage();
      /** @type {string[]} */
      const errors = [];
      opened.on('pageerror', (error) => errors.push(error.message));
      await opened.setViewportSize({ width, height });
      await opened.setContent(htmlOf(themes[theme], page.style, [server.script, page.script]));
      return { page: opened, errors };
    },
    close: () => browser.close(),
  };
}

/**
 * @param {Themes[ThemeName]} theme
 * @param {string} style
 * @param {readonly string[]} scripts Run in this order, before the page counts as loaded, as VS Code's are.
 */
function htmlOf({ class: name, colours }, style, scripts) {
  const variables = Object.entries({
    ...colours,
    'font-family': '"Liberation Sans", system-ui, sans-serif',
    'font-size': '13px',
    'editor-font-family': '"DejaVu Sans Mono", monospace',
  }).map(([key, value]) => `--vscode-${key}: ${value};`);
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><style>:root { ${variables.join(' ')} }
${defaults}</style><style>${style}</style></head><body class="${name}">${scripts
    .map((script) => `<script>${script.replaceAll('</script', '<\\/script')}</script>`)
    .join('')}</body></html>`;
}
