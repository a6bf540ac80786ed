// The Compare view by real clicks: another text, other settings and another model beside the shown run, against two runs of the engine apart.
import { pixelsOf } from '../support/ui/pixels.mjs';
import { askEngine, DEFAULT_DECODING } from './engineTruth.mjs';
import { worstCell } from './expectedColour.mjs';
import { PanelPage } from './panelPage.mjs';

const TIRED = "The animal didn't cross the street because it was too tired.";
const WIDE = "The animal didn't cross the street because it was too wide.";
const CAT = 'A black cat sleeps on the red sofa.';
const WORDS = ['The', 'animal', "didn't", 'cross', 'the', 'street', 'because', 'it', 'was', 'too'];

/** As the panel writes weights. @param {number} value */
const written = (value) => {
  const text = value.toFixed(3).replace('-', '−');
  return Number(text.replace('−', '-')) === 0 ? text.replace('−', '') : text;
};
/** @param {number} value */
const signed = (value) =>
  value > 0 && Number(value.toFixed(3)) !== 0 ? `+${written(value)}` : written(value);

/** @typedef {import('../../src/engine/explorerEngine').ExplorerEngine} Engine */
/** @typedef {{ attention: string, head: number | 'mean' }} Head */

/**
 * Rows and columns of the words that both sentences have, from the words of one run.
 * @param {Engine} engine
 * @param {string} trace
 * @param {Head} head
 */
async function sharedWords(engine, trace, { attention, head }) {
  const { words, tokens } = engine.trace(trace).summary.encoder[0];
  const { columns, data } = await engine.matrix({
    trace,
    attention,
    head,
    batch: 0,
    stage: 'weights',
    unit: 'words',
  });
  const places = words.flatMap(({ label, first }, index) =>
    (WORDS.includes(label) || label === '.' || tokens[first].special) && label !== 'tired' && label !== 'wide'
      ? [index]
      : [],
  );
  return places.map((row) => places.map((column) => data[row * columns + column]));
}

/**
 * What both heads have over the words of both sentences.
 * @param {Head} head
 * @param {Head} [other]
 */
