// The masks bench by real clicks: edited cells, presets, undo, and their effect, against the engine's own numbers.
import { pixelsOf } from '../support/ui/pixels.mjs';
import { askEngine } from './engineTruth.mjs';
import { darkColour } from './expectedColour.mjs';
import { PanelPage } from './panelPage.mjs';

/** @typedef {import('../../src/shared/intervention').Intervention} Intervention */
/** @typedef {{ query: number, key: number, keep: boolean }} EditedCell */

const SENTENCE = "The animal didn't cross the street because it was too tired.";
/** See explore.ui.mjs. */
const TOLERANCE = 12;

/** As findings write numbers. @param {number} value */
const written = (value) => {
  const size = Math.abs(value);
  const text =
    size === 0 || size >= 0.1
      ? value.toFixed(2)
      : size < 0.001
        ? value.toExponential(1).replace('e+', 'e')
        : String(Number(value.toPrecision(2)));
  return text.replaceAll('-', '−');
};
/** As weights are written. @param {number} value */
const weight = (value) => {
  const text = value.toFixed(3).replace('-', '−');
  return Number(text.replace('−', '-')) === 0 ? text.replace('−', '') : text;
};

/**
 * The run under interventions, beside the unchanged one.
 * @param {readonly Intervention[]} interventions
 * @param {string} attention
 * @param {number | 'mean'} head
 */
const truthOf = (interventions, attention, head) =>
  askEngine([SENTENCE], async (engine, before) => {
    const after = await engine.intervene({ trace: before.id, interventions });
    const at = /** @type {const} */ ({ attention, head, batch: 0, unit: 'pieces' });
    return {
      tokens: before.encoder[0].tokens.map(({ label }) => label),
      before: await engine.matrix({ trace: before.id, stage: 'weights', ...at }),
      after: await engine.matrix({ trace: after.id, stage: 'weights', ...at }),
      difference: await engine.difference({ trace: before.id, after: after.id, ...at }),
      comparison: await engine.compare({ trace: before.id, after: after.id, batch: 0 }),
      translations: [before.decoder[0]?.text, after.decoder[0]?.text],
    };
  });

/**
 * @param {import('../../src/shared/intervention').MaskChoice} mask
 * @param {string} attention
 * @param {readonly number[] | 'all'} heads
 * @returns {Intervention}
 */
