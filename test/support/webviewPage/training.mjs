// Drives the Fine-tuning view in a page of its own with real clicks and keys: `node test/support/webviewPage/training.mjs`. Screenshots go to out/shots/training.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { root } from '../../../scripts/setup/command.mjs';
import { messageOf } from '../messageOf.mjs';
import { openWebviewPages } from './openWebviewPage.mjs';

/** @typedef {import('playwright-core').Page} Page */

const shots = path.join(root, 'out/shots/training');
mkdirSync(shots, { recursive: true });
const pages = await openWebviewPages({
  webview: 'webview/training/index.ts',
  host: 'test/support/webviewPage/trainingHost.ts',
});
let passed = 0;
let failed = 0;

/**
 * @param {string} name
 * @param {() => Promise<void>} run
 */
async function check(name, run) {
  try {
    await run();
    passed++;
    console.log(`  ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`  FAILED ${name}: ${messageOf(error)}`);
  }
}

/** @param {Page} page @param {string} state Name of a state of the fixture. */
async function show(page, state) {
  await page.evaluate((name) => {
    const { test } = /** @type {{ test: any }} */ (/** @type {unknown} */ (window));
    return test.set({ ...test.fixture.empty, ...test.fixture[name] });
  }, state);
  await frames(page);
}

/** @param {Page} page */
const frames = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** @param {Page} page @returns {Promise<{ method: string, request: any }[]>} */
const calls = (page) =>
  page.evaluate(() => /** @type {{ test: any }} */ (/** @type {unknown} */ (window)).test.calls);

/** @param {Page} page @param {string} method */
const lastCall = async (page, method) => (await calls(page)).filter((call) => call.method === method).at(-1);

/**
 * What the page asks of the host arrives a moment after the click.
 * @param {Page} page @param {string} method @param {unknown} request
 */
async function asked(page, method, request) {
  const deadline = Date.now() + 20_000;
  let found = await lastCall(page, method);
  while (!isDeepStrictEqual(found?.request, request) && Date.now() < deadline) {
    await frames(page);
    found = await lastCall(page, method);
  }
  assert.deepEqual(found?.request, request, method);
}

try {
  for (const theme of /** @type {const} */ (['dark', 'light', 'highContrast'])) {
    for (const state of ['empty', 'ready', 'running', 'done', 'failed']) {
      await check(`${theme}, ${state}`, async () => {
        // Each state in the narrowest side bar too, in one of the themes.
        const width = theme === 'light' ? 250 : 300;
        const { page, errors } = await pages.open({ theme, width });
        await page.locator('.training[data-status]').waitFor();
        await show(page, state);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        await page.screenshot({ path: path.join(shots, `${theme}-${state}.png`), fullPage: true });
        await page.close();
        assert.deepEqual(errors, []);
        assert.equal(wide, width, `nothing stands out at ${width} px`);
      });
    }
  }

  const { page, errors } = await pages.open();
  await page.locator('.training[data-status]').waitFor();
  const control = (/** @type {string} */ name) => page.locator(`[data-control="${name}"]`);

  await check('reads the selection', async () => {
    await control('read-selection').click();
    await page.locator('[data-role="examples"] tbody tr').first().waitFor();
    assert.equal(await page.locator('[data-role="examples"] tbody tr').count(), 5);
  });
  await check('a skipped line is shown in its document', async () => {
    await page.locator('[data-role="skipped"] summary').click();
    await page.locator('.skipped-lines > li').first().click();
    await asked(page, 'reveal', { line: 16 });
  });
  await check('the keys move among the examples', async () => {
    await page.locator('[data-role="examples"] tbody tr').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await asked(page, 'reveal', { line: 2 });
  });
  await check('a setting outside its range is refused with the range', async () => {
    await page.locator('[aria-controls="section-settings"]').click();
    await control('rank').locator('input').fill('0');
    await page.keyboard.press('Enter');
    await page.getByText('A whole number from 1 to 1,024.').waitFor();
    assert.equal(await lastCall(page, 'setOptions'), undefined);
    await control('rank').locator('input').fill('4');
    await page.keyboard.press('Enter');
    await frames(page);
    await control('rank').locator('input').blur();
    await frames(page);
    const changes = (await calls(page)).filter(({ method }) => method === 'setOptions');
    assert.deepEqual(
      changes.map(({ request }) => request.lora.rank),
      [4],
      'told once',
    );
    assert.equal(await page.locator('.setting-problem:not([hidden])').count(), 0);
  });
  await check('settings in a picture', async () => {
    await page.screenshot({ path: path.join(shots, 'dark-settings.png'), fullPage: true });
  });
  await check('only what applies is shown', async () => {
    await control('training-method').locator('vscode-radio').first().click();
    await frames(page);
    assert.equal(await control('rank').count(), 0);
    await control('training-method').locator('vscode-radio').last().click();
    await frames(page);
    assert.equal(await control('rank').count(), 1);
  });
  await check('start closes the settings and shows the curve', async () => {
    await control('training-first').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-status="running"]').waitFor();
    await frames(page);
    assert.equal(
      await page.evaluate(() => document.activeElement?.getAttribute('data-control')),
      'training-first',
      'the focus comes back to the button that was disabled for a while',
    );
    assert.equal(
      await page.locator('[aria-controls="section-settings"]').getAttribute('aria-expanded'),
      'false',
    );
    assert.match((await page.locator('[data-role="live"]').textContent()) ?? '', /started/);
  });
  const stage = page.locator('[data-role="curve"]');
  await check('the pointer reads a step', async () => {
    await stage.hover({ position: { x: 120, y: 60 } });
    await frames(page);
    assert.match((await page.locator('.legend-step').textContent()) ?? '', /^step \d+$/);
  });
  await check('the arrow keys read single steps', async () => {
    await page.mouse.move(0, 0);
    await stage.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await frames(page);
    assert.match((await stage.getAttribute('aria-valuetext')) ?? '', /^step 239, loss /);
    await page.screenshot({ path: path.join(shots, 'dark-crosshair.png'), fullPage: true });
  });
  await check('L makes the axis logarithmic', async () => {
    const before = await stage.screenshot();
    await page.keyboard.press('l');
    await frames(page);
    assert.notDeepEqual(await stage.screenshot(), before);
    assert.equal(await control('log').getAttribute('aria-pressed'), 'true');
    await page.screenshot({ path: path.join(shots, 'dark-log.png'), fullPage: true });
    await page.keyboard.press('l');
  });
  await check('T shows the table, and T the chart again', async () => {
    await page.keyboard.press('t');
    await page.locator('[data-role="points"] tbody tr').first().waitFor();
    await page.screenshot({ path: path.join(shots, 'dark-table.png'), fullPage: true });
    await page.keyboard.press('t');
    await stage.waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-role')), 'curve');
  });
  await check('pause, resume, stop, undo', async () => {
    for (const [name, method] of /** @type {const} */ ([
      ['training-first', 'pause'],
      ['training-first', 'resume'],
      ['training-stop', 'stop'],
      ['training-undo', 'undo'],
    ])) {
      await control(name).click();
      await frames(page);
      assert.ok(await lastCall(page, method), method);
    }
    assert.equal(await control('training-undo').getAttribute('disabled'), '');
    assert.match((await control('training-undo').getAttribute('title')) ?? '', /Nothing to undo/);
  });
  await check('tuned models by keys', async () => {
    await page.locator('[data-role="tuned"] > li').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('F2');
    await asked(page, 'rename', { id: 'tuned-2' });
    await page.keyboard.press('Enter');
    await frames(page);
    await asked(page, 'use', { id: 'tuned-2' });
    await page.keyboard.press('t');
    await asked(page, 'showTraining', { id: 'tuned-2' });
    await page.locator('[aria-controls="section-training"]:focus').waitFor();
    assert.match(
      (await page.locator('[data-role="live"]').textContent()) ?? '',
      /^The training of legal terms/,
    );
    assert.match((await page.locator('[data-role="strength-note"]').textContent()) ?? '', /strength of 0\.7/);
    await page.locator('[data-id="tuned-2"]').focus();
    await page.locator('[data-id="tuned-2"] [data-call="showTraining"]').waitFor();
    await page.screenshot({ path: path.join(shots, 'dark-shown-again.png'), fullPage: true });
    await page.keyboard.press('Delete');
    await frames(page);
    assert.equal(await page.locator('[data-role="tuned"] > li').count(), 1);
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-id')), 'tuned-1');
  });
  await check('an example is compared', async () => {
    await show(page, 'done');
    await page.locator('.change [data-control="compare"]').first().click();
    await asked(page, 'compare', { id: 'tuned-1', text: 'padding mask' });
  });
  await check(
    'why training failed stands beside Start, in sight, under the curve that led to it',
    async () => {
      const small = await pages.open({ height: 420 });
      await small.page.locator('.training[data-status]').waitFor();
      await show(small.page, 'running');
      await small.page.evaluate(() => {
        const { test } = /** @type {{ test: any }} */ (/** @type {unknown} */ (window));
        document.querySelector('[data-control="training-first"]')?.scrollIntoView({ block: 'end' });
        const { points, ...failed } = test.fixture.failed;
        const error = { code: 'badRequest', message: 'It exploded.', actions: ['showLog'] };
        return test.set({
          ...failed,
          points: points.slice(0, 30),
          step: 31,
          note: undefined,
          result: undefined,
          error,
        });
      });
      await frames(small.page);
      const notice = small.page.locator('[data-role="notice"]:visible');
      const seen = await notice.evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      });
      assert.ok(seen, 'it is out of sight');
      assert.match(await notice.innerText(), /^It exploded\./);
      assert.equal(await small.page.locator('[data-role="curve"]').getAttribute('data-points'), '30');
      assert.equal(
        await small.page.locator('[data-role="live"]').textContent(),
        'Training has failed at step 31.',
      );
      await small.page.screenshot({ path: path.join(shots, 'dark-exploded.png') });
      await small.page.close();
    },
  );
  await check('in high contrast, the track is empty before the first step', async () => {
    const contrast = await pages.open({ theme: 'highContrast' });
    await contrast.page.locator('.training[data-status]').waitFor();
    await show(contrast.page, 'ready');
    const colours = await contrast.page.locator('.training-progress').evaluate((track) => {
      const { backgroundColor, borderTopColor } = getComputedStyle(track);
      return [backgroundColor, borderTopColor === backgroundColor];
    });
    assert.deepEqual(colours, ['rgba(0, 0, 0, 0)', false]);
    await contrast.page.close();
  });
  await check('10,000 points stay smooth', async () => {
    const worst = await page.evaluate(async () => {
      const { test } = /** @type {{ test: any }} */ (/** @type {unknown} */ (window));
      const steps = 10_000;
      const points = test.fixture.curveOf(steps);
      const options = { ...test.fixture.empty.options, steps };
      await test.set({ ...test.fixture.running, options, points: points.slice(0, 9900), step: 9900 });
      const times = [];
      for (let step = 9900; step < steps; step++) {
        const began = performance.now();
        await test.update({
          points: [points[step]],
          step: step + 1,
          tokensPerSecond: 800,
          left: 1000,
          saved: undefined,
        });
        await new Promise((done) => requestAnimationFrame(done));
        times.push(performance.now() - began);
      }
      return times.sort((a, b) => a - b)[Math.floor(times.length * 0.9)];
    });
    console.log(`    90 % of updates within ${worst.toFixed(1)} ms, frame included`);
    assert.equal(await stage.getAttribute('data-points'), '10000');
    await page.screenshot({ path: path.join(shots, 'dark-10000.png'), fullPage: true });
  });
  await check('nothing was thrown or logged', async () => {
    assert.deepEqual(errors, []);
    assert.equal((await calls(page)).filter(({ method }) => method === 'log').length, 0);
  });
} finally {
  await pages.close();
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