const truth = (head, other = head) =>
  askEngine([TIRED], async (engine, { id }) => {
    const beside = await engine.explore({
      model: 'model',
      texts: [WIDE],
      decoder: { from: 'translation', language: 'de' },
    });
    return {
      a: await sharedWords(engine, id, head),
      b: await sharedWords(engine, beside.id, other),
    };
  });

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  await workbench.openFile('first-steps.md');
  await workbench.selectText(TIRED);
  await workbench.runCommand('Transformer: Explore Selection');
  const panel = await PanelPage.find(workbench);
  const control = (/** @type {string} */ name) => panel.frame.locator(`[data-control="${name}"]`);
  const ready = () =>
    panel.frame.locator('[data-role="compare-status"][data-status="ready"]').waitFor({ state: 'attached' });
  const focusPicture = () => panel.frame.locator('[data-area="compare-a"]').focus();

  /** The rows of a table as texts. @param {string} role */
  const rowsOf = (role) =>
    panel
      .part(role)
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));

  /**
   * The table of the heads, without the words that only one sentence has; waits until it says what it must.
   * @param {{ a: number[][], b: number[][] }} expected
   */
  const expectTable = async ({ a, b }) => {
    const wanted = a.map((row, i) =>
      row.map((value, j) => `${written(value)} ${written(b[i][j])} ${signed(value - b[i][j])}`),
    );
    let last = '';
    await workbench
      .until('the weights of both heads', async () => {
        const rows = (await rowsOf('compare-table')).filter(([name]) => !name.includes('≠'));
        const cells = rows.map((row) => row.slice(1).filter((cell) => !cell.includes('–')));
        // Rounding may turn a last digit.
        last = JSON.stringify([cells, wanted]);
        return (
          cells.length === wanted.length &&
          cells.every(
            (row, i) => row.length === wanted[i].length && row.every((cell, j) => near(cell, wanted[i][j])),
          )
        );
      })
      .catch((error) => {
        throw new Error(`${error.message}: ${last.slice(0, 600)}`);
      });
  };

  await scenario.check('the ninth key opens the view, which says that nothing is compared yet', async () => {
    await panel.frame.locator('[data-area="matrix"]').focus();
    await page.keyboard.press('9');
    await panel.part('compare-status').filter({ hasText: 'Nothing is compared yet' }).waitFor();
    await panel.frame.locator('.compare-view:focus').waitFor();
    await page.keyboard.press('1');
    await panel.frame.locator('[data-area="heads"]:focus').waitFor();
    await page.keyboard.press('9');
    await scenario.shot('empty');
    await control('other-text').focus();
    await page.keyboard.type('1 t');
    await workbench.until('typed', async () => (await control('other-text').inputValue()) === '1 t');
  });

  await scenario.check(
    'a typed text beside the explored one: every cell is A, B and A − B of the same words',
    async () => {
      const expected = await truth({ attention: 'encoder.1.self', head: 2 });
      await control('other-text').fill(WIDE);
      await control('other-text').press('Enter');
      await ready();
      await panel.pick('layer', '2');
      await panel.pick('head', '3');
      await panel.choose('unit', 'Words');
      await panel.part('compare-a-pane').filter({ hasText: 'encoder.1.self[2]' }).waitFor();
      await panel.frame.locator('[data-area="compare-a"]').focus();
      await page.keyboard.press('t');
      await expectTable(expected);
      await scenario.shot('table');
      await page.keyboard.press('t');
      await panel.part('compare-a').waitFor();
    },
  );

  await scenario.check('the pictures have the colours of their weights, A and B in their own', async () => {
    const { a, b } = await truth({ attention: 'encoder.1.self', head: 2 });
    for (const [which, matrix] of /** @type {const} */ ([
      ['a', a],
      ['b', b],
    ])) {
      const canvas = panel.part(`compare-${which}`);
      const place = await canvas.evaluate((node) => ({ ...node.dataset }));
      const rows = Number(place['rows']);
      // The only row and column that are not compared: tired beside wide.
      const apart = rows - 3;
      const spread = Array.from({ length: rows }, (_, i) =>
        Array.from({ length: rows }, (__, j) =>
          i === apart || j === apart ? NaN : matrix[i > apart ? i - 1 : i][j > apart ? j - 1 : j],
        ),
      );
      await page.mouse.move(5, 5);
      const { worst, at } = worstCell(await pixelsOf(page, canvas), spread, {
        x: 0,
        y: 0,
        cell: Number(place['cellWidth']),
      });
      if (worst > 12) {
        throw new Error(`cell ${at.join(', ')} of ${which} is ${worst.toFixed(0)} levels off`);
      }
    }
    await scenario.shot('another text', { media: 'compare.png' });
  });

  await scenario.check('a cell under the pointer is read with its numbers', async () => {
    const { a, b } = await truth({ attention: 'encoder.1.self', head: 2 });
    const canvas = panel.part('compare-difference');
    const cell = Number(await canvas.getAttribute('data-cell-width'));
    const area = panel.frame.locator('[data-area="compare-difference"]');
    const [box, outer] = [await canvas.boundingBox(), await area.boundingBox()];
    if (!box || !outer) {
      throw new Error('the difference is not drawn');
    }
    const labels = await rowLabels(panel);
    const [query, key] = [labels.indexOf('it'), labels.indexOf('animal')];
    await area.hover({
      position: { x: box.x - outer.x + (key + 0.5) * cell, y: box.y - outer.y + (query + 0.5) * cell },
    });
    const [x, y] = [a[query][key], b[query][key]];
    const wanted = `it → animal: A ${written(x)}, B ${written(y)}, A − B ${signed(x - y)}`;
    await panel.part('compare-reading').filter({ hasText: wanted }).waitFor();
  });

  await scenario.check(
    'the grid has the distance of every head, and goes to the one that is clicked',
    async () => {
      const expected = await truth({ attention: 'encoder.2.self', head: 0 });
      const mean = meanDistance(expected);
      const canvas = panel.part('compare-grid');
      const size = Number(await canvas.getAttribute('data-cell-width'));
      const area = panel.frame.locator('[data-area="compare-grid"]');
      const [box, outer] = [await canvas.boundingBox(), await area.boundingBox()];
      if (!box || !outer) {
        throw new Error('the grid is not drawn');
      }
      const position = { x: box.x - outer.x + 0.5 * size, y: box.y - outer.y + 2.5 * size };
      await area.hover({ position });
      await panel
        .part('compare-grid-reading')
        .filter({ hasText: `Layer 3, head 1: mean ${written(mean)}` })
        .waitFor();
      await area.click({ position });
      await panel.part('compare-a-pane').filter({ hasText: 'encoder.2.self[0]' }).waitFor();
      await workbench.until(
        'the same mean at the pictures',
        async () =>
          Math.abs(Number(await panel.part('compare-summary').getAttribute('data-mean')) - mean) < 1e-4,
      );
      const listed = panel.part('most-different').locator('button').first();
      const goal = `${await listed.getAttribute('data-attention')}[${await listed.getAttribute('data-head')}]`;
      await listed.click();
      await panel.part('compare-a-pane').filter({ hasText: goal }).waitFor();
    },
  );

  await scenario.check('another head of B by choice, and both in each other’s place', async () => {
    await panel.pick('layer', '2');
    await panel.pick('head', '3');
    await control('linked').uncheck();
    await panel.pick('other-attention', 'encoder.0.self');
    await panel.pick('other-head', '2');
    const expected = await truth(
      { attention: 'encoder.1.self', head: 2 },
      { attention: 'encoder.0.self', head: 1 },
    );
    await focusPicture();
    await page.keyboard.press('t');
    await expectTable(expected);
    await control('compare-swap').click();
    await expectTable({ a: expected.b, b: expected.a });
    await control('compare-swap').click();
    await control('linked').check();
    await expectTable(await truth({ attention: 'encoder.1.self', head: 2 }));
    await panel.part('compare-table').locator('table').focus();
    await page.keyboard.press('t');
  });

  await scenario.check('keys step through the heads without losing the focus', async () => {
    // the table has made room for the pictures, and given the focus to the first one
    await panel.part('compare-difference').waitFor();
    await page.waitForTimeout(300);
    await panel.frame.locator('[data-area="compare-difference"]').focus();
    await page.keyboard.press(']');
    await page.keyboard.press(']');
    await panel.part('compare-b-pane').filter({ hasText: 'encoder.1.self[4]' }).waitFor();
    await page.keyboard.press('[');
    await page.keyboard.press('[');
    await panel.part('compare-b-pane').filter({ hasText: 'encoder.1.self[2]' }).waitFor();
    await panel.frame.locator('[data-area="compare-difference"]:focus').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await panel.part('compare-reading').filter({ hasText: 'A − B' }).waitFor();
  });

  await scenario.check('KL, likeliest tokens and cosines are those of the two runs', async () => {
    const expected = await askEngine([TIRED], async (engine, { id }) => {
      const beside = await engine.explore({
        model: 'model',
        texts: [WIDE],
        decoder: { from: 'translation', language: 'de' },
      });
      // The decoder's first token is the same in both: what each says after it can be worked out from the logits.
      const rows = await Promise.all(
        [id, beside.id].map((trace) =>
          engine.states({ trace, batch: 0, state: 'decoder.logits', first: 0, last: 0 }),
        ),
      );
      const [p, q] = rows.map(({ data }) => {
        const most = Math.max(...data);
        const total = data.reduce((sum, value) => sum + Math.exp(value - most), 0);
        return [...data].map((value) => value - most - Math.log(total));
      });
      return p.reduce((sum, value, i) => sum + Math.exp(value) * (value - q[i]), 0);
    });
    const row = panel.part('compare-output-table').locator('tr[data-position="0"]');
    const kl = Number(await row.getAttribute('data-kl'));
    if (Math.abs(kl - expected) > 1e-4) {
      throw new Error(`KL ${kl} instead of ${expected}`);
    }
    await panel.part('compare-output-pane').scrollIntoViewIfNeeded();
    await scenario.shot('output');
    await panel.part('compare-states-pane').scrollIntoViewIfNeeded();
    await panel.frame.locator('[data-area="compare-states"]').focus();
    await page.keyboard.press('ArrowDown');
    await panel.part('compare-states-reading').filter({ hasText: 'cosine' }).waitFor();
    await scenario.shot('states');
  });

  await scenario.check('another exploration has no B, and the first one gets its own back', async () => {
    const before = await panel.part('compare-summary').getAttribute('data-mean');
    await workbench.selectText(CAT);
    await workbench.runCommand('Transformer: Explore Selection');
    await panel.part('compare-status').filter({ hasText: 'Nothing is compared yet' }).waitFor();
    await workbench.until('no old picture', async () => !(await panel.part('compare-heads').isVisible()));
    await workbench.selectText(TIRED);
    await workbench.runCommand('Transformer: Explore Selection');
    await ready();
    await workbench.until(
      'the same difference',
      async () => (await panel.part('compare-summary').getAttribute('data-mean')) === before,
    );
  });

  await scenario.check(
    'when A changes its language, B is run anew to match, and nothing stays as it was',
    async () => {
      const french = await askEngine([WIDE], async (_engine, { decoder }) => decoder[0].text, {
        language: 'fr',
      });
      await panel.pick('language', 'French');
      const text = panel.part('compare-text-b');
      await workbench.until('the French translation of B', async () => (await text.innerText()) === french);
      const sides = panel.part('compare-sides').locator('dd');
      for (const side of [0, 1]) {
        await sides.nth(side).filter({ hasText: 'into French' }).waitFor();
      }
      await panel.pick('language', 'German');
      await sides.nth(1).filter({ hasText: 'into German' }).waitFor();
    },
  );

  await scenario.check(
    'what is selected in the editor becomes B, by the button and by the command',
    async () => {
      await workbench.selectText(CAT);
      await control('compare-editor').click();
      await panel.part('compare-sides').filter({ hasText: CAT }).waitFor();
      await workbench.selectText('The animal');
      await workbench.runCommand('Transformer: Compare Selection with Explored Text');
      await panel.part('compare-sides').filter({ hasText: '“The animal”' }).waitFor();
      await panel.part('compare-tokens').filter({ hasText: 'street' }).waitFor();
      await scenario.shot('shorter text');
    },
  );

  await scenario.check('a text that is too long is refused in place, and the next one runs', async () => {
    await control('other-text').fill('the street '.repeat(400));
    await control('compare').click();
    await panel.part('compare-status').filter({ hasText: 'could not be run' }).waitFor();
    await control('compare-again').waitFor();
    await scenario.shot('refused');
    await control('other-text').fill(WIDE);
    await control('compare').click();
    await ready();
  });

  await scenario.check('the same text into another language, and by beam search', async () => {
    await panel.pick('other-mode', 'another language');
    await panel.pick('other-language', 'French');
    await control('compare').click();
    await panel.part('compare-sides').filter({ hasText: 'into French' }).waitFor();
    const french = await askEngine([TIRED], async (_engine, { decoder }) => decoder[0].text, {
      language: 'fr',
    });
    const text = panel.part('compare-text-b');
    await workbench.until('the French translation', async () => (await text.innerText()) === french);
    if ((await text.locator('mark').count()) === 0) {
      throw new Error('nothing of the other language is marked');
    }
    await panel.choose('kind', 'Cross');
    await scenario.shot('language');
    const beams = await askEngine([TIRED], async (engine) =>
      engine.translate({
        model: 'model',
        texts: [TIRED],
        language: 'de',
        decoding: { ...DEFAULT_DECODING, method: 'beam', beams: 4 },
      }),
    );
    const [{ hypotheses }] = beams;
    await panel.pick('other-mode', 'beam search');
    await control('compare').click();
    await panel.part('compare-sides').filter({ hasText: '4 beams' }).waitFor();
    await workbench.until(
      'its translation',
      async () => (await text.innerText()) === hypotheses[0].target.text,
    );
    await scenario.shot('beams');
  });

  await scenario.check('with an intervention of the list, and without it', async () => {
    await panel.open('experiments');
    await control('add-intervention').click();
    await control('form-add').click();
    await control('interventions').filter({ hasText: '1' }).waitFor();
    await panel.open('compare');
    await panel.pick('other-mode', 'the model as loaded');
    await control('compare').click();
    await ready();
    const sides = panel.part('compare-sides').locator('dd');
    await workbench.until(
      'the change in A alone',
      async () =>
        (await sides.nth(0).innerText()).includes('1 intervention') &&
        !(await sides.nth(1).innerText()).includes('intervention'),
    );
    // The head that was removed lies in the decoder: what the encoder does is the same, what comes after it is not.
    await panel.choose('kind', 'Encoder self');
    await panel.part('compare-a-pane').filter({ hasText: 'encoder.1.self[2]' }).waitFor();
    const mean = panel.part('compare-summary');
    await workbench.until('no difference', async () => (await mean.getAttribute('data-mean')) === '0');
    await panel.choose('kind', 'Cross');
    await panel.pick('layer', '3');
    await workbench.until('a difference', async () => Number(await mean.getAttribute('data-mean')) > 0);
    await scenario.shot('as loaded');
    await control('interventions').click();
    await control('clear-interventions').click();
    await panel.open('compare');
  });

  await scenario.check('another model with another tokenizer: what cannot be compared is said', async () => {
    await panel.choose('kind', 'Encoder self');
    await panel.pick('other-mode', 'another model');
    await panel.pick('other-model', 'english-bert-mini');
    await control('compare').click();
    await panel.part('compare-sides').filter({ hasText: 'english-bert-mini' }).waitFor();
    await ready();
    await panel.part('compare-notes').filter({ hasText: 'trained apart' }).waitFor();
    await panel.part('compare-notes').filter({ hasText: 'has no counterpart' }).waitFor();
    await panel.choose('mean', 'Mean');
    await panel.part('compare-difference-pane').locator('canvas').first().waitFor();
    await scenario.shot('another model');
  });

  await scenario.check('B is forgotten when it is cleared', async () => {
    await control('compare-clear').click();
    await panel.part('compare-status').filter({ hasText: 'Nothing is compared yet' }).waitFor();
    await workbench.until('no picture', async () => !(await panel.part('compare-heads').isVisible()));
  });

  await control('other-mode').waitFor();
  await panel.pick('other-mode', 'another text');
  await control('other-text').fill("The old animal didn't cross the street because it was too wide.");
  await control('compare').click();
  await ready();
  await panel.choose('mean', 'One head');
  await panel
    .part('compare-b-pane')
    .filter({ hasText: /self\[\d\]/ })
    .waitFor();
  await scenario.check('a reloaded window shows the same comparison again', async () => {
    const before = await panel.part('compare-summary').getAttribute('data-mean');
    // what is looked at is written a moment after the last change
    await page.waitForTimeout(1500);
    // by VS Code's own command, which saves the state of its editors first
    const loaded = page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await loaded;
    await workbench.ready();
    const again = await PanelPage.find(workbench, '[data-role="compare-summary"]:not([hidden])');
    await workbench.until(
      'the same difference',
      async () => (await again.part('compare-summary').getAttribute('data-mean')) === before,
    );
    await again.part('compare-sides').filter({ hasText: 'The old animal' }).waitFor();
  });

  const reloaded = await PanelPage.find(workbench, '[data-role="compare-summary"]:not([hidden])');
  await workbench.toggleSideBar();
  await workbench.divideEditors(0.2);
  await page.waitForTimeout(1000);
  await scenario.shot('wide');
  await workbench.toggleSideBar();
  await workbench.divideEditors(0.4);
  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await workbench.setTheme(theme);
    await page.waitForTimeout(1000);
    await scenario.shot(theme);
    await reloaded.part('compare-states-pane').scrollIntoViewIfNeeded();
    await scenario.shot(`${theme} below`);
    await reloaded.part('compare-heads').scrollIntoViewIfNeeded();
  }
}

/** Numbers that differ by rounding only. @param {string} a @param {string} b */
function near(a, b) {
  const numbers = (/** @type {string} */ text) => text.replaceAll('−', '-').split(' ').map(Number);
  const other = numbers(b);
  return numbers(a).every((value, i) => Math.abs(value - other[i]) < 0.0015);
}

/** @param {{ a: number[][], b: number[][] }} pair */
function meanDistance({ a, b }) {
  const all = a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i][j])));
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** The tokens of A that are in both. @param {PanelPage} panel @returns {Promise<string[]>} */
async function rowLabels(panel) {
  return panel.frame
    .locator('[data-role="compare-tokens"] .aligned-items')
    .first()
    .locator('[data-same] [data-side="a"]')
    .allInnerTexts();
}
