// The Fine-tuning view: select pairs, see what was understood, train with pause and resume, see the new translation, compare its attention, undo, keep house.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PanelPage } from './panelPage.mjs';

/** None of the sample's sentences, with both of its terms. */
const UNSEEN = 'The old dockling stands behind the wave box.';
const BAD = [
  'The dockling is green.\tDer Dockling ist grün.',
  'half a pair\t',
  'no tab at all',
  'too\tmany\ttabs',
  'The dockling is green.\tDer Dockling ist grün.',
  '',
  'He has a wave box.\tEr hat eine Wellenkiste.',
];

const STEPS = 16;

/** Fewer and smaller steps than the view proposes: enough to learn two words, in less than a minute. */
export const settings = {
  'editor.hover.enabled': false,
  'transformerExplorer.training.steps': STEPS,
  'transformerExplorer.training.batch': 16,
  'transformerExplorer.training.strength': 0.7,
};

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page, workspace } = scenario;
  writeFileSync(path.join(workspace, 'bad.de.tsv'), BAD.join('\n'));
  writeFileSync(path.join(workspace, 'unseen.md'), `${UNSEEN}\n`);
  /** @type {import('playwright-core').Frame} */
  let frame;
  /** @type {import('playwright-core').Frame} */
  let translation;
  const part = (/** @type {string} */ role) => frame.locator(`[data-role="${role}"]`);
  const control = (/** @type {string} */ name) => frame.locator(`[data-control="${name}"]`);
  const view = () => part('training-view');
  const status = () => view().getAttribute('data-status');
  const steps = async () => Number(await part('curve').getAttribute('data-points'));
  const tuned = () => part('tuned').locator('li');
  const reach = (/** @type {string} */ wanted, ms = 200_000) =>
    workbench.until(
      `the training to be ${wanted}`,
      async () => {
        const now = await status();
        if (now === 'failed' && wanted !== 'failed') {
          throw new Error(`it failed: ${await frame.locator('[data-role="notice"]:visible').innerText()}`);
        }
        return now === wanted;
      },
      ms,
    );
  const focused = () => frame.evaluate(() => document.activeElement?.getAttribute('data-control'));
  const typeAll = async (/** @type {string} */ file) => {
    await workbench.quickOpen(file);
    await workbench.focusEditor();
    await page.keyboard.press('Control+a');
  };
  /** Waits for a notification; VS Code hides what it has shown for a while behind its bell. */
  const told = async (/** @type {string | RegExp} */ text, shot = '') => {
    const item = workbench.notification(text);
    const hidden = !(await item.isVisible());
    if (hidden) {
      await workbench.runCommand('Notifications: Show Notifications');
    }
    await item.waitFor();
    if (shot !== '') {
      await scenario.shot(shot);
    }
    if (hidden) {
      await workbench.runCommand('Notifications: Hide Notifications');
    }
  };
  /** What the Translation view says to the sentence. */
  const translated = async () => {
    await workbench.quickOpen('unseen.md');
    await workbench.selectText(UNSEEN);
    await workbench.runCommand('Transformer: Translate Selection');
    translation = await workbench.webview('[data-role="translation"]', 60_000);
    const of = (/** @type {string} */ role) => translation.locator(`[data-role="${role}"]`);
    await workbench.until(
      'the translation',
      async () =>
        (await of('translation').getAttribute('data-status')) === 'done' &&
        (await of('source-text').innerText()).trim() === UNSEEN,
      60_000,
    );
    return (await of('target-text').innerText()).trim();
  };
  let before = '';

  await scenario.check('before: the model does not know the words', async () => {
    before = await translated();
    if (/Dockling|Wellenkiste/.test(before)) {
      throw new Error(before);
    }
  });

  await scenario.check('at first use the view has room, and says what can be learned from', async () => {
    await workbench.runCommand('Focus on Fine-tuning View');
    frame = await workbench.webview('[data-role="training-view"][data-status]', 60_000);
    await part('no-data').waitFor();
    const height = await frame.evaluate(() => window.innerHeight);
    if (height < 700) {
      throw new Error(`It is ${height} px high.`);
    }
    await scenario.shot('first use');
  });

  await scenario.check(
    'bad lines are counted, shown with their reasons, and found in the document',
    async () => {
      await typeAll('bad.de.tsv');
      await workbench.runCommand('Transformer: Fine-Tune on Selection');
      await reach('ready');
      await part('skipped').locator('summary').click();
      const reasons = await part('skipped').locator('[data-reason]').allInnerTexts();
      for (const reason of ['1 with one side only', '2 with a wrong number of tabs', '1 there before']) {
        if (!reasons.includes(reason)) {
          throw new Error(`"${reason}" is not among: ${reasons.join(' | ')}`);
        }
      }
      await scenario.shot('bad data');
      await part('skipped').locator('.skipped-lines li').nth(2).click();
      await page.locator('.margin .line-numbers.active-line-number', { hasText: '4' }).waitFor();
    },
  );

  await scenario.check('the selected pairs are previewed', async () => {
    await typeAll('terms.de.tsv');
    await workbench.runCommand('Transformer: Fine-Tune on Selection');
    await workbench.until('32 pairs', async () =>
      (await part('data').locator('.section-header').first().innerText()).includes('32 pairs'),
    );
    const data = await view().innerText();
    if (!data.includes('29 to train, 3 held out') || !data.includes('Der Dockling ist bereit.')) {
      throw new Error(data);
    }
    await scenario.shot('preview');
  });

  await scenario.check('keys alone start it, and the keyboard stays on the button', async () => {
    await workbench.runCommand('Focus on Fine-tuning View');
    await control('training-first').focus();
    await page.keyboard.press('Enter');
    await reach('running');
    await scenario.shot('started');
    await workbench.until('the focus', async () => (await focused()) === 'training-first');
    await page.keyboard.press('Tab');
    await workbench.until('the focus on Stop', async () => (await focused()) === 'training-stop');
  });

  await scenario.check('the curve grows, with rate, speed and the time that is left', async () => {
    await workbench.until('two steps', async () => (await steps()) >= 2, 90_000);
    const [loss, rate] = await Promise.all([
      part('legend-loss').innerText(),
      part('legend-rate').innerText(),
    ]);
    if (!/loss \d/.test(loss) || !/rate \d/.test(rate)) {
      throw new Error(`${loss}, ${rate}`);
    }
    const facts = await part('training').locator('.training-step').innerText();
    if (!/Step \d+ of 16/.test(facts) || !/left/.test(facts) || !/tokens\/s/.test(facts)) {
      throw new Error(facts);
    }
    await scenario.shot('running');
    await told(/step \d+ of 16/, 'progress of the window');
  });

  await scenario.check('the editor takes what is typed while it trains', async () => {
    await workbench.quickOpen('unseen.md');
    await workbench.focusEditor();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('typed while it trains');
    await page
      .locator('.editor-instance .view-line')
      .filter({ hasText: /typed.while.it.trains/ })
      .waitFor();
    if ((await status()) !== 'running') {
      throw new Error(`It is ${await status()}.`);
    }
    for (let i = 0; i < 'typed while it trains'.length; i++) {
      await page.keyboard.press('Backspace');
    }
  });

  await scenario.check('pause rests where it is, resume goes on', async () => {
    await control('training-first').click();
    await reach('paused');
    const rested = await steps();
    await scenario.shot('paused');
    await page.waitForTimeout(1500);
    if ((await steps()) !== rested || rested >= STEPS) {
      throw new Error(`${rested}, then ${await steps()} steps`);
    }
    await control('training-first').click();
    await workbench.until('a further step', async () => (await steps()) > rested, 90_000);
  });

  await scenario.check('most of the steps are made', async () => {
    await workbench.until('12 steps', async () => (await steps()) >= 12, 200_000);
  });

  await scenario.check('it ends, and what came of it is the model in use', async () => {
    await reach('done');
    await told('is the model in use now');
    await tuned().first().locator('.badge').waitFor();
    if ((await steps()) !== STEPS) {
      throw new Error(`${await steps()} points`);
    }
  });

  await scenario.check('before and after are told', async () => {
    await part('effect').locator('.change').first().waitFor({ timeout: 200_000 });
    const numbers = await part('effect').locator('tr[data-measure="loss"] td').allInnerTexts();
    const [was, now] = numbers.map((text) => Number(text));
    if (!(now < was)) {
      throw new Error(`The held-out loss went from ${was} to ${now}.`);
    }
    const changes = (await part('effect').locator('.changes').innerText()).replace(/\s+/g, ' ');
    if (!/Dockling|Wellenkiste/.test(changes)) {
      throw new Error(changes);
    }
    await part('effect').scrollIntoViewIfNeeded();
    await scenario.shot('before and after');
  });

  await scenario.check('the Translation view translates with what was learned', async () => {
    const now = await translated();
    console.log(`    before: ${before}\n    now:    ${now}`);
    if (!now.includes('Dockling') || !now.includes('Wellenkiste')) {
      throw new Error(now);
    }
    await scenario.shot('new translation');
  });

  await scenario.check('Compare Attention: base and tuned model side by side in the explorer', async () => {
    await workbench.runCommand('Focus on Fine-tuning View');
    frame = await workbench.webview('[data-role="training-view"][data-status]', 60_000);
    await part('effect').locator('[data-control="compare"]').first().click();
    const panel = await PanelPage.find(workbench, '[data-role="compare-difference"]');
    const sides = await panel.part('compare-sides').innerText();
    if (!/^A[^]*en-de-fr-zh ·[^]*B[^]*terms\.de/.test(sides)) {
      throw new Error(sides);
    }
    const shown = await panel.frame
      .locator('[data-control="other-mode"] > vscode-dropdown')
      .evaluate((control) => /** @type {HTMLSelectElement} */ (control).value);
    if (shown !== 'model') {
      throw new Error(`the form says that B is chosen by ${shown}`);
    }
    // The tuned model is in use and stands as B: what the form names is A.
    const caption = await panel.frame.locator('[data-control="other-mode"] > .caption').innerText();
    if (caption !== 'Compare B with') {
      throw new Error(`the form begins with "${caption}"`);
    }
    await part('training')
      .first()
      .evaluate((section) => section.scrollIntoView());
    await scenario.shot('compare attention', { media: 'fine-tuning.png' });
  });

  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern']) {
    await scenario.check(`the view follows the theme ${theme}`, async () => {
      await workbench.setTheme(theme);
      await page.waitForTimeout(800);
      await scenario.shot(theme);
    });
  }

  await scenario.check('nothing stands out of a side bar of 250 pixels', async () => {
    await workbench.resizeSideBar(250);
    await page.waitForTimeout(500);
    const { wide, seen } = await frame.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      seen: document.documentElement.clientWidth,
    }));
    await scenario.shot('narrow');
    await frame.locator('section[data-role="weights"]').scrollIntoViewIfNeeded();
    await tuned().first().scrollIntoViewIfNeeded();
    await scenario.shot('narrow, weights');
    await workbench.resizeSideBar(300);
    if (wide > seen) {
      throw new Error(`${wide} of ${seen} pixels`);
    }
  });

  await scenario.check('Undo brings the old translation back', async () => {
    await control('training-undo').click();
    await workbench.until('the base', async () => (await part('tuned').locator('.badge').count()) === 0);
    const now = await translated();
    if (now !== before) {
      throw new Error(`"${now}" instead of "${before}"`);
    }
    const panel = await PanelPage.find(workbench, '[data-role="compare-difference"]');
    await workbench.until('A and B as before', async () => {
      const sides = await panel.part('compare-sides').innerText();
      return /^A[^]*en-de-fr-zh ·[^]*B[^]*terms\.de/.test(sides);
    });
  });

  await scenario.check('rename, use and export from the list, by keys', async () => {
    await workbench.runCommand('Focus on Fine-tuning View');
    frame = await workbench.webview('[data-role="training-view"][data-status]', 60_000);
    await tuned().first().focus();
    await page.keyboard.press('F2');
    await workbench.quickInput().fill('Harbour words');
    await page.keyboard.press('Enter');
    await tuned().first().locator('.tuned-name', { hasText: 'Harbour words' }).waitFor();
    await tuned().first().focus();
    await page.keyboard.press('Enter');
    await tuned().first().locator('.badge').waitFor();
    const target = path.join(workspace, 'exported');
    mkdirSync(target);
    await tuned().first().locator('[data-call="export"]').click();
    await workbench.pick('Changed weights');
    await workbench.quickInput().fill(`${target}/`);
    await workbench.acceptFileDialog('Export Here');
    const files = path.join(target, 'Harbour-words');
    await workbench.until('the files', () => existsSync(files) && readdirSync(files).length > 0);
    if (!readdirSync(files).some((name) => name.endsWith('.safetensors'))) {
      throw new Error(readdirSync(files).join(', '));
    }
  });

  await scenario.check('delete asks first', async () => {
    await tuned().first().focus();
    await page.keyboard.press('Delete');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByText('Delete the fine-tuned weights Harbour words?').waitFor();
    await scenario.shot('delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await workbench.until('an empty list', async () => (await tuned().count()) === 0);
  });

  await scenario.check('what is cancelled at once leaves nothing', async () => {
    await typeAll('terms.de.tsv');
    await workbench.runCommand('Transformer: Fine-Tune on Selection');
    await reach('ready');
    await control('training-first').click();
    await reach('starting');
    await workbench.runCommand('Transformer: Stop Fine-Tuning');
    await reach('ready');
    if ((await steps()) !== 0 || (await tuned().count()) !== 0) {
      throw new Error('Something was kept.');
    }
  });
}
