// The Translation view: select, translate, hover a word, force another one, take another translation, replace, undo, themes, a long text.
import { decoratedTexts } from '../support/ui/textBox.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";
const SECOND = "The animal didn't cross the street because it was too wide.";

/** Without it, a click on the text below would be taken for one in the panel. */
export const settings = { 'editor.hover.enabled': false };

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  /** @type {import('playwright-core').Frame} */
  let frame;
  const part = (/** @type {string} */ role) => frame.locator(`[data-role="${role}"]`);
  const control = (/** @type {string} */ name) => frame.locator(`[data-control="${name}"]`);
  const target = async () => (await part('target-text').innerText()).trim();
  const words = () => part('target-text').locator('.word');
  /** The text of a whole line of the editor. */
  const line = (/** @type {string} */ begins) =>
    page
      .locator('.editor-instance .view-line')
      .filter({ hasText: begins.replaceAll(' ', '\u00a0') })
      .or(page.locator('.editor-instance .view-line').filter({ hasText: begins }))
      .first();
  const done = async () => {
    await workbench.until('the translation', async () => (await words().count()) > 0);
    await workbench.until(
      'the end of it',
      async () => (await part('translation').getAttribute('data-status')) === 'done',
    );
  };
  /** Waits for a card that tells something. */
  const card = () =>
    workbench.until(
      'alternatives',
      async () => (await part('word-card').locator('.alternative[data-token]:visible').count()) > 0,
    );
  /** Takes the pointer off the view, and waits until no card is left. */
  const away = async () => {
    await page.mouse.move(700, 5);
    await workbench.until('no card', async () => !(await part('word-card').isVisible()));
  };
  const rest = async (/** @type {number} */ nth) => {
    await words().nth(nth).hover();
    const word = await words().nth(nth).innerText();
    await workbench.until(`the card of ${word}`, async () =>
      (await part('word-card').getAttribute('aria-label'))?.endsWith(` ${word}`),
    );
    await card();
  };
  let first = '';

  await scenario.check('nothing selected: the view says what to do', async () => {
    await workbench.openFile('first-steps.md');
    await workbench.runCommand('Focus on Translation View');
    frame = await workbench.webview('[data-role="translation"]', 60_000);
    await part('empty').waitFor();
    await scenario.shot('empty');
  });

  await scenario.check('Translate Selection shows the translation of the selected sentence', async () => {
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Translate Selection');
    await done();
    first = await target();
    if (!/Tier/.test(first) || (await part('source-text').innerText()).trim() !== SENTENCE) {
      throw new Error(`"${first}" for "${await part('source-text').innerText()}"`);
    }
  });

  await scenario.check('a word lights its source words, here and in the editor', async () => {
    const tier = part('target-text').locator('.word', { hasText: /^Tier$/ });
    await tier.hover();
    const weightOf = async (/** @type {string} */ word) =>
      Number(
        await part('source-text')
          .locator('.word', { hasText: word })
          .getAttribute('data-weight', { timeout: 5000 }),
      );
    await workbench.until('light on animal', async () => (await weightOf('animal')) > 0.1);
    await workbench.until('the marked word', async () =>
      (await decoratedTexts(page)).some((text) => text.includes('animal')),
    );
    await workbench.until('the list', async () =>
      (await part('comes-from').innerText()).replace(/\s+/g, ' ').includes('animal'),
    );
  });

  await scenario.check('and a source word its target words', async () => {
    await part('source-text').locator('.word', { hasText: 'animal' }).hover();
    await workbench.until(
      'light on Tier',
      async () =>
        Number(
          await part('target-text')
            .locator('.word', { hasText: /^Tier$/ })
            .getAttribute('data-weight'),
        ) > 0.1,
    );
    await page.mouse.move(700, 5);
  });

  await scenario.check('the card of a word adds up to 1, does not cover it, and can be reached', async () => {
    await rest(3);
    await scenario.shot('alternatives', { media: 'translation.png' });
    const word = await words().nth(3).boundingBox();
    const box = await part('word-card').boundingBox();
    if (!word || !box) {
      throw new Error('There is no card.');
    }
    if (box.y < word.y + word.height && box.y + box.height > word.y) {
      throw new Error(`The card at ${box.y} covers the word at ${word.y}.`);
    }
    const listed = part('word-card').locator('.alternative[data-token] .number');
    const numbers = [
      await part('word-card').locator('.card-head .number').innerText(),
      await part('word-card').locator('.rest .number').innerText(),
      ...(await listed.allInnerTexts()),
    ].map(Number);
    const sum = numbers.reduce((so, each) => so + each, 0);
    if (Math.abs(sum - 1) > 0.005) {
      throw new Error(`${numbers.join(' + ')} = ${sum}`);
    }
    const below = box.y > word.y;
    await page.mouse.move(word.x + word.width / 2, below ? word.y + word.height - 1 : word.y + 1);
    await page.mouse.move(box.x + 40, below ? box.y + 40 : box.y + box.height - 40, { steps: 8 });
    await page.waitForTimeout(800);
    if (!(await part('word-card').isVisible())) {
      throw new Error('It went away on the way to it.');
    }
  });

  await scenario.check('a click on an alternative forces it, and the rest is decoded again', async () => {
    const nth = 2;
    await away();
    await rest(nth);
    const before = await target();
    const kept = before.split(/\s+/).slice(0, nth).join(' ');
    await part('word-card').locator('.alternative[data-token]').first().click();
    await workbench.until(
      'another text',
      async () => (await control('unforce').isVisible()) && (await target()) !== before,
    );
    const after = await target();
    if (!after.startsWith(kept)) {
      throw new Error(`"${after}" does not begin with "${kept}".`);
    }
    await page.mouse.move(700, 5);
    await page.waitForTimeout(500);
    await scenario.shot('forced');
  });

  await scenario.check('and can be taken back', async () => {
    await control('unforce').click();
    await workbench.until('the first text', async () => (await target()) === first);
  });

  let other = '';
  await scenario.check('another translation is put into the text', async () => {
    const row = part('others-list').locator('.other').nth(1);
    if ((await part('others-list').locator('b').count()) === 0) {
      throw new Error('Nothing of the others is bold.');
    }
    await row.click();
    await workbench.until('the other text', async () => (await target()) !== first);
    other = await target();
    if (!(await row.innerText()).replace(/\s+/g, ' ').includes(other)) {
      throw new Error(`"${other}" is not what was clicked.`);
    }
  });

  await scenario.check('Replace writes it into the document, and undo takes it back', async () => {
    await control('replace').click();
    await line(other).waitFor();
    await scenario.shot('replaced');
    await workbench.focusEditor();
    await page.keyboard.press('Control+z');
    await line(SENTENCE).waitFor();
    await line(other).waitFor({ state: 'detached' });
  });

  await scenario.check('keys: words, card, alternatives, back', async () => {
    await workbench.selectText(SECOND);
    await workbench.runCommand('Transformer: Translate Selection');
    await workbench.until(
      'the other source',
      async () => (await part('source-text').innerText()).trim() === SECOND,
    );
    await done();
    await part('target-text').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await workbench.until('the second word', async () =>
      (await words().nth(1).getAttribute('class'))?.includes('looked'),
    );
    await page.keyboard.press('Enter');
    await card();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await workbench.until('no card', async () => !(await part('word-card').isVisible()));
    const focused = await frame.evaluate(() => document.activeElement?.getAttribute('data-role'));
    if (focused !== 'target-text') {
      throw new Error(`The keyboard is in ${focused}.`);
    }
  });

  await scenario.check('the beam tree opens, with the text as its best path', async () => {
    await part('beam-tree').locator('.section-header').click();
    await part('beam').locator('.beam-node.best').first().waitFor();
    const best = await part('beam').locator('.beam-node.best').first().innerText();
    if (!(await target()).startsWith(best.trim())) {
      throw new Error(`The best path begins with "${best}".`);
    }
    await part('beam').locator('.beam-node.best').first().scrollIntoViewIfNeeded();
    await scenario.shot('beam tree');
    await part('beam-tree').locator('.section-header').click();
  });

  await scenario.check('settings are checked before they are used', async () => {
    await part('settings').locator('.section-header').click();
    const beams = control('beams').locator('input');
    await beams.fill('99');
    await beams.press('Enter');
    await part('settings').locator('.setting-problem:visible').waitFor();
    await beams.fill('2');
    await beams.press('Enter');
    await workbench.until('the new setting', async () =>
      (await part('settings').locator('.section-header').innerText()).includes('beam 2'),
    );
    await done();
    await control('reset').click();
    await workbench.until('the old setting', async () =>
      (await part('settings').locator('.section-header').innerText()).includes('beam 4'),
    );
    await scenario.shot('settings');
    await part('settings').locator('.section-header').click();
    await done();
  });

  await scenario.check('several paragraphs keep their line breaks', async () => {
    await workbench.goToLine(34);
    await workbench.selectText('Good morning.');
    for (const text of [
      'We are looking for a small hotel near the station.',
      'Two children are playing in the garden.',
    ]) {
      await workbench.selectText(text, { add: true });
    }
    await workbench.runCommand('Transformer: Translate Selection');
    await workbench.until('three places', async () =>
      (await part('source').innerText()).includes('3 places'),
    );
    await done();
    await workbench.until(
      'three sentences',
      async () => (await part('target-text').locator('.sentence .word').count()) > 12,
    );
    await rest(5);
    await scenario.shot('three places');
    await away();
  });

  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern']) {
    await scenario.check(`the view follows the theme ${theme}`, async () => {
      await workbench.setTheme(theme);
      await page.waitForTimeout(800);
      await rest(4);
      await page.waitForTimeout(400);
      await scenario.shot(theme);
      await away();
    });
  }
}
