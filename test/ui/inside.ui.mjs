// The Inside view by real clicks: the structure of the model, and the stages and the arithmetic of a head, against the engine's own numbers.
import { decoratedTexts } from '../support/ui/textBox.mjs';
import { pixelsOf } from '../support/ui/pixels.mjs';
import { askEngine } from './engineTruth.mjs';
import { worstCell } from './expectedColour.mjs';
import { PanelPage } from './panelPage.mjs';

/** @typedef {import('../../src/shared/headStages').HeadStages} HeadStages */
/** @typedef {{ attention: string, head: number, query: number, key: number }} Place */

const SENTENCE = "The animal didn't cross the street because it was too tired.";
/** See explore.ui.mjs. */
const TOLERANCE = 12;
/** Below this a number was rounded to 4 decimals, or to the digits that are shown. */
const ROUNDING = 3e-3;

/** A number as the panel writes it. @param {string} text */
const read = (text) => Number(text.replaceAll('−', '-').replaceAll(',', '').replace('+', ''));

/** As the panel writes numbers. @param {number} value @param {number} [decimals] */
const written = (value, decimals = 2) => {
  const text = value.toFixed(decimals).replace('-', '−');
  return Number(text.replace('−', '-')) === 0 ? text.replace('−', '') : text;
};

/**
 * Everything the engine says about one cell.
 * @param {Place} place
 * @param {{ model?: string, language?: string }} [options]
 */
