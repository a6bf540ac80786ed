// The webview's page: a policy that lets nothing in but the one script and style sheet.
import { expect, test } from 'vitest';
import { createNonce, panelHtml } from '../../../src/host/panelHtml';

const page = {
  kind: 'explorer',
  title: 'A "title" & <more>',
  language: 'en',
  script: 'https://host/dist/explorer.js',
  style: 'https://host/dist/explorer.css',
  cspSource: 'https://host',
  nonce: 'abc123',
} as const;

test('allows the script by its nonce and nothing by default', () => {
  const html = panelHtml(page);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(html)?.[1] ?? '';
  expect(policy).toContain(`default-src 'none'`);
  expect(policy).toContain(`script-src 'nonce-abc123'`);
  expect(policy).not.toContain('unsafe');
  expect(html.match(/<script/gu)).toHaveLength(1);
  expect(html).toContain('<script nonce="abc123" src="https://host/dist/explorer.js">');
  expect(html).toContain('<body data-kind="explorer">');
});

test('escapes what it is given', () => {
  expect(panelHtml(page)).toContain('A &#34;title&#34; &#38; &#60;more&#62;');
});

test('nonces are 128 bits and never the same', () => {
  expect(createNonce()).toMatch(/^[0-9a-f]{32}$/u);
  expect(createNonce()).not.toBe(createNonce());
});
