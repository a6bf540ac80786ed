// Opens a headless browser that reaches nothing but this machine; finding one is the job of scripts/setup/browser.mjs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { ensureBrowser } from '../../scripts/setup/browser.mjs';

/** @typedef {'none' | 'software'} Gpu `software` gives WebGPU on the CPU (SwiftShader): correct but slow. */

/** @typedef {{ context: import('playwright-core').BrowserContext, blocked: Set<string>, close: () => Promise<void> }} OpenBrowser */

const flags = {
  none: ['--disable-gpu'],
  software: ['--disable-gpu', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
};

/**
 * @param {{ gpu?: Gpu, viewport?: { width: number, height: number }, scale?: number }} [options]
 * @returns {Promise<OpenBrowser>} `blocked` collects the hosts that something tried to reach.
 */
export async function openBrowser({ gpu = 'none', viewport = { width: 1280, height: 800 }, scale = 1 } = {}) {
  const executablePath = await ensureBrowser();
  const profile = mkdtempSync(path.join(os.tmpdir(), 'browser-'));
  // Webviews on an origin of their own (the static workbench) need a service worker, which Chromium refuses to frames of
  // third parties unless these are set; and always in a context made by newContext(), hence the persistent one.
  mkdirSync(path.join(profile, 'Default'));
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  writeFileSync(path.join(profile, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    reducedMotion: 'reduce',
    viewport,
    deviceScaleFactor: scale,
    serviceWorkers: 'allow',
    permissions: ['clipboard-read', 'clipboard-write'],
    args: [
      ...['--no-sandbox', '--no-first-run', '--disable-quic', '--disable-dev-shm-usage'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      // The runtime's functions are optimised after much more work than usual: where an engine lives for seconds, as in tests,
      // optimising took as long again as all the rest.
      '--js-flags=--wasm-tiering-budget=200000000',
      ...flags[gpu],
    ],
  });
  await context.addInitScript(standStill);
  /** @type {Set<string>} */
  const blocked = new Set();
  const outside = (/** @type {URL} */ url) =>
    /^(http|ws)s?:$/.test(url.protocol) && !/^(127\.0\.0\.1|(.*\.)?localhost)$/.test(url.hostname);
  await context.route(outside, (route) => {
    blocked.add(new URL(route.request().url()).hostname);
    return route.abort();
  });
  return {
    context,
    blocked,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Runs in every page: the workbench moves nothing, such as its bar of progress, that a processor would have to draw sixty times
 * a second. Webviews are left as they are; they see that motion is to be reduced.
 */
function standStill() {
  if (window !== window.top) {
    return;
  }
  document.addEventListener('DOMContentLoaded', () => {
    const style = document.createElement('style');
    style.textContent = '*, ::before, ::after { animation: none !important; transition: none !important; }';
    document.head.append(style);
  });
}
