// Goes through the panel by keyboard: a key that changes the view must leave the next key something to act on.
import { PanelPage } from './panelPage.mjs';

const SENTENCE = 'A black cat sleeps on the red sofa.';
const DECODER = 'Das Tier';

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  /** @type {PanelPage} */
  let panel;

  /** @param {string} name */
  const focusedArea = (name) =>
    workbench.until(
      `the focus in ${name}`,
      async () => (await panel.frame.locator(`[data-area="${name}"]:focus`).count()) === 1,
      15_000,
    );

  await scenario.check('the panel opens', async () => {
    await workbench.openFile('first-steps.md');
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Explore Selection');
    panel = await PanelPage.find(workbench);
  });

  await scenario.check('the keys of the views work one after the other', async () => {
    await panel.frame.locator('[data-area="matrix"]').focus();
    await page.keyboard.press('2');
    await focusedArea('inside-query');
    await page.keyboard.press('3');
    await focusedArea('mask-total');
    await page.keyboard.press('4');
    await focusedArea('positions');
    await page.keyboard.press('1');
    await focusedArea('heads');
  });

  await scenario.check('a mask becomes a table and a picture again', async () => {
    await page.keyboard.press('3');
    await focusedArea('mask-total');
    await page.keyboard.press('t');
    await panel.frame.locator('[data-role="mask-tables"] :focus').waitFor();
    await page.keyboard.press('t');
    await focusedArea('mask-total');
    await page.keyboard.press('1');
    await focusedArea('heads');
  });

  await scenario.check('Open in Explorer shows the word of the hover, wherever the cursor is', async () => {
    await workbench.focusEditor();
    await workbench.goToLine(1);
    await workbench.runCommand('Transformer: Toggle Attention Hover');
    // the setting takes effect a moment after the command
    await page.waitForTimeout(1000);
    await workbench.hoverText('street', { nth: 0 });
    await page
      .locator('.monaco-editor .monaco-hover:not(.hidden) a', { hasText: 'Open in Explorer' })
      .click();
    // the cursor's own word is told a little after the run
    await page.waitForTimeout(2000);
    await page.mouse.move(5, 5);
    await workbench.until('street in the inspector', async () =>
      (await panel.part('attention-inspector').innerText()).includes('street attends to'),
    );
    await workbench.focusEditor();
    await workbench.runCommand('Transformer: Toggle Attention Hover');
  });

  await scenario.check('another language keeps the selected decoder input', async () => {
    await workbench.focusEditor();
    await workbench.placeCursor('black');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type(DECODER);
    await workbench.selectText(SENTENCE);
    await workbench.selectText(DECODER, { add: true });
    await workbench.runCommand('Transformer: Explore Selection with Second Selection as Decoder Input');
    await panel.choose('kind', 'Cross');
    await panel.choose('beside-heads', 'Selected');
    const sizes = () => panel.part('attention-facts').innerText();
    const before = await workbench.until('the second selection', async () => {
      const text = await sizes();
      // Two words and the start; a translation of the sentence would be longer.
      return /\b[3-6] × \d\d\b/.test(text) ? text : undefined;
    });
    await workbench.placeCursor('black');
    await panel.pick('language', 'French');
    // the run of the other language has to come before anything can be said of it
    await page.waitForTimeout(2000);
    await workbench.eventually(async () => {
      const language = await panel.frame
        .locator('[data-control="language"] vscode-dropdown')
        .evaluate((dropdown) => /** @type {HTMLElement & { value: string }} */ (dropdown).value);
      const after = await sizes();
      if (language !== 'fr' || after !== before) {
        throw new Error(`The language is ${language}, and the attention is\n${after}`);
      }
    });
  });
}