const truthOf = ({ attention, head, query, key }, options) =>
  askEngine(
    [SENTENCE],
    async (engine, { id, encoder, decoder }) => {
      const at = { trace: id, attention, head, batch: 0 };
      return {
        stages: await engine.headStages(at),
        terms: await engine.cellTerms({ ...at, query, key }),
        spread: await engine.scoreSpread(at),
        cell: await engine.cell({ ...at, query, key }),
        structure: await engine.structure({ model: 'model' }),
        encoder: encoder[0]?.tokens.map(({ label }) => label) ?? [],
        decoder: decoder[0]?.tokens.map(({ label }) => label) ?? [],
      };
    },
    options,
  );

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  /** @type {PanelPage} */
  let panel;

  const head = () => panel.frame.locator('.inside-main [data-role="head-name"]').innerText();
  /** @param {string} name */
  const headIs = (name) => workbench.until(name, async () => (await head()).trim() === name);
  /** @param {string} role */
  const textOf = (role) => panel.part(role).innerText();
  /** The arithmetic belongs to the cell that is outlined. */
  const settled = () =>
    panel.frame.locator('[data-role="inside-terms-table"]:not(.stale)').waitFor({ state: 'visible' });

  /** Where the cells of a picture are. @param {string} stage */
  const grid = (stage) =>
    panel.part(`inside-${stage}`).evaluate((canvas) => ({
      cellWidth: Number(canvas.dataset['cellWidth']),
      cellHeight: Number(canvas.dataset['cellHeight']),
      firstRow: Number(canvas.dataset['firstRow']),
      firstColumn: Number(canvas.dataset['firstColumn']),
    }));

  /** @param {string} stage @param {number} row @param {number} column */
  const positionOf = async (stage, row, column) => {
    const { cellWidth, cellHeight, firstRow, firstColumn } = await grid(stage);
    return { x: (column - firstColumn + 0.5) * cellWidth, y: (row - firstRow + 0.5) * cellHeight };
  };
  /** @param {string} stage */
  const area = (stage) => panel.frame.locator(`[data-area="inside-${stage}"]`);

  /** How far the picture of the weights is from a matrix. @param {HeadStages} stages @param {number} row The outlined one. */
  const offWeights = async ({ weights, removed }, row) => {
    if (!weights) {
      throw new Error('The engine shows no weights.');
    }
    const { cellWidth } = await grid('weights');
    const cells = Array.from({ length: weights.rows }, (_, i) =>
      Array.from({ length: weights.columns }, (_, j) => {
        const at = i * weights.columns + j;
        // The outline lies over its row and its neighbours' edges; masked cells are grey.
        return Math.abs(i - row) <= 1 || removed[at] ? NaN : weights.data[at];
      }),
    );
    return worstCell(await pixelsOf(page, area('weights')), cells, { x: 0, y: 0, cell: cellWidth }).worst;
  };

  /** Numbers of the arithmetic on the screen against the engine's. @param {Awaited<ReturnType<typeof truthOf>>} truth @param {Place} place */
  const expectArithmetic = async (truth, place) => {
    await settled();
    // The terms, the steps and the row are answers of their own, each of which may be the last to come.
    await workbench.eventually(() => arithmeticIs(truth, place));
  };

  /** @param {Awaited<ReturnType<typeof truthOf>>} truth @param {Place} place */
  const arithmeticIs = async (truth, { query, key }) => {
    const { stages, terms, cell } = truth;
    const { weights } = stages;
    if (!weights) {
      throw new Error('The engine shows no weights.');
    }
    const total = (await textOf('terms-sum')).replace('+', '');
    if (total !== written(terms.sum)) {
      throw new Error(`The products sum to ${total} instead of ${written(terms.sum)}.`);
    }
    const dims = await panel
      .part('inside-terms-table')
      .locator('tbody tr:not(.rest):not(.sum) td:first-child:not([colspan])')
      .allInnerTexts();
    const expected = terms.terms.slice(0, dims.length).map(({ dimension }) => String(dimension));
    if (dims.join() !== expected.join() || dims.length < 5) {
      throw new Error(`Dimensions ${dims.join()} instead of ${expected.join()}`);
    }
    if ((await textOf('terms-cosine')) !== written(terms.cosine)) {
      throw new Error(`Cosine ${await textOf('terms-cosine')} instead of ${written(terms.cosine)}`);
    }
    const steps = await panel
      .part('inside-steps')
      .locator('[data-step]')
      .evaluateAll((rows) =>
        rows.map((row) => [row.getAttribute('data-step'), row.querySelector('dd')?.textContent ?? '']),
      );
    const step = Object.fromEntries(steps);
    for (const [id, value] of /** @type {const} */ ([
      ['dot', cell.score],
      ['scale', cell.scaled],
      ['weight', cell.weight],
      ['value', cell.weight * (cell.valueNorm ?? NaN)],
    ])) {
      const shown = read(step[id].split(' = ').at(-1));
      if (!(Math.abs(shown - (value ?? NaN)) <= ROUNDING * Math.max(1, Math.abs(value ?? 1)))) {
        throw new Error(`The step ${id} says "${step[id]}"; the engine says ${value}.`);
      }
    }
    const [, exp, sum, weight] = /^(\S+) ÷ (\S+) = (\S+)$/.exec(step.weight) ?? [];
    if (!(Math.abs(read(exp) / read(sum) - read(weight)) < ROUNDING)) {
      throw new Error(`"${step.weight}" does not add up.`);
    }
    const row = await panel
      .part('inside-row-table')
      .locator(`tr[data-key="${key}"] td`)
      .evaluateAll((cells) => cells.map((each) => each.textContent ?? ''));
    if (row[2] !== written(weights.data[query * weights.columns + key], 3)) {
      throw new Error(`The row says ${row.join(' ')}, the engine ${cell.weight}.`);
    }
  };

  /** @param {Place} place */
  const pin = async ({ query, key }) => {
    await area('weights').click({ position: await positionOf('weights', query, key), force: true });
    await panel.frame.locator('.inside-main > .pane-header').hover();
  };

  await scenario.check('the view opens with the structure of the model', async () => {
    await workbench.openFile('first-steps.md');
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Explore Selection');
    panel = await PanelPage.find(workbench);
    await workbench.toggleSideBar();
    await workbench.divideEditors(0.22);
    await panel.open('inside');
    await panel.part('inside-board').waitFor();
    await settled();
    const { structure } = await truthOf({ attention: 'encoder.0.self', head: 0, query: 0, key: 0 });
    const facts = await textOf('model-facts');
    const [{ width, feedForward, layers }] = structure.stacks;
    for (const wanted of [width, feedForward, structure.parameters].map((each) =>
      each.toLocaleString('en-US'),
    )) {
      if (!facts.includes(wanted)) {
        throw new Error(`No ${wanted} in:\n${facts}`);
      }
    }
    const rungs = await panel.frame.locator('.ladder[data-side="encoder"] [role="radio"]').count();
    if (rungs !== layers) {
      throw new Error(`The ladder has ${rungs} of ${layers} layers.`);
    }
  });

  await scenario.check('a block shows its attention, and the ladder another layer', async () => {
    await panel.frame.locator('[data-block="decoder.0.cross"]').click();
    await headIs('decoder.0.cross[0]');
    await panel.frame.locator('.ladder[data-side="decoder"] [data-layer="1"]').click();
    await headIs('decoder.1.cross[0]');
    await panel.frame.locator('[data-block="encoder.1.self"]').click();
    await headIs('encoder.1.self[0]');
  });

  await scenario.check('a feed-forward block has facts, and a link to its view', async () => {
    await panel.frame.locator('[data-block="encoder.1.feedForward"]').click();
    await workbench.until('its facts', async () => (await textOf('block-facts')).includes('Feed-forward'));
    const { structure } = await truthOf({ attention: 'encoder.0.self', head: 0, query: 0, key: 0 });
    const block = structure.stacks[0].subLayers.find(({ name }) => name === 'encoder.1.feedForward');
    if (block?.what !== 'feedForward' || !(await textOf('block-facts')).includes(block.activation)) {
      throw new Error(`Not ${block?.name} in:\n${await textOf('block-facts')}`);
    }
    await panel.part('block-links').locator('button').first().waitFor();
    await panel.frame.locator('[data-block="encoder.1.self"]').click();
  });

  const place = { attention: 'encoder.1.self', head: 1, query: 0, key: 0 };

  await scenario.check('the arithmetic of a clicked cell is the engine’s', async () => {
    const first = await truthOf(place);
    place.query = first.encoder.indexOf('it');
    place.key = first.encoder.indexOf('animal');
    const truth = await truthOf(place);
    await panel.pick('head', '2');
    await headIs('encoder.1.self[1]');
    await pin(place);
    await workbench.until('the pair', async () => (await textOf('inside-cell')).includes('it → animal'));
    await expectArithmetic(truth, place);
    await workbench.eventually(async () => {
      const scores = await textOf('inside-stats-scores');
      const { variance } = truth.spread.scores ?? { variance: NaN };
      if (!scores.includes(written(variance)) || !scores.includes(String(truth.spread.headSize))) {
        throw new Error(`No variance ${written(variance)} in:\n${scores}`);
      }
      const after = await textOf('inside-stats-scaled');
      if (!after.includes(written(truth.spread.scaled?.variance ?? NaN))) {
        throw new Error(`No variance ${truth.spread.scaled?.variance} in:\n${after}`);
      }
    });
    await scenario.shot('dark', { media: 'explorer-inside.png' });
  });

  await scenario.check(
    'the weights have their colours, and no other head’s or the transposed ones',
    async () => {
      const { stages } = await truthOf(place);
      const other = await truthOf({ ...place, head: 0 });
      await workbench.eventually(async () => {
        const off = await offWeights(stages, place.query);
        if (off > TOLERANCE) {
          throw new Error(`A cell is ${off.toFixed(0)} levels from the colour of its weight.`);
        }
      });
      const { weights } = stages;
      if (!weights) {
        throw new Error('The engine shows no weights.');
      }
      const turned = weights.data.map((_, i) => {
        const [row, column] = [Math.floor(i / weights.columns), i % weights.columns];
        return weights.data[column * weights.columns + row];
      });
      for (const wrong of [other.stages, { ...stages, weights: { ...weights, data: turned } }]) {
        if ((await offWeights(wrong, place.query)) <= TOLERANCE) {
          throw new Error('A wrong matrix passed for the right one.');
        }
      }
    },
  );

  await scenario.check('this head’s share and the residual stream are those of the row', async () => {
    const { stages } = await truthOf(place);
    /** @param {import('../../src/shared/tensor').Matrix | undefined} matrix */
    const length = (matrix) => {
      const { data, columns } = matrix ?? { data: new Float32Array(), columns: 0 };
      return Math.hypot(...data.subarray(place.query * columns, (place.query + 1) * columns));
    };
    for (const [name, matrix] of /** @type {const} */ ([
      ['joined', stages.joined],
      ['output', stages.output],
      ['projected', stages.projected],
      ['before', stages.before],
      ['after', stages.after],
    ])) {
      await workbench.eventually(async () => {
        const shown = await panel.part('inside-residual').locator(`[data-row="${name}"] .number`).innerText();
        if (shown !== written(length(matrix))) {
          throw new Error(`${name} is ${shown} instead of ${written(length(matrix))}.`);
        }
      });
    }
  });

  await scenario.check('pointing at a cell marks both words in the editor', async () => {
    await area('scores').hover({ position: await positionOf('scores', place.query, place.key), force: true });
    await workbench.until('two marked words', async () => {
      const texts = (await decoratedTexts(page)).map((text) => text.trim());
      return texts.includes('it') && texts.includes('animal');
    });
    await panel.frame.locator('.inside-main > .pane-header').hover();
  });

  await scenario.check('keys move the cell, pin it and go through heads', async () => {
    await area('masked').focus();
    await page.keyboard.press('ArrowDown');
    const truth = await truthOf({ ...place, query: place.query + 1 });
    const below = `${truth.encoder[place.query + 1]} → animal`;
    await workbench.until(below, async () => (await textOf('inside-cell')).includes(below));
    await page.keyboard.press('Enter');
    await expectArithmetic(truth, { ...place, query: place.query + 1 });
    await page.keyboard.press(']');
    await headIs('encoder.1.self[2]');
    const next = { ...place, head: 2, query: place.query + 1 };
    await expectArithmetic(await truthOf(next), next);
    await page.keyboard.press('Escape');
  });

  await scenario.check('another run has other numbers: those of its own text', async () => {
    await panel.frame.locator('[data-block="decoder.1.cross"]').click();
    await headIs('decoder.1.cross[2]');
    const before = await textOf('inside-stats-scores');
    await panel.pick('language', 'French');
    const cross = { attention: 'decoder.1.cross', head: 2, query: 2, key: 3 };
    const truth = await truthOf(cross, { language: 'fr' });
    await workbench.until(
      'the variance of the new run',
      async () =>
        (await textOf('inside-stats-scores')).includes(written(truth.spread.scores?.variance ?? NaN)) &&
        (await textOf('inside-stats-scores')) !== before,
    );
    await pin(cross);
    await expectArithmetic(truth, cross);
    await scenario.shot('cross french');
    await panel.pick('language', 'German');
    // The next click is meant for that run.
    await workbench.until('the German run', async () => (await textOf('inside-stats-scores')) === before);
  });

  await scenario.check('a masked cell says so, and the arithmetic can be copied', async () => {
    await panel.frame.locator('[data-block="decoder.1.self"]').click();
    await headIs('decoder.1.self[2]');
    await workbench.until(
      'a causal mask',
      async () => !/masked\s+none/.test(await textOf('inside-stats-masked')),
    );
    await pin({ attention: '', head: 0, query: 2, key: 5 });
    await workbench.until('a masked key', async () =>
      (await panel.part('inside-row-table').locator('tr[data-key="5"]').innerText()).includes('masked'),
    );
    await workbench.until('no weight', async () =>
      /= 0$/.test(await panel.part('inside-steps').locator('[data-step="weight"] dd').innerText()),
    );
    await scenario.shot('masked cell');
    await panel.frame.locator('[data-control="copy-arithmetic"]').click();
    await workbench.until('a sentence about copying', async () => /copied/.test(await textOf('live')));
  });

  await scenario.check('a double click on a cell of the Attention view looks inside it', async () => {
    await panel.open('attention');
    await panel.part('head-stage').waitFor();
    await workbench.until('the head', async () => (await panel.headName()) === 'decoder.1.self[2]');
    const { stage, cell, x, y } = await panel.grid();
    await stage.dblclick({ position: { x: x + 1.5 * cell, y: y + 4.5 * cell }, force: true });
    await panel.part('inside-board').waitFor();
    const { decoder } = await truthOf({ attention: 'decoder.1.self', head: 2, query: 4, key: 1 });
    await workbench.until('that cell', async () =>
      (await textOf('inside-cell')).includes(`${decoder[4]} → ${decoder[1]}`),
    );
  });

  await scenario.check('T shows tables, with the same numbers', async () => {
    await area('weights').focus();
    await page.keyboard.press('t');
    const table = panel.part('inside-weights-table').locator('tbody tr').nth(2);
    await table.waitFor();
    const { stages } = await truthOf({ attention: 'decoder.1.self', head: 2, query: 0, key: 0 });
    const { data, columns } = stages.weights ?? { data: new Float32Array(), columns: 0 };
    const cells = await table.locator('td').allInnerTexts();
    const expected = Array.from({ length: columns }, (_, key) =>
      stages.removed[2 * columns + key] ? 'masked' : written(data[2 * columns + key], 3),
    );
    if (cells.join() !== expected.join()) {
      throw new Error(`${cells.join()} instead of ${expected.join()}`);
    }
    await page.keyboard.press('t');
    await panel.part('inside-board').waitFor();
  });

  await scenario.check('in a narrow panel the structure is a menu above the stages', async () => {
    await panel.frame.locator('[data-block="encoder.1.self"]').click();
    await workbench.divideEditors(0.62);
    await panel.part('structure-summary').waitFor({ state: 'visible' });
    await page.waitForTimeout(500);
    await scenario.shot('narrow');
    await panel.part('structure-summary').click();
    await panel.frame.locator('[data-block="encoder.1.self"]').waitFor({ state: 'visible' });
    await scenario.shot('narrow structure');
    await workbench.divideEditors(0.22);
  });

  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern']) {
    await scenario.check(`the view follows the theme ${theme}`, async () => {
      await workbench.setTheme(theme);
      await page.waitForTimeout(800);
      if (theme !== 'Dark Modern') {
        await scenario.shot(theme);
      }
    });
  }

  for (const { name, attention } of [
    { name: 'english-bert-mini', attention: 'encoder.1.self' },
    { name: 'english-gpt-mini', attention: 'decoder.1.self' },
  ]) {
    await scenario.check(`${name} is drawn as what it is, with its own numbers`, async () => {
      await workbench.runCommand('Transformer: Choose Model');
      await workbench.pick(name);
      await workbench.statusBar(name).waitFor();
      // In a narrow editor the sentence is broken into several lines.
      await workbench.divideEditors(0.5);
      await workbench.selectText(SENTENCE);
      await workbench.runCommand('Transformer: Explore Selection');
      await workbench.divideEditors(0.22);
      await panel.frame
        .locator(`[data-block^="${attention.slice(0, 7)}"]`)
        .first()
        .waitFor();
      const first = await panel.frame.locator('.block.attention').first().getAttribute('data-block');
      if (!first?.startsWith(attention.slice(0, 7)) || (await panel.frame.locator('.ladder').count()) !== 1) {
        throw new Error(`The figure begins with ${first}.`);
      }
      await panel.frame.locator(`.ladder [data-layer="1"]`).click();
      await workbench.until('layer 2', async () => (await head()).startsWith(attention));
      const index = Number((await head()).match(/\[(\d+)\]/)?.[1]);
      const cell = { attention, head: index, query: 7, key: 2 };
      const truth = await truthOf(cell, { model: `models/${name}` });
      await pin(cell);
      await expectArithmetic(truth, cell);
      await panel.frame.locator('.block').last().scrollIntoViewIfNeeded();
      await scenario.shot(name);
    });
  }
}
