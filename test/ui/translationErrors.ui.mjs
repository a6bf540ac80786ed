// The Translation view where things go wrong: nothing selected, a document that takes no changes, 100 kB, an engine that ends, a language
// that there is not; short pieces, a narrow side bar, themes, and a model that continues texts.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const SENTENCE = 'The dog barks at the cat.';
const TABLE = `# Getting started

| Name | Latency | 12.5 % |
| ---- | ------- | ------ |
| Cat  | p99     | 3.5    |

${SENTENCE}
`;
/** One line is not selected, so that somebody may type there. */
const LONG = `Mine\n\n${`${SENTENCE}\n`.repeat(4_000)}`;
const PROMPT = 'The dog was very hungry, so';

/** Greedy, because nothing here is about the search; without hovers a click on the text is not taken for one in them. */
export const settings = { 'editor.hover.enabled': false, 'transformerExplorer.translation.method': 'greedy' };

/** To end the engine. */
export const inspected = true;

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  for (const [name, text] of [
    ['table.md', TABLE],
    ['long.txt', LONG],
    ['prompt.txt', `${PROMPT}\n`],
  ]) {
    writeFileSync(path.join(scenario.workspace, name), text);
  }
  /** @type {import('playwright-core').Frame} */
  let frame;
  let broken = false;
  /** Each check goes on from where the one before it ended. */
  const check = async (/** @type {string} */ name, /** @type {() => Promise<void>} */ body) => {
    if (broken) {
      scenario.skip(name, 'what it goes on from has failed');
    } else {
      broken = !(await scenario.check(name, body));
    }
  };
  const part = (/** @type {string} */ role) => frame.locator(`[data-role="${role}"]`);
  const control = (/** @type {string} */ name) => frame.locator(`[data-control="${name}"]`);
  const target = async () => (await part('target-text').innerText()).trim();
  const words = () => part('target-text').locator('.word');
  const statusIs = (/** @type {string} */ wanted) =>
    workbench.until(
      `the status ${wanted}`,
      async () => (await part('translation').getAttribute('data-status')) === wanted,
    );
  const isDisabled = (/** @type {string} */ name) =>
    control(name).evaluate((button) => /** @type {HTMLButtonElement} */ (button).disabled);
  const settled = async () =>
    Number(/[\d,]+/.exec(await part('target-status').innerText())?.[0].replace(',', ''));
  const line = (/** @type {string} */ text) => {
    const lines = page.locator('.editor-instance .view-line');
    return lines
      .filter({ hasText: text.replaceAll(' ', '\u00a0') })
      .or(lines.filter({ hasText: text }))
      .first();
  };
  /** Texts of the page that do not fit into what holds them, unless they end in dots or can be scrolled. */
  const clipped = () =>
    frame.evaluate(() => {
      const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
      const cut = [...document.querySelectorAll('main *')].filter((element) => {
        const { overflowX, textOverflow } = getComputedStyle(element);
        return (
          element instanceof HTMLElement &&
          element.offsetParent !== null &&
          element.scrollWidth > element.clientWidth + 1 &&
          element.clientWidth > 0 &&
          ['hidden', 'clip'].includes(overflowX) &&
          textOverflow !== 'ellipsis' &&
          // what is only spoken has no room of its own
          !element.matches('vscode-dropdown, vscode-dropdown *, svg *, .spoken')
        );
      });
      return [
        ...(wide ? ['the page'] : []),
        ...cut.map(({ className, textContent }) => `${className}: ${textContent}`),
      ];
    });
  const fits = async () => {
    const found = await clipped();
    if (found.length > 0) {
      throw new Error(`clipped: ${found.join('; ').slice(0, 300)}`);
    }
  };
  const rest = async (/** @type {number} */ nth) => {
    await words().nth(nth).hover();
    await part('word-card').locator('.alternative[data-token]:visible').first().waitFor();
  };
  /** A notification: VS Code hides what it has shown for a while, and at times at once, behind its bell. */
  const told = async (/** @type {string} */ text) => {
    const item = workbench.notification(text).first();
    await workbench.runCommand('Notifications: Show Notifications');
    await item.waitFor();
    return item;
  };
  const quiet = () => workbench.runCommand('Notifications: Clear All Notifications');
  const away = async () => {
    await page.mouse.move(700, 5);
    await workbench.until('no card', async () => !(await part('word-card').isVisible()));
  };

  await check('nothing selected: the view and its link say what to do', async () => {
    await page.locator('.activitybar .action-item a[aria-label^="Transformer Explorer"]').click();
    frame = await workbench.webview('[data-role="translation"]', 60_000);
    await part('empty').waitFor();
    await scenario.shot('nothing selected');
    await workbench.quickOpen('table.md');
    await control('translate-selection').click();
    await told('Nothing is selected');
    await quiet();
  });

  await check('a document that takes no changes: copied, not written to, until it can be', async () => {
    await workbench.selectText(SENTENCE);
    await control('translate-selection').click();
    await statusIs('done');
    await workbench.focusEditor();
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('File: Set Active Editor Read-only in Session');
    await control('replace').click();
    await (await told('is read-only')).getByRole('button', { name: 'Copy', exact: true }).click();
    const text = await target();
    await workbench.until('the copy', () =>
      page.evaluate(() => navigator.clipboard.readText()).then((copied) => copied === text),
    );
    await part('read-only').waitFor();
    if (!(await isDisabled('replace')) || !(await isDisabled('insert-below')) || (await isDisabled('copy'))) {
      throw new Error('Replace and Insert Below are offered, or Copy is not.');
    }
    await scenario.shot('read-only');
    await workbench.focusEditor();
    await workbench.runCommand('File: Reset Active Editor Read-only in Session');
    await workbench.selectText(SENTENCE);
    await control('again').click();
    await workbench.until('Replace', async () => !(await isDisabled('replace')));
    await control('replace').click();
    await line(text).waitFor();
    await workbench.focusEditor();
    await page.keyboard.press('Control+z');
    await line(SENTENCE).waitFor();
  });

  await check('short pieces: numbers and rules stay, and what may be made up is marked', async () => {
    await workbench.focusEditor();
    await page.keyboard.press('Control+a');
    await control('again').click();
    await workbench.until('the whole table', async () =>
      (await part('source').innerText()).includes('Latency'),
    );
    await statusIs('done');
    await part('target-text').locator('.doubtful').first().waitFor();
    const text = await target();
    for (const kept of ['12.5 %', '| ---- | ------- | ------ |', '| 3.5 ']) {
      if (!text.includes(kept)) {
        throw new Error(`"${kept}" is not in "${text}".`);
      }
    }
    if (!/made up/.test(await part('target-notes').innerText())) {
      throw new Error(await part('target-notes').innerText());
    }
    await scenario.shot('short pieces');
  });

  await check('a side bar of 250 pixels cuts nothing off', async () => {
    await workbench.resizeSideBar(250);
    await part('settings').locator('.section-header').click();
    await fits();
    await rest(0);
    await fits();
    await scenario.shot('250 pixels, card');
    await away();
    await part('settings').scrollIntoViewIfNeeded();
    await scenario.shot('250 pixels, settings');
    await part('settings').locator('.section-header').click();
  });

  for (const theme of ['Light Modern', 'Light High Contrast', 'Dark High Contrast']) {
    await check(`short pieces and a card in ${theme}`, async () => {
      await workbench.focusEditor();
      await workbench.setTheme(theme);
      await page.waitForTimeout(300);
      await rest(0);
      await scenario.shot(theme);
      await away();
    });
  }

  await check('100 kB: progress, and the editor goes on as ever', async () => {
    await workbench.focusEditor();
    await workbench.setTheme('Dark Modern');
    await workbench.resizeSideBar(360);
    await workbench.quickOpen('long.txt');
    await workbench.goToLine(3);
    await page.keyboard.press('Control+Shift+End');
    await workbench.runCommand('Transformer: Translate Selection');
    await statusIs('running');
    await workbench.until('some sentences', async () => (await settled()) >= 3, 40_000);
    await workbench.goToLine(1);
    const began = Date.now();
    await page.keyboard.type('All ');
    await line('All Mine').waitFor();
    const took = Date.now() - began;
    if (took > 1500) {
      throw new Error(`Four letters took ${took} ms.`);
    }
    if (!/[\d,]+ of 4,000 sentences, \d+ tokens\/s/.test(await part('target-status').innerText())) {
      throw new Error(await part('target-status').innerText());
    }
    await control('stop').waitFor();
    await scenario.shot('100 kB');
  });

  let before = 0;
  await check('an engine that ends leaves what was decoded, and Retry goes on', async () => {
    before = await settled();
    await scenario.endWorkers();
    await statusIs('failed');
    await part('notice').locator('[data-action="retry"]').waitFor();
    await page.mouse.move(700, 5);
    await scenario.shot('engine ended');
    if (!/Hund/.test(await target())) {
      throw new Error('What was decoded is gone.');
    }
    await part('notice').locator('[data-action="retry"]').click();
    await statusIs('running');
    await workbench.until('more sentences', async () => (await settled()) > before + 4, 40_000);
  });

  await check('Stop keeps a part that can be written and taken back', async () => {
    await control('stop').click();
    await statusIs('stopped');
    await scenario.shot('stopped');
    await control('replace').click();
    await workbench.goToLine(3);
    await line('Der Hund').waitFor();
    await scenario.shot('part replaced');
    await page.keyboard.press('Control+End');
    await line(SENTENCE).waitFor();
    await page.keyboard.press('Control+z');
    await workbench.goToLine(3);
    await line(SENTENCE).waitFor();
  });

  await check('a language that the model lacks is named, and another one can be chosen', async () => {
    await workbench.quickOpen('table.md');
    await workbench.selectText(SENTENCE);
    await control('again').click();
    await statusIs('done');
    await workbench.focusEditor();
    await page.keyboard.press('Control+,');
    await page.locator('.settings-editor').waitFor();
    await page.keyboard.type('transformerExplorer.targetLanguage');
    await page.locator('.settings-editor', { hasText: '1 Setting Found' }).waitFor();
    await page.locator('.setting-item-contents input[type="text"]').first().fill('ja');
    await part('notice').waitFor();
    const said = await part('notice').innerText();
    if (!/does not translate into ja\. It knows de, fr, zh/.test(said)) {
      throw new Error(said);
    }
    await scenario.shot('language');
    const choice = control('language').locator('vscode-dropdown');
    await choice.click();
    await choice.locator('vscode-option', { hasText: 'French' }).click();
    await workbench.until('French', async () => /chien/.test(await target()));
    await page.locator('.settings-editor .settings-header').click();
    await page.keyboard.press('Control+w');
  });

  await check('a decoder-only model continues the text in the same view', async () => {
    await workbench.quickOpen('prompt.txt');
    await workbench.selectText(PROMPT);
    await workbench.runCommand('Transformer: Continue Selection');
    await (await told('does not continue')).getByRole('button', { name: 'Use english-gpt-mini' }).click();
    await workbench.until(
      'a continuation',
      async () => /^continuation/i.test(await part('target').innerText()),
      40_000,
    );
    await statusIs('done');
    await rest(1);
    await scenario.shot('continued');
    await away();
    const text = await target();
    await control('insert-below').click();
    await line(text.slice(0, 15)).waitFor();
    await workbench.resizeSideBar(250);
    await fits();
    await scenario.shot('continued, 250 pixels');
  });
}
