// One HTML file that is the explorer: its style, its scripts, a theme and a saved run, with nothing to be fetched.
import type { PageTheme } from '../shared/exporting';
import { pictureId } from '../shared/exporting';

/** Everything that goes into the file. */
export interface SavedPage {
  readonly title: string;
  /** BCP 47, for screen readers. */
  readonly language: string;
  readonly theme: PageTheme;
  /** The explorer's own style sheet and script. */
  readonly style: string;
  readonly script: string;
  /** The script that answers in place of VS Code and the engine. */
  readonly answers: string;
  /** JSON of the run. */
  readonly run: string;
  /** SVG of the views that are only shown as pictures, by their names. */
  readonly pictures: Readonly<Record<string, string>>;
}

/** Scripts and styles of the file itself and nothing else: no network, no frame, no form. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'unsafe-inline'`,
  `style-src 'unsafe-inline'`,
  `img-src data: blob:`,
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ');

/** The file in parts, in order: together they may be longer than the longest string. */
export function savedPageHtml(page: SavedPage): readonly string[] {
  const { theme } = page;
  const variables = Object.entries(theme.variables)
    .map(([name, value]) => `${name}:${value};`)
    .join('');
  const head = `<!DOCTYPE html>
<html lang="${attribute(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(page.title)}</title>
<style>
:root{${plainStyle(variables)}}
${plainStyle(page.style)}
</style>
</head>
<body class="${attribute(theme.bodyClass)}" data-kind="saved">
<script type="application/json" id="saved-run">`;
  return [
    head,
    plainJson(page.run),
    '</script>\n',
    ...Object.entries(page.pictures).map(
      ([view, svg]) => `<template id="${attribute(pictureId(view))}">${svg}</template>\n`,
    ),
    '<script>',
    plainScript(page.answers),
    '</script>\n<script>',
    plainScript(page.script),
    '</script>\n</body>\n</html>\n',
  ];
}

/** The file as bytes in UTF-8. */
export function htmlBytes(parts: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoded = parts.map((part) => new TextEncoder().encode(part));
  const bytes = new Uint8Array(encoded.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of encoded) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** JSON in which nothing can end or change the element that it stands in. */
function plainJson(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

/** A script in which nothing ends its element: `<\/script` in a string is the same string. */
function plainScript(script: string): string {
  return script.replace(/<\/(script)/giu, '<\\/$1').replace(/<!--/gu, '<\\!--');
}

/** A style sheet in which nothing ends its element. */
function plainStyle(style: string): string {
  return style.replace(/<\/(style)/giu, '<\\/$1');
}

function attribute(text: string): string {
  return text.replace(/[&<>"]/gu, (c) => `&#${c.charCodeAt(0)};`);
}
