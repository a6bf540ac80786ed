// Export by real clicks: every view as a picture, matrices, the run, and the panel as a page that works without a network.
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Workbench } from '../support/ui/workbench.mjs';
import { PanelPage } from './panelPage.mjs';
import { headOf, truthOf } from './truth.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";
/** See explore.ui.mjs. */
const TOLERANCE = 12;

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page, workspace } = scenario;
  const truth = truthOf(SENTENCE);
  await workbench.openFile('first-steps.md');
  await workbench.selectText(SENTENCE);
  await workbench.runCommand('Transformer: Explore Selection');
  const panel = await PanelPage.find(workbench);
  await workbench.divideEditors(0.3);

  /**
   * Saves where the dialog suggests it, and returns the file.
   * @param {string} item
   * @param {string | undefined} format Asked for in a second list.
   * @param {string} name Of the file.
   */
  const save = async (item, format, name) => {
    const file = path.join(workspace, name);
    rmSync(file, { force: true });
    await panel.frame.locator('[data-control="export"]').click();
    await workbench.quickInput().fill(item);
    await workbench.pick(item);
    if (format) {
      await workbench.pick(format);
    }
    return saveDialog(name, file);
  };

  /** @param {string} name @param {string} file */
  const saveDialog = async (name, file) => {
    await workbench.until(`the dialog with ${name}`, async () =>
      (await workbench.quickInput().inputValue()).endsWith(name),
    );
    await workbench.until(`the file ${name}`, async () => {
      // the dialog drops a key while it reads a folder
      await workbench
        .quickInput()
        .press('Enter', { timeout: 1000 })
        .catch(() => undefined);
      await page.waitForTimeout(300);
      return existsSync(file);
    });
    await workbench.until(`${name} to be written`, () => readFileSync(file).length > 0);
    return file;
  };

  /**
   * Opens a file in a page of its own, without a network.
   * @param {string} file
   * @param {(opened: import('playwright-core').Page) => Promise<void>} look
   */
  const offline = async (file, look) => {
    const browser = page.context().browser();
    const context = browser
      ? await browser.newContext({ offline: true, viewport: { width: 1280, height: 800 } })
      : page.context();
    const opened = await context.newPage();
    /** @type {string[]} */
    const wrong = [];
    opened.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    opened.on('pageerror', (error) => wrong.push(String(error)));
    opened.on('request', (request) => {
      if (!/^(file|data|blob):/u.test(request.url())) {
        wrong.push(`asked for ${request.url()}`);
      }
    });
    try {
      await opened.goto(pathToFileURL(file).href);
      await look(opened);
    } finally {
      await opened.close();
    }
    if (wrong.length > 0) {
      throw new Error(wrong.join('\n'));
    }
  };

  const views = await panel.frame
    .locator('[data-view]')
    .evaluateAll((tabs) =>
      tabs.map((tab) => ({ view: tab.getAttribute('data-view') ?? '', name: tab.textContent ?? '' })),
    );

  for (const { view, name } of views) {
    await scenario.check(`the view ${name} as a picture of vectors`, async () => {
      await panel.open(/** @type {import('../../src/shared/protocol').ExplorerView} */ (view));
      await workbench.until(
        'the view to be there',
        async () => (await panel.frame.locator('.progress:not([hidden])').count()) === 0,
      );
      await page.waitForTimeout(1500);
      const file = await save(`The view ${name}`, 'SVG', `${view}.svg`);
      const svg = readFileSync(file, 'utf8');
      const texts = svg.match(/<text /gu)?.length ?? 0;
      // Compare waits for a second text.
      const least = view === 'compare' ? 4 : 10;
      if (svg.includes('<image') || svg.includes('foreignObject') || texts < least) {
        throw new Error(`${view}.svg has ${texts} texts`);
      }
      await offline(file, async (opened) => {
        const [width, height] = await opened
          .locator('svg')
          .first()
          .evaluate((root) => [Number(root.getAttribute('width')), Number(root.getAttribute('height'))]);
        await opened.setViewportSize({ width: Math.ceil(width), height: Math.ceil(height) });
        await scenario.shot(`svg ${view}`, { of: opened.locator('svg').first() });
      });
    });
  }
  await panel.open('attention');

  await scenario.check('a picture as PNG', async () => {
    await panel.clickHead(1, 1);
    await workbench.until('layer 2, head 2', async () => (await panel.headName()) === 'encoder.1.self[1]');
    const file = await save('Head: lines and matrix', 'PNG', 'encoder.1.self.1.png');
    const bytes = readFileSync(file);
    if (bytes.toString('latin1', 1, 4) !== 'PNG' || bytes.length < 10_000) {
      throw new Error(`${bytes.length} bytes`);
    }
    await offline(file, async (opened) => {
      await scenario.shot('png head', { of: opened.locator('img') });
    });
  });

  await scenario.check('a matrix as CSV', async () => {
    const file = await save('Attention weights', undefined, 'encoder.1.self.1.weights.csv');
    const rows = readFileSync(file, 'utf8').trim().split('\r\n');
    const weights = headOf(truth, 'encoder.1.self', 1);
    const last = rows.at(-2)?.split(',').slice(-3).map(Number) ?? [];
    const expected = weights.at(-2)?.slice(-3) ?? [];
    if (rows.length !== weights.length + 1 || last.some((value, i) => Math.abs(value - expected[i]) > 1e-5)) {
      throw new Error(`${last.join()} instead of ${expected.join()}`);
    }
  });

  await scenario.check('a cancelled dialog saves nothing and says nothing', async () => {
    await panel.frame.locator('[data-control="export"]').click();
    await workbench.pick('Panel as a web page');
    await workbench.until('the dialog', async () =>
      (await workbench.quickInput().inputValue()).endsWith('.html'),
    );
    await page.keyboard.press('Escape');
    await page.waitForTimeout(500);
    if ((await workbench.notification(/html/u).count()) > 0) {
      throw new Error('a notification');
    }
  });

  /**
   * Gives a place to the dialog that is open, and waits for what is said of it.
   * @param {string} file
   * @param {RegExp} message
   */
  const refused = async (file, message) => {
    await workbench.quickInput().fill(file);
    await workbench.until('the dialog to close', async () => {
      await workbench
        .quickInput()
        .press('Enter', { timeout: 1000 })
        .catch(() => undefined);
      await page.waitForTimeout(300);
      return !(await workbench.quickInput().isVisible());
    });
    // A toast hides after a while; the list of notifications keeps it.
    await workbench.runCommand('Notifications: Show Notifications');
    await workbench.notification(message).first().waitFor();
  };

  await scenario.check('a full disk is said', async () => {
    const full = path.join(workspace, 'full.csv');
    rmSync(full, { force: true });
    symlinkSync('/dev/full', full);
    await panel.frame.locator('[data-control="export"]').click();
    await workbench.quickInput().fill('Attention weights');
    await workbench.pick('Attention weights');
    await workbench.until('the dialog', async () =>
      (await workbench.quickInput().inputValue()).endsWith('.csv'),
    );
    await refused(full, /full\.csv cannot be written: the disk is full/u);
    await workbench.runCommand('Notifications: Clear All Notifications');
    rmSync(full, { force: true });
  });

  await scenario.check('a folder that cannot be written is said, and nothing is lost', async () => {
    await panel.frame.locator('[data-control="export"]').click();
    await workbench.pick('Run as .npz');
    await page.getByRole('button', { name: 'OK', exact: true }).first().click();
    await workbench.until('the dialog', async () =>
      (await workbench.quickInput().inputValue()).endsWith('.npz'),
    );
    await refused('/proc/run.npz', /run\.npz cannot be written/u);
    await scenario.shot('not written');
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  await scenario.check('the panel as a page that works without a network', async () => {
    const file = await save('Panel as a web page', undefined, 'en-de-fr-zh.html');
    await offline(file, async (opened) => {
      const saved = new PanelPage(new Workbench(opened), opened.mainFrame());
      await saved.part('head-stage').first().waitFor();
      await saved.workbench.until(
        'the head that was shown',
        async () => (await saved.headName()) === 'encoder.1.self[1]',
      );
      await saved.expectMatrix(headOf(truth, 'encoder.1.self', 1), TOLERANCE);
      await saved.clickHead(0, 2);
      await saved.workbench.until('another', async () => (await saved.headName()) === 'encoder.0.self[2]');
      await saved.expectMatrix(headOf(truth, 'encoder.0.self', 2), TOLERANCE);
      const tabs = await opened
        .locator('[data-view]')
        .evaluateAll((all) => all.map((tab) => tab.getAttribute('data-view') ?? ''));
      if (tabs.join() !== views.map(({ view }) => view).join()) {
        throw new Error(`The page has ${tabs.join()}.`);
      }
      for (const view of tabs) {
        await saved.open(/** @type {import('../../src/shared/protocol').ExplorerView} */ (view));
        await opened.waitForTimeout(700);
        const text = await opened.locator('#view-panel').innerText();
        const problem = await opened.locator('body').innerText();
        if (text.trim().length < 80 || problem.includes('not in the saved file')) {
          throw new Error(`${view}: ${problem.slice(0, 500)}`);
        }
        await scenario.shot(`page ${view}`, { of: opened.locator('body') });
      }
    });
  });
}
