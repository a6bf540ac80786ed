// The main way through the product: select, explore, look at heads, pin, follow the cursor, masks, positions, hover, reload.
import { decoratedTexts } from '../support/ui/textBox.mjs';
import { PanelPage } from './panelPage.mjs';
import { headOf, truthOf } from './truth.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";
const BATCH = [
  'Good morning.',
  'We are looking for a small hotel near the station.',
  'Two children are playing in the garden.',
];

/** Levels a channel may be off: the test joins the scale's anchors by straight lines, the product by curves. */
const TOLERANCE = 12;

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  const truth = truthOf(SENTENCE);
  const source = truth.encoder[0].tokens;
  const animal = source.findIndex(({ label }) => label === 'animal');
  const it = source.findIndex(({ label }) => label === 'it');
  /** @type {PanelPage} */
  let panel;

  await scenario.check('a document opens and no model is loaded', async () => {
    await workbench.openFile('first-steps.md');
    const item = await workbench.statusBar(/en-de-fr-zh|Transformer/).innerText();
    if (/WASM|WebGPU/.test(item)) {
      throw new Error(`A device is in use already: ${item}`);
    }
  });

  await scenario.check('Explore Selection shows layer 1, head 1 of the selected sentence', async () => {
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Explore Selection');
    panel = await PanelPage.find(workbench);
    await workbench.until('the first head', async () => (await panel.headName()) === 'encoder.0.self[0]');
    await workbench.statusBar('Layer 1, head 1').waitFor();
  });

  await scenario.check('the heat map has the colours of the weights', async () => {
    await panel.expectMatrix(headOf(truth, 'encoder.0.self', 0), TOLERANCE);
  });

  await scenario.check('the heat map of another head, or transposed, would not pass', async () => {
    const right = headOf(truth, 'encoder.0.self', 0);
    const wrong = [headOf(truth, 'encoder.0.self', 1), headOf(truth, 'encoder.1.self', 0)];
    const transposed = right.map((row, i) => row.map((_, j) => right[j][i]));
    for (const weights of [...wrong, transposed]) {
      const passed = await panel.expectMatrix(weights, TOLERANCE, 0).then(
        () => true,
        () => false,
      );
      if (passed) {
        throw new Error('A wrong matrix passed for the right one.');
      }
    }
  });

  await scenario.check('a thumbnail selects its layer and head', async () => {
    await panel.clickHead(1, 3);
    await workbench.until('layer 2, head 4', async () => (await panel.headName()) === 'encoder.1.self[3]');
    await workbench.statusBar('Layer 2, head 4').waitFor();
    await panel.expectMatrix(headOf(truth, 'encoder.1.self', 3), TOLERANCE);
  });

  await scenario.check('keys move between heads and layers', async () => {
    await panel.frame.locator('[data-area="matrix"]').focus();
    await page.keyboard.press(']');
    await workbench.until('the next head', async () => (await panel.headName()) === 'encoder.1.self[4]');
    await page.keyboard.press('{');
    await workbench.until('the layer before', async () => (await panel.headName()) === 'encoder.0.self[4]');
  });

  await scenario.check(
    'pointing at a cell marks both words in the editor and shows its numbers',
    async () => {
      await panel.clickHead(1, 1);
      await workbench.until('layer 2, head 2', async () => (await panel.headName()) === 'encoder.1.self[1]');
      await panel.pointAt(it, animal);
      const marked = await workbench.until('two marked words', async () => {
        const texts = (await decoratedTexts(page)).map((text) => text.trim());
        return texts.includes('it') && texts.includes('animal') ? texts : undefined;
      });
      if (marked.some((text) => text !== 'it' && text !== 'animal')) {
        throw new Error(`Also marked: ${marked.join(' | ')}`);
      }
      const weight = headOf(truth, 'encoder.1.self', 1)[it][animal].toFixed(3);
      await workbench.eventually(async () => {
        const inspector = await panel.part('attention-inspector').innerText();
        if (!inspector.includes('it → animal') || !inspector.includes(weight)) {
          throw new Error(`No "it → animal" with ${weight} in:\n${inspector}`);
        }
      });
    },
  );

  await scenario.check('a click pins the pair, and every head answers for it', async () => {
    await panel.clickCell(it, animal);
    await panel.part('every-head-pane').waitFor();
    await panel.frame.locator('.view-list').hover();
    await workbench.until('the word pinned', async () =>
      (await panel.part('attention-inspector').innerText()).includes('pinned'),
    );
    await scenario.shot('pinned', { media: 'explorer-attention.png' });
  });

  await scenario.check('Escape releases', async () => {
    await panel.frame.locator('[data-area="matrix"]').focus();
    await page.keyboard.press('Escape');
    await workbench.until(
      'no pin',
      async () => !(await panel.part('attention-inspector').innerText()).includes('pinned'),
    );
  });

  await scenario.check('words instead of pieces', async () => {
    await panel.choose('unit', 'Words');
    const words = new Set(source.map(({ word }) => word)).size;
    const matrix = wordsOf(headOf(truth, 'encoder.1.self', 1), source);
    if (matrix.length !== words) {
      throw new Error('The test counts words wrongly.');
    }
    await panel.expectMatrix(matrix, TOLERANCE);
    await scenario.shot('words');
    await panel.choose('unit', 'Pieces');
  });

  await scenario.check('the word at the cursor becomes the query', async () => {
    await workbench.placeCursor('street', { nth: 0 });
    await workbench.until('street in the inspector', async () =>
      (await panel.part('attention-inspector').innerText()).includes('street attends to'),
    );
  });

  await scenario.check('cross-attention belongs to the translation the model made', async () => {
    await panel.choose('kind', 'Cross');
    await workbench.until('cross-attention', async () => (await panel.headName()).includes('.cross['));
    const name = (await panel.headName()).replace(/\[.*/, '');
    const head = Number((await panel.headName()).match(/\[(\d+)\]/)?.[1]);
    await panel.expectMatrix(headOf(truth, name, head), TOLERANCE);
    await scenario.shot('cross', { media: 'explorer-cross.png' });
  });

  await scenario.check('another target language makes another run', async () => {
    const head = Number((await panel.headName()).match(/\[(\d+)\]/)?.[1]);
    const name = (await panel.headName()).replace(/\[.*/, '');
    await panel.pick('language', 'French');
    await panel.expectMatrix(headOf(truthOf(SENTENCE, { language: 'fr' }), name, head), TOLERANCE);
    await panel.pick('language', 'German');
    await panel.expectMatrix(headOf(truth, name, head), TOLERANCE);
  });

  await scenario.check('decoder self-attention sees no later token', async () => {
    await panel.choose('kind', 'Decoder self');
    await workbench.until('decoder self', async () => /decoder\.\d+\.self/.test(await panel.headName()));
    await page.waitForTimeout(500);
    await scenario.shot('decoder self');
  });

  await scenario.check('three selections make a batch whose padding mask is shown', async () => {
    await workbench.goToLine(34);
    for (const [index, text] of BATCH.entries()) {
      await workbench.selectText(text, { add: index > 0 });
    }
    await workbench.runCommand('Transformer: Explore Selection');
    await panel.open('masks');
    await panel.choose('kind', 'Encoder self');
    await workbench.until('the padding mask', async () =>
      /of \d+ keys are padding/.test(await panel.frame.locator('body').innerText()),
    );
    await page.waitForTimeout(500);
    await scenario.shot('masks encoder', { media: 'explorer-masks.png' });
    await panel.choose('kind', 'Decoder self');
    await workbench.until('the causal mask', async () =>
      (await panel.frame.locator('body').innerText()).includes('no query sees a later key'),
    );
    await page.waitForTimeout(500);
    await scenario.shot('masks decoder');
    await panel.choose('kind', 'Encoder self');
  });

  await scenario.check('the positions are said to be sinusoidal', async () => {
    await panel.open('positions');
    await panel.part('position-table').waitFor();
    await workbench.until('the kind', async () =>
      (await panel.part('positions-inspector').innerText()).includes('sinusoidal'),
    );
    await page.waitForTimeout(500);
    await scenario.shot('positions', { media: 'explorer-positions.png' });
    await panel.open('attention');
  });

  await scenario.check('Attention Hover shows what a word attends to', async () => {
    await workbench.goToLine(9);
    await workbench.runCommand('Transformer: Toggle Attention Hover');
    await workbench.statusBar('Attention Hover is on').waitFor();
    const hover = await workbench.until(
      'a card',
      async () => {
        const card = await workbench.hoverText('street', { nth: 0 }).catch(() => undefined);
        return card && (await card.innerText()).includes('attends to') ? card : undefined;
      },
      30_000,
    );
    const text = await hover.innerText();
    for (const wanted of ['street', 'attends to', 'is attended by', 'Open in Explorer', 'Entropy']) {
      if (!text.includes(wanted)) {
        throw new Error(`No "${wanted}" in the card:\n${text}`);
      }
    }
    await page.waitForTimeout(400);
    await scenario.shot('hover', { media: 'attention-hover.png' });
    await page.mouse.move(5, 5);
  });

  await scenario.check('the panel comes back after a window reload', async () => {
    await panel.clickHead(2, 2);
    await workbench.until('layer 3, head 3', async () => (await panel.headName()).endsWith('.2.self[2]'));
    // the workbench saves the state of its editors now and then
    await page.waitForTimeout(1500);
    await workbench.reload();
    panel = await PanelPage.find(workbench);
    await workbench.until('the same head', async () => (await panel.headName()).endsWith('.2.self[2]'));
    await scenario.shot('after reload');
  });

  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await scenario.check(`the panel follows the theme ${theme}`, async () => {
      await workbench.setTheme(theme);
      await page.waitForTimeout(800);
      await scenario.shot(theme, theme === 'Light Modern' ? { media: 'explorer-light.png' } : {});
    });
  }
}

/**
 * Sums the columns of each word and averages its rows.
 * @param {number[][]} weights
 * @param {{ word: number }[]} tokens
 * @returns {number[][]}
 */
function wordsOf(weights, tokens) {
  const count = Math.max(...tokens.map(({ word }) => word)) + 1;
  const sizes = Array.from(
    { length: count },
    (_, word) => tokens.filter((token) => token.word === word).length,
  );
  const sums = sizes.map(() => sizes.map(() => 0));
  weights.forEach((row, i) =>
    row.forEach((weight, j) => {
      sums[tokens[i].word][tokens[j].word] += weight / sizes[tokens[i].word];
    }),
  );
  return sums;
}
