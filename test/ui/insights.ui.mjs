// The Embeddings, Layers and Output views by real clicks: what they show is what the engine answers for that token and layer.
import { PanelPage } from './panelPage.mjs';
import { askEngine } from './engineTruth.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";

/** As the panel writes numbers. @param {number} value @param {number} [decimals] */
const written = (value, decimals = 2) => {
  const text = value.toFixed(decimals).replace('-', '−');
  return Number(text.replace('−', '-')) === 0 ? text.replace('−', '') : text;
};

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  await workbench.openFile('first-steps.md');
  await workbench.selectText(SENTENCE);
  await workbench.runCommand('Transformer: Explore Selection');
  const panel = await PanelPage.find(workbench);

  /** The rows of a table as texts. @param {string} role */
  const rowsOf = (role) =>
    panel
      .part(role)
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));

  await scenario.check('Output shows every step and what each layer would have said', async () => {
    const { steps, lens, layers } = await askEngine([SENTENCE], async (engine, { id, decoder }) => {
      const place = { trace: id, batch: 0 };
      const last = decoder[0].tokens.length - 1;
      const answer = await engine.logitLens({ ...place, first: 0, last, count: 5 });
      return { steps: await engine.steps(place), lens: answer, layers: answer.states.length };
    });
    await panel.open('output');
    await panel.part('lens').locator('td').first().waitFor();
    await workbench.eventually(async () => {
      const rows = await rowsOf('lens');
      const probabilities = rows[layers + 1].slice(1);
      const expected = steps.map(({ actual }) => (actual ? written(actual.probability, 3) : '–'));
      if (probabilities.join() !== expected.join()) {
        throw new Error(`probabilities ${probabilities.join()} instead of ${expected.join()}`);
      }
      for (const [state, cells] of lens.cells.entries()) {
        const ids = await panel
          .part('lens')
          .locator(`tr[data-row="${lens.states[state]}"] td`)
          .evaluateAll((all) => all.map((cell) => Number(cell.getAttribute('data-token'))));
        const wanted = cells.map(({ candidates }) => candidates[0].id);
        if (ids.join() !== wanted.join()) {
          throw new Error(`${lens.states[state]} shows ${ids.join()} instead of ${wanted.join()}`);
        }
      }
    });
    await scenario.shot('output');
  });

  await scenario.check(
    'a click on a position shows its distribution, and the temperature changes it',
    async () => {
      const settings = { temperature: 1, topK: 0, topP: 1, count: 20 };
      const [plain, hot] = await askEngine([SENTENCE], (engine, { id }) =>
        Promise.all(
          [1, 10].map((temperature) =>
            engine.distribution({ trace: id, batch: 0, position: 3, ...settings, temperature }),
          ),
        ),
      );
      await panel.part('lens').locator('thead th[data-position="3"]').click();
      const first = panel.part('candidates').locator('[data-id]').first();
      const shows = async (/** @type {number} */ probability, /** @type {number} */ id) =>
        (await first.getAttribute('data-id')) === String(id) &&
        Math.abs(Number(await first.getAttribute('data-probability')) - probability) < 1e-3;
      const [best] = plain.candidates;
      await workbench.until('the likeliest token', () => shows(best.probability, best.id));
      const slider = panel.frame.locator('[data-control="temperature"]');
      await slider.focus();
      await page.keyboard.press('End');
      await workbench.until('the same token, hardly likelier than others', () =>
        shows(hot.candidates[0].probability, best.id),
      );
      await scenario.shot('output hot');
      await panel.frame.locator('[data-control="reset-decoding"]').click();
      await workbench.until('the likeliest token again', () => shows(best.probability, best.id));
    },
  );

  await scenario.check('keys move over the cells of the lens', async () => {
    await panel.part('lens').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    const reading = panel.part('lens-reading');
    await workbench.until('a cell to be read', async () => /position 5/.test(await reading.innerText()));
    await page.keyboard.press('Enter');
    await panel.part('lens').locator('thead th[data-position="4"][aria-selected="true"]').waitFor();
  });

  await scenario.check('Layers shows what each sub-layer adds to the chosen token', async () => {
    const [flows, norms] = await askEngine([SENTENCE], (engine, { id }) =>
      Promise.all([
        engine.subLayers({ trace: id, side: 'encoder', layer: 1, batch: 0 }),
        engine.residualNorms({ trace: id, side: 'encoder', batch: 0 }),
      ]),
    );
    await panel.open('layers');
    await panel.choose('kind', 'Encoder self');
    await panel.pick('layer', '2');
    await workbench.placeCursor('animal');
    const token = 2;
    const expected = flows.map(({ tokens }) => {
      const { input, branch, cosine, sum } = tokens[token];
      return [input?.length, branch?.length, cosine, sum?.length]
        .map((value) => written(value ?? NaN))
        .join();
    });
    await workbench.until('the rows of layer 2', async () => {
      const rows = await rowsOf('flow');
      return rows.map((row) => row.slice(1, 5).join()).join('|') === expected.join('|');
    });
    const stage = panel.frame.locator('[data-area="stream"]');
    await stage.focus();
    await page.keyboard.press('ArrowDown');
    const { columns, data } = norms;
    await workbench.until('the length after layer 3', async () =>
      (await panel.part('stream-reading').innerText()).includes(written(data[3 * columns + token])),
    );
    await panel.part('batch-finding').waitFor();
    await scenario.shot('layers');
  });

  await scenario.check('Embeddings shows the row of the token, its neighbours and the plane', async () => {
    const answer = await askEngine([SENTENCE], async (engine, { id, encoder }) => {
      const token = encoder[0].tokens[2];
      const place = { trace: id, batch: 0, first: 2, last: 2 };
      const rows = await engine.states({ ...place, state: 'encoder.embedding.tokens' });
      return {
        length: Math.hypot(...rows.data),
        neighbours: await engine.neighbours({ model: 'model', id: token.id, count: 12 }),
      };
    });
    await panel.open('embeddings');
    const strip = panel.frame.locator('[data-strip="strip-row"]');
    await workbench.until(
      'the row of the token',
      async () => Math.abs(Number(await strip.getAttribute('data-norm')) - answer.length) < 1e-3,
    );
    await workbench.until('its neighbours', async () => {
      const ids = await panel
        .part('neighbours')
        .locator('[data-id]')
        .evaluateAll((all) => all.map((row) => row.getAttribute('data-id')));
      return ids.join() === answer.neighbours.map(({ row }) => row).join();
    });
    await scenario.shot('embeddings');
    await panel.frame.locator('[data-control="paths"]').check();
    await panel.pick('plane-layer', 'layer 2');
    await workbench.until(
      'the second layer',
      async () => (await panel.part('plane-pane').getAttribute('data-state')) === '2',
    );
    await scenario.shot('embeddings paths');
  });

  await scenario.check('two texts with the same word stand in one plane', async () => {
    await workbench.selectText(SENTENCE);
    await workbench.selectText("The animal didn't cross the street because it was too wide.", { add: true });
    await workbench.runCommand('Transformer: Explore Selection');
    await workbench.until(
      'two selections',
      async () => (await panel.frame.locator('[data-control="selection"]:not([hidden])').count()) > 0,
    );
    await panel.part('same-word').filter({ hasText: 'cosine' }).waitFor();
    await scenario.shot('embeddings two texts');
  });

  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await workbench.setTheme(theme);
    for (const view of /** @type {const} */ (['embeddings', 'layers', 'output'])) {
      await panel.open(view);
      await page.waitForTimeout(1000);
      await scenario.shot(`${view} ${theme}`);
    }
  }
}
