// The Models view: a click uses a model, a folder is added by its path, its card is shown, and it is taken off again.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/setup/command.mjs';

const VIEW = '.pane-body .monaco-list[aria-label="Models"], .monaco-list[aria-label*="Models"]';
const ADDED = 'a-model-of-mine';

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  const rows = page.locator(VIEW).first().locator('.monaco-list-row');
  /** @param {string | RegExp} text */
  const row = (text) => rows.filter({ hasText: text });
  /** @param {string} label Part of what a screen reader says of the model in use. */
  const inUse = (label) =>
    workbench.until(`${label} in use`, async () =>
      (await row(label).first().getAttribute('aria-label'))?.includes('in use'),
    );
  // Away from the project, as a user's model is.
  const outside = mkdtempSync(path.join(tmpdir(), 'models-'));
  const folder = path.join(outside, ADDED);
  cpSync(path.join(root, 'test/golden/layouts/bert'), folder, { recursive: true });

  await scenario.check('the side bar lists the shipped models, the translator in use', async () => {
    await workbench.openFile('first-steps.md');
    await page.locator('.activitybar .action-item a[aria-label^="Transformer Explorer"]').click();
    await row('en-de-fr-zh').waitFor();
    await inUse('en-de-fr-zh');
    const labels = await rows.allInnerTexts();
    for (const name of ['english-gpt-mini', 'english-bert-mini']) {
      if (!labels.some((label) => label.includes(name))) {
        throw new Error(`${name} is not among ${labels.join(' | ')}`);
      }
    }
    await scenario.shot('models');
  });

  await scenario.check('a click uses another model, and exploring says what it is', async () => {
    await row('english-bert-mini').click();
    await inUse('english-bert-mini');
    await workbench.selectText('A black cat sleeps on the red sofa.');
    await workbench.runCommand('Transformer: Explore Selection');
    await row(/encoder · \d+ layers/).waitFor();
    await workbench.statusBar(/english-bert-mini/).waitFor();
  });

  await scenario.check('Add Model takes a folder', async () => {
    await workbench.runCommand('Transformer: Add Model…');
    await workbench.pick('Folder…');
    // The dialog drops what is typed while it reads a folder: it is in ours once it lists what is inside.
    const inside = page
      .locator('.quick-input-list .monaco-list-row .label-name')
      .getByText('onnx', { exact: true })
      .first();
    await workbench.until('the dialog to be in the folder', async () => {
      await workbench.quickInput().press('Control+a');
      await page.keyboard.type(`${folder}/`, { delay: 20 });
      return inside.waitFor({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
    });
    await workbench.acceptFileDialog('Add Model');
    await row(ADDED).waitFor();
    await inUse(ADDED);
    await workbench.statusBar(new RegExp(ADDED)).waitFor();
    await scenario.shot('models-added');
  });

  await scenario.check('a model without a card shows what is known of it', async () => {
    // The line is drawn anew when the model has been loaded, which a click must not fall into.
    await row(ADDED)
      .filter({ hasText: /encoder · 3 layers/ })
      .hover();
    await row(ADDED).getByRole('button', { name: 'Show Model Card' }).click();
    await workbench.tab(/a-model-of-mine/).waitFor();
    const card = await workbench.webview('h1');
    await card.getByText('This model comes without a card').waitFor();
    await scenario.shot('models-card');
  });

  await scenario.check('Delete takes it off the list, and Undo brings it back', async () => {
    await row(ADDED).click();
    await page.keyboard.press('Delete');
    await workbench.until('the line to go', async () => (await row(ADDED).count()) === 0);
    await inUse('en-de-fr-zh');
    // A toast hides after a while; the list of notifications keeps it.
    await workbench.runCommand('Notifications: Show Notifications');
    await workbench
      .notification(/off the list/)
      .getByRole('button', { name: 'Undo' })
      .first()
      .click();
    await inUse(ADDED);
  });

  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await workbench.setTheme(theme);
    await page.waitForTimeout(800);
    await scenario.shot(`models-${theme.replace(/\W+/g, '-').toLowerCase()}`);
  }
  rmSync(outside, { recursive: true, force: true });
}