const maskOf = (mask, attention, heads = 'all') => ({
  kind: 'mask',
  enabled: true,
  attentions: [attention],
  heads,
  texts: 'all',
  mask,
});

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  /** @type {PanelPage} */
  let panel;
  /** @param {string} role */
  const textOf = async (role) => (await panel.part(role).innerText()).replaceAll('\u00a0', ' ');
  /** @param {string} control */
  const control = (control) => panel.frame.locator(`[data-control="${control}"]`);
  /** @param {string} name */
  const area = (name) => panel.frame.locator(`[data-area="${name}"]`);

  /** Where the cells of a picture are within its area: beside the labels. @param {string} role */
  const grid = (role) =>
    panel.frame.locator(`canvas[data-role="${role}"]`).evaluate((canvas) => {
      const [, x, y] = /translate\(([\d.]+)px, ([\d.]+)px\)/.exec(canvas.style.transform) ?? ['', '0', '0'];
      return { x: Number(x), y: Number(y), cell: Number(canvas.dataset['cellWidth']) };
    });

  /** @param {string} role @param {number} row @param {number} column */
  const middleOf = async (role, row, column) => {
    const { x, y, cell } = await grid(role);
    return { x: x + (column + 0.5) * cell, y: y + (row + 0.5) * cell };
  };
  /** @param {number} row @param {number} column @param {{ modifiers?: ('Shift' | 'Alt')[] }} [options] */
  const clickCell = async (row, column, options = {}) => {
    await area('mask-total').click({
      position: await middleOf('mask-total', row, column),
      force: true,
      ...options,
    });
  };
  /** The pointer rests where it marks nothing. */
  const rest = () => panel.part('mask-bench').hover({ position: { x: 2, y: 2 } });

  /** The effect is of the change that is drawn, and complete. */
  const settled = () =>
    panel.frame
      .locator('[data-role="effect"] .effect-body[aria-busy="false"]')
      .waitFor({ state: 'visible', timeout: 30_000 });

  /** How far a picture of the effect is from the colours of weights. @param {string} role @param {import('../../src/shared/trace').AttentionMatrix} matrix */
  const offWeights = async (role, matrix) => {
    const { x, y, cell } = await grid(role);
    const pixels = await pixelsOf(page, area(role));
    let worst = 0;
    for (let i = 0; i < matrix.rows; i++) {
      for (let j = 0; j < matrix.columns; j++) {
        const at = i * matrix.columns + j;
        if (matrix.masked[at]) {
          continue;
        }
        const seen = pixels.at(x + (j + 0.4) * cell, y + (i + 0.4) * cell);
        const wanted = darkColour(matrix.data[at]);
        worst = Math.max(worst, ...seen.map((value, c) => Math.abs(value - wanted[c])));
      }
    }
    return worst;
  };

  /** Which cells look masked: their grey is no colour of the scale. @param {string} role @param {number} rows @param {number} columns */
  const maskedOnScreen = async (role, rows, columns) => {
    const { x, y, cell } = await grid(role);
    const pixels = await pixelsOf(page, area(role));
    return Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => {
        const seen = [0.3, 0.5, 0.7].flatMap((u) =>
          [0.3, 0.5, 0.7].map((v) => pixels.at(x + (j + u) * cell, y + (i + v) * cell)),
        );
        // Kept cells of the mask are the background, #1f1f1f.
        return seen.every(([red]) => red > 0x1f + 6);
      }),
    );
  };

  /** Everything the effect says, against the engine. @param {Awaited<ReturnType<typeof truthOf>>} truth */
  const expectEffect = async (truth) => {
    await settled();
    const { output, translation } = truth.comparison;
    const said = `${written(output?.meanKl ?? NaN)} nats on average, ${written(output?.largestKl ?? NaN)} at most`;
    await workbench.until(said, async () => (await textOf('effect-kl')).includes(said));
    const shown = await panel
      .part('effect-positions')
      .locator('[data-kl]')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-kl'))));
    const kls = output?.positions.map(({ kl }) => kl) ?? [];
    if (shown.length !== kls.length || shown.some((kl, i) => Math.abs(kl - kls[i]) > 1e-3 * (1 + kls[i]))) {
      throw new Error(`KL ${shown.join()} instead of ${kls.join()}`);
    }
    await rest();
    for (const [role, matrix] of /** @type {const} */ ([
      ['effect-before', truth.before],
      ['effect-after', truth.after],
    ])) {
      let off = Infinity;
      await workbench
        .until(`${role} in its colours`, async () => (off = await offWeights(role, matrix)) <= TOLERANCE)
        .catch(() => {
          throw new Error(`${role}: a cell is ${off.toFixed(0)} levels from the colour of its weight.`);
        });
    }
    const texts = await panel.part('effect-translation').locator('.marked-text').allInnerTexts();
    const isSame = translation?.changed === 0 && translation.added === 0;
    const wanted = isSame ? [truth.translations[1]] : truth.translations;
    if (texts.map((text) => text.trim()).join('|') !== wanted.join('|')) {
      throw new Error(`"${texts.join('|')}" instead of "${wanted.join('|')}"`);
    }
  };

  /** @param {number} count */
  const listHas = (count) =>
    workbench.until(`${count} in the list`, async () => {
      const chip = control('interventions');
      return count === 0 ? !(await chip.isVisible()) : (await chip.innerText()).startsWith(`${count} `);
    });

  const attention = 'encoder.1.self';
  /** @type {string[]} */
  let tokens = [];
  let query = 0;
  let key = 0;

  await scenario.check('the bench is there and says what to do', async () => {
    await workbench.openFile('first-steps.md');
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Explore Selection');
    panel = await PanelPage.find(workbench);
    await workbench.toggleSideBar();
    await workbench.divideEditors(0.2);
    await panel.open('masks');
    await panel.pick('layer', '2');
    await panel.pick('head', '2');
    await panel.part('mask-bench').waitFor();
    await workbench.until('what to do', async () => (await textOf('effect-note')).includes('Click cells'));
    ({ tokens } = await truthOf([], attention, 1));
    const missing = panel.frame.locator('.missing:visible');
    for (const box of await missing.evaluateAll((all) => all.map((each) => each.getBoundingClientRect()))) {
      if (box.width > 160 || box.height > 120) {
        throw new Error(`A part that is missing takes ${box.width} × ${box.height} px.`);
      }
    }
    query = tokens.indexOf('it');
    key = tokens.indexOf('animal');
    await scenario.shot('nothing changed');
  });

  await scenario.check(
    'a click hides a cell: weights, output and translation are those of that run',
    async () => {
      await panel.choose('mask-reach', 'Head 2');
      await clickCell(query, key);
      await listHas(1);
      const cells = [{ query, key, keep: false }];
      const truth = await truthOf([maskOf({ preset: 'cells', cells }, attention, [1])], attention, 1);
      await expectEffect(truth);
      const row = await panel.part('effect-keys').locator(`tr[data-row="${key}"] td`).allInnerTexts();
      const at = query * truth.before.columns + key;
      if (row[0] !== weight(truth.before.data[at]) || row[1] !== 'masked') {
        throw new Error(`The row says ${row.join(' ')}; before it is ${truth.before.data[at]}.`);
      }
      const seen = await maskedOnScreen('mask-total', tokens.length, tokens.length);
      const marked = seen.flatMap((each, i) => each.flatMap((on, j) => (on ? [`${i} ${j}`] : [])));
      if (marked.join() !== `${query} ${key}`) {
        throw new Error(`Masked on the screen: ${marked.join()}`);
      }
      await scenario.shot('one cell');
    },
  );

  await scenario.check('another head, layer or the transposed cell would have other numbers', async () => {
    const cells = [{ query, key, keep: false }];
    const edit = maskOf({ preset: 'cells', cells }, attention, [1]);
    const wrong = await Promise.all([
      truthOf([edit], attention, 0),
      truthOf([edit], 'encoder.0.self', 1),
      truthOf(
        [maskOf({ preset: 'cells', cells: [{ query: key, key: query, keep: false }] }, attention, [1])],
        attention,
        1,
      ),
      truthOf([], attention, 1),
    ]);
    await rest();
    for (const [index, { after }] of wrong.entries()) {
      if ((await offWeights('effect-after', after)) <= TOLERANCE) {
        throw new Error(`Wrong weights number ${index} passed for the right ones.`);
      }
    }
    // The edit goes along to the whole layer.
    await panel.choose('mask-reach', 'Layer 2');
    await panel.pick('head', '1');
    await expectEffect(await truthOf([maskOf({ preset: 'cells', cells }, attention)], attention, 0));
  });

  await scenario.check('undo, redo and reset go through the list', async () => {
    await control('mask-reset').click();
    await listHas(0);
    await workbench.until('nothing to compare', async () =>
      (await textOf('effect-note')).includes('Click cells'),
    );
    await control('mask-undo').click();
    await listHas(1);
    await control('mask-undo').click();
    await listHas(0);
    await control('mask-redo').click();
    await listHas(1);
    await control('mask-reset').click();
    await listHas(0);
  });

  await scenario.check('a drag paints, a label takes its row, an empty row is explained', async () => {
    const from = await middleOf('mask-total', 1, 2);
    const to = await middleOf('mask-total', 1, 5);
    const box = await area('mask-total').boundingBox();
    if (!box) {
      throw new Error('The mask is not on the screen.');
    }
    await page.mouse.move(box.x + from.x, box.y + from.y);
    await page.mouse.down();
    await page.mouse.move(box.x + to.x, box.y + to.y, { steps: 2 });
    await page.mouse.up();
    await workbench.until('four cells', async () =>
      (await panel.frame.locator('.mask-pane.editable').innerText()).includes('4 cells edited'),
    );
    await settled();
    const after = await area('mask-total').boundingBox();
    if (after?.x !== box.x || after.y !== box.y) {
      throw new Error(
        `The mask moved from ${box.x}, ${box.y} to ${after?.x}, ${after?.y} under the pointer.`,
      );
    }
    const { x, y, cell } = await grid('mask-total');
    await area('mask-total').click({ position: { x: x - 20, y: y + (query + 0.5) * cell }, force: true });
    await workbench.until('the empty row', async () =>
      (await textOf('mask-note')).includes('“it” sees no key at all'),
    );
    const cells = [
      ...[2, 3, 4, 5].map((at) => ({ query: 1, key: at, keep: false })),
      ...tokens.map((_, at) => ({ query, key: at, keep: false })),
    ];
    const truth = await truthOf([maskOf({ preset: 'cells', cells }, attention)], attention, 0);
    await expectEffect(truth);
    const sum = truth.after.data
      .subarray(query * tokens.length, (query + 1) * tokens.length)
      .reduce((all, each) => all + each, 0);
    if (sum !== 0) {
      throw new Error(`The row still has ${sum} of weight.`);
    }
    await scenario.shot('empty row');
    await control('mask-reset').click();
  });

  await scenario.check('keys edit, too', async () => {
    await area('mask-total').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await listHas(1);
    const truth = await truthOf(
      [maskOf({ preset: 'cells', cells: [{ query: 1, key: 1, keep: false }] }, attention)],
      attention,
      0,
    );
    await expectEffect(truth);
    await area('mask-total').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('c');
    await workbench.until('a column', async () =>
      (await panel.frame.locator('.mask-pane.editable').innerText()).includes(
        `${tokens.length} cells edited`,
      ),
    );
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await listHas(0);
  });

  await scenario.check('numbers of the edit before are never shown as those of the new one', async () => {
    await panel.choose('mask-preset', 'Causal');
    await settled();
    await panel.frame.evaluate(() => {
      /** @type {string[]} */
      const frames = [];
      Object.assign(window, { framesOfEffect: frames });
      const look = () => {
        const preset = document.querySelector(
          '[data-control="mask-preset"] [aria-checked="true"]',
        )?.textContent;
        const isReady = document.querySelector('.effect-body')?.getAttribute('aria-busy') === 'false';
        const kl = document.querySelector('[data-role="effect-kl"]')?.textContent;
        frames.push(JSON.stringify({ preset, kl: isReady ? kl : undefined }));
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await panel.choose('mask-preset', 'Window');
    await expectEffect(
      await truthOf([maskOf({ preset: 'window', size: 2, causal: false }, attention)], attention, 0),
    );
    /** @type {string[]} */
    const frames = await panel.frame.evaluate('window.framesOfEffect');
    const seen = [...new Set(frames)]
      .map((each) => /** @type {{ preset: string, kl?: string }} */ (JSON.parse(each)))
      // The control is ahead of the picture by one frame at most.
      .filter((each) => frames.filter((frame) => frame === JSON.stringify(each)).length > 2);
    const [before, after] = ['Causal', 'Window'].map(
      (preset) => new Set(seen.flatMap((each) => (each.preset === preset && each.kl ? [each.kl] : []))),
    );
    const busy = frames.some((frame) => !frame.includes('kl'));
    if (before.size !== 1 || after.size !== 1 || [...before][0] === [...after][0] || !busy) {
      throw new Error(`Causal: ${[...before].join(' | ')}. Window: ${[...after].join(' | ')}. Busy: ${busy}`);
    }
  });

  await scenario.check('presets run with their number', async () => {
    await control('mask-number').fill('1');
    const truth = await truthOf(
      [maskOf({ preset: 'window', size: 1, causal: false }, attention)],
      attention,
      0,
    );
    await expectEffect(truth);
    await panel.choose('mask-preset', 'Prefix-LM');
    await control('mask-number').fill('4');
    await expectEffect(await truthOf([maskOf({ preset: 'prefix', length: 4 }, attention)], attention, 0));
    await scenario.shot('prefix');
  });

  await scenario.check('the mean of a layer is compared, too', async () => {
    await panel.choose('mean', 'Mean of layer');
    await expectEffect(
      await truthOf([maskOf({ preset: 'prefix', length: 4 }, attention)], attention, 'mean'),
    );
    await panel.choose('mean', 'One head');
  });

  await scenario.check('the list of interventions switches it off, and the bench says so', async () => {
    await control('interventions').click();
    await panel.part('interventions').locator('input[type="checkbox"]').uncheck();
    await panel.open('masks');
    await workbench.until('off', async () => !(await control('mask-on').isChecked()));
    await workbench.until('what to do', async () => (await textOf('effect-note')).includes('Click cells'));
    await control('mask-on').check();
    await expectEffect(await truthOf([maskOf({ preset: 'prefix', length: 4 }, attention)], attention, 0));
  });

  await scenario.check('tables say the same', async () => {
    await area('mask-total').focus();
    await page.keyboard.press('t');
    const cells = panel.part('effect-after-table').locator('tbody tr').nth(2).locator('td');
    await cells.first().waitFor();
    const truth = await truthOf([maskOf({ preset: 'prefix', length: 4 }, attention)], attention, 0);
    const texts = await cells.allInnerTexts();
    const row = [...truth.after.data.subarray(2 * tokens.length, 3 * tokens.length)].map((value, at) =>
      truth.after.masked[2 * tokens.length + at] ? 'masked' : weight(value),
    );
    if (texts.join() !== row.join()) {
      throw new Error(`${texts.join()} instead of ${row.join()}`);
    }
    await panel.part('mask-tables').locator('table').first().focus();
    await page.keyboard.press('t');
  });

  await scenario.check('a decoder that sees later tokens translates under its own mask', async () => {
    await control('mask-reset').click();
    await listHas(0);
    await panel.choose('kind', 'Decoder self');
    await panel.choose('mask-reach', 'All layers');
    await panel.choose('mask-preset', 'None');
    await listHas(1);
    await settled();
    const remark = panel.frame.locator('.mask-pane .remark:visible');
    if ((await remark.allInnerTexts()).join() !== 'as loaded') {
      throw new Error('The causal mask beside the edited sum is not said to be as loaded.');
    }
    await scenario.shot('decoder none');
    await control('mask-reset').click();
    await remark.waitFor({ state: 'hidden' });
    await panel.choose('kind', 'Encoder self');
  });

  await scenario.check('of several selections one is edited, beside its padding', async () => {
    const other = 'Good morning.';
    // Texts are selected within one line of the screen.
    await workbench.divideEditors(0.5);
    await workbench.goToLine(30);
    await workbench.selectText('We are looking for a small hotel near the station.');
    await workbench.selectText(other, { add: true });
    await workbench.runCommand('Transformer: Explore Selection');
    await workbench.divideEditors(0.2);
    await panel.pick('selection', 'Good morning');
    await workbench.until('padding', async () =>
      /of \d+ keys are padding/.test(await panel.part('mask-parts').innerText()),
    );
    await panel.choose('mask-preset', 'None');
    await settled();
    const visible = await askEngine(
      [other, 'We are looking for a small hotel near the station.'],
      async (engine, before) => {
        const intervention = /** @type {const} */ ({
          kind: 'mask',
          enabled: true,
          attentions: 'encoderSelf',
          heads: 'all',
          texts: [0],
          mask: { preset: 'none' },
        });
        const after = await engine.intervene({ trace: before.id, interventions: [intervention] });
        const { output } = await engine.compare({ trace: before.id, after: after.id, batch: 0 });
        return output?.meanKl ?? NaN;
      },
    );
    await workbench.until(written(visible), async () =>
      (await textOf('effect-kl')).includes(`${written(visible)} nats on average`),
    );
    await scenario.shot('padding visible');
    await control('mask-reset').click();
    await listHas(0);
  });

  await scenario.check('a model that predicts the next token sees a prefix as a whole', async () => {
    await workbench.divideEditors(0.5);
    await workbench.goToLine(9);
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Explore Selection');
    await workbench.divideEditors(0.2);
    await panel.pick('model', 'english-gpt-mini');
    await panel.pick('layer', '1');
    await panel.part('mask-bench').waitFor();
    await workbench.until('a causal mask', async () =>
      (await panel.part('mask-parts').innerText()).includes('no query sees a later key'),
    );
    await panel.choose('mask-preset', 'Prefix-LM');
    await control('mask-number').fill('5');
    const meanKl = await askEngine(
      [SENTENCE],
      async (engine, before) => {
        const intervention = /** @type {const} */ ({
          kind: 'mask',
          enabled: true,
          attentions: 'decoderSelf',
          heads: 'all',
          texts: 'all',
          mask: { preset: 'prefix', length: 5 },
        });
        const after = await engine.intervene({ trace: before.id, interventions: [intervention] });
        const { output } = await engine.compare({ trace: before.id, after: after.id, batch: 0 });
        return output?.meanKl ?? NaN;
      },
      { model: 'models/english-gpt-mini' },
    );
    await settled();
    await workbench.until(written(meanKl), async () =>
      (await textOf('effect-kl')).includes(`${written(meanKl)} nats on average`),
    );
    await scenario.shot('prefix of a decoder');
    await control('mask-reset').click();
    await listHas(0);
  });

  await scenario.check('in a narrow panel nothing is cut, and cells can still be hit', async () => {
    await panel.pick('model', 'en-de-fr-zh');
    await panel.choose('kind', 'Encoder self');
    await panel.choose('mask-preset', 'Window');
    await panel.part('effect-translation').waitFor({ timeout: 60_000 });
    // The preset came right after the kind: it must have landed on what the toolbar says.
    await workbench.until('the heads of the encoder', async () =>
      (await panel.part('effect-heads').innerText()).includes('encoder.'),
    );
    await control('mask-reset').click();
    await listHas(0);
    await clickCell(query, key);
    await clickCell(query, query);
    await settled();
    await workbench.divideEditors(0.5);
    await page.waitForTimeout(500);
    for (const role of ['mask-bench', 'mask-parts', 'effect']) {
      const [wide, shown] = await panel.part(role).evaluate((part) => [part.scrollWidth, part.clientWidth]);
      if (wide > shown + 1) {
        throw new Error(`${role} is ${wide} px wide, but only ${shown} are shown.`);
      }
    }
    const outside = await panel.part('mask-bench').evaluate((bench) => {
      const { right } = bench.getBoundingClientRect();
      return [...bench.querySelectorAll('vscode-radio')]
        .filter((each) => each.getBoundingClientRect().right > right)
        .map((each) => each.textContent);
    });
    if (outside.length > 0) {
      throw new Error(`Off the edge: ${outside.join()}`);
    }
    const { cell } = await grid('mask-total');
    if (cell < 12) {
      throw new Error(`Cells of ${cell} px.`);
    }
    await scenario.shot('narrow');
    await workbench.divideEditors(0.2);
  });

  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await workbench.setTheme(theme);
    await page.waitForTimeout(1000);
    await scenario.shot(theme);
  }
}
