// Heat: toggled from the palette and the panel, drawn in the editor in every theme, kept from the hover's card; its links refresh the card.
import { decoratedTexts, textBox } from '../support/ui/textBox.mjs';
import { PanelPage } from './panelPage.mjs';
import { headOf, truthOf } from './truth.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  const truth = truthOf(SENTENCE);
  /** @type {PanelPage} */
  let panel;

  /** Words of the source that the mean of a layer gives at least 0.01 to, in reading order. @param {number} layer @param {string} word */
  const expected = (layer, word) => coloured(truth, `encoder.${layer}.self`, word);
  /** @param {string} word @param {readonly string[]} words */
  const expectHeat = async (word, words) => {
    await workbench.statusBar(`heat: ${word}`).waitFor();
    // the frame of the word itself is a mark too
    const wanted = [...words, word].sort().join(' ');
    await workbench.until(`the heat of ${word}: ${wanted}`, async () => {
      const marked = (await decoratedTexts(page)).map((text) => text.trim());
      return marked.sort().join(' ') === wanted;
    });
  };

  await scenario.check('Toggle Heat runs the sentence at the cursor, without the panel', async () => {
    await workbench.openFile('first-steps.md');
    await workbench.placeCursor('street');
    await workbench.runCommand('Transformer: Toggle Heat');
    await workbench.statusBar('heat: street').waitFor({ timeout: 60_000 });
  });

  await scenario.check('the panel shows that heat is on, and which head it shows', async () => {
    await workbench.runCommand('Transformer: Explore Selection');
    panel = await PanelPage.find(workbench);
    await panel.frame.locator('[data-control="heat"].on').waitFor();
    await panel.choose('mean', 'Mean of layer');
    await workbench.runCommand('Transformer: Next Layer');
    await workbench.statusBar('Layer 2, mean of heads').waitFor();
    const [{ x, y, height }] = await textBox(page, 'it was too tired');
    await page.mouse.click(x + 2, y + height / 2);
    await expectHeat('it', expected(1, 'it'));
  });

  await scenario.check('the cursor takes the heat along', async () => {
    await workbench.placeCursor('street');
    await expectHeat('street', expected(1, 'street'));
    await workbench.placeCursor('animal');
    await expectHeat('animal', expected(1, 'animal'));
  });

  await scenario.check('the legend is in the status bar', async () => {
    await workbench.statusBar('heat: animal').hover();
    const legend = page.locator('.monaco-hover', { hasText: 'Heat: what animal attends to' });
    await legend.locator('img').waitFor();
    await workbench.until('the picture of the legend', () =>
      legend.locator('img').evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0),
    );
    await scenario.shot('legend');
    await page.mouse.move(400, 300);
  });

  for (const theme of ['Light Modern', 'Dark High Contrast', 'Light High Contrast', 'Dark Modern']) {
    await scenario.check(`the heat follows the theme ${theme}`, async () => {
      await workbench.setTheme(theme);
      await workbench.placeCursor('street');
      await expectHeat('street', expected(1, 'street'));
      // The marks of the theme before may still be there, or just be taken away.
      await workbench.eventually(async () => {
        const widths = await page
          .locator('.editor-instance .view-overlays .cdr[class*="ced-"]')
          .evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark).borderBottomWidth));
        if (!widths.some((width) => Number.parseFloat(width) >= 1)) {
          throw new Error(`No mark is underlined: ${widths.join(', ')}`);
        }
      });
      await scenario.shot(theme);
    });
  }

  await scenario.check('the button of the panel turns it off and on', async () => {
    const button = panel.frame.locator('[data-control="heat"]');
    await button.click();
    await workbench.until(
      'no status',
      async () =>
        !(await workbench
          .statusBar(/^heat: /)
          .first()
          .isVisible()
          .catch(() => false)),
    );
    await workbench.until('no mark', async () => (await decoratedTexts(page)).length === 0);
    await button.click();
    await workbench
      .statusBar(/^heat: /)
      .first()
      .waitFor();
  });

  await scenario.check('an edit of the text clears it, undo brings it back', async () => {
    await workbench.placeCursor('street');
    await workbench.statusBar('heat: street').waitFor();
    await page.keyboard.type('x');
    await workbench.until('no mark', async () => (await decoratedTexts(page)).length === 0);
    await page.keyboard.press('Control+z');
    await workbench
      .statusBar(/^heat: /)
      .first()
      .waitFor();
    await workbench.until('marks', async () => (await decoratedTexts(page)).length > 0);
  });

  await scenario.check('the links of the hover card show the card of the next head', async () => {
    await workbench.runCommand('Transformer: Toggle Attention Hover');
    await workbench.statusBar('Attention Hover is on').waitFor();
    await panel.choose('mean', 'One head');
    const card = await workbench.until(
      'a card',
      async () => {
        const hover = await workbench.hoverText('street').catch(() => undefined);
        return hover && (await hover.innerText()).includes('head 1;') ? hover : undefined;
      },
      40_000,
    );
    await card.getByText('Next head').click();
    const next = page.locator('.monaco-editor .monaco-hover:not(.hidden)', { hasText: 'head 2;' }).first();
    await next.waitFor();
    await scenario.shot('card-again');
    await next.getByText('Previous head').click();
    await page.locator('.monaco-editor .monaco-hover:not(.hidden)', { hasText: 'head 1;' }).first().waitFor();
  });

  await scenario.check('Keep heat on shows the heat of the hovered word', async () => {
    await panel.frame.locator('[data-control="heat"]').click();
    await workbench.until('no mark', async () => (await decoratedTexts(page)).length === 0);
    await workbench.placeCursor('tired');
    const card = await workbench.until(
      'a card',
      async () => {
        const hover = await workbench.hoverText('street').catch(() => undefined);
        return hover && (await hover.innerText()).includes('Keep heat on') ? hover : undefined;
      },
      40_000,
    );
    await card.getByText('Keep heat on').click();
    await workbench.statusBar('heat: street').waitFor();
    await scenario.shot('kept');
  });
}

/**
 * The words that the mean over the heads of an attention gives 0.01 or more to.
 * @param {import('./truth.mjs').Truth} truth
 * @param {string} attention
 * @param {string} word
 * @returns {string[]}
 */
function coloured(truth, attention, word) {
  const { tokens } = truth.encoder[0];
  const heads = truth.attentions.find(({ name }) => name === attention)?.heads ?? 0;
  const texts = [...new Set(tokens.map((token) => token.word))].map((index) => {
    const pieces = tokens.flatMap((token, at) => (token.word === index ? [{ ...token, at }] : []));
    const [start, end] = [pieces[0].start, pieces[pieces.length - 1].end];
    return { pieces, text: start < 0 ? '' : SENTENCE.slice(start, end).trim() };
  });
  const query = texts.find(({ text }) => text === word);
  if (!query || heads === 0) {
    throw new Error(`The engine knows no ${word} in ${attention}.`);
  }
  return texts.flatMap(({ pieces, text }) => {
    let sum = 0;
    for (let head = 0; head < heads; head++) {
      const weights = headOf(truth, attention, head);
      for (const row of query.pieces) {
        for (const column of pieces) {
          sum += weights[row.at][column.at] / heads / query.pieces.length;
        }
      }
    }
    return text !== '' && sum >= 0.01 ? [text] : [];
  });
}
