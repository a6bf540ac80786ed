// The positions bench by real clicks: every change that the model allows and its effect, and the permutation experiment, against the engine.
import { pixelsOf } from '../support/ui/pixels.mjs';
import { askEngine } from './engineTruth.mjs';
import { darkColour } from './expectedColour.mjs';
import { PanelPage } from './panelPage.mjs';

/** @typedef {import('../../src/shared/intervention').PositionChange} PositionChange */

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

/**
 * @param {readonly PositionChange[]} changes
 * @param {string} attention
 * @param {number} head
 * @param {{ side?: 'encoder' | 'decoder', model?: string }} [options]
 */
const truthOf = (changes, attention, head, { side = 'encoder', model } = {}) =>
  askEngine(
    [SENTENCE],
    async (engine, before) => {
      const interventions = changes.map(
        (change) => /** @type {const} */ ({ kind: 'positions', enabled: true, side, change }),
      );
      const after = await engine.intervene({ trace: before.id, interventions });
      const at = /** @type {const} */ ({ attention, head, batch: 0, unit: 'pieces' });
      return {
        before: await engine.matrix({ trace: before.id, stage: 'weights', ...at }),
        after: await engine.matrix({ trace: after.id, stage: 'weights', ...at }),
        comparison: await engine.compare({ trace: before.id, after: after.id, batch: 0 }),
        translations: [before.decoder[0]?.text, after.decoder[0]?.text],
      };
    },
    model === undefined ? {} : { model },
  );

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  /** @type {PanelPage} */
  let panel;
  /** @param {string} role */
  const textOf = (role) => panel.part(role).innerText();
  /** @param {string} control */
  const control = (control) => panel.frame.locator(`[data-control="${control}"]`);
  const settled = () =>
    panel.frame
      .locator('[data-role="effect"] .effect-body[aria-busy="false"]')
      .waitFor({ state: 'visible', timeout: 30_000 });

  /** @param {string} role @param {import('../../src/shared/trace').AttentionMatrix} matrix */
  const offWeights = async (role, matrix) => {
    const canvas = panel.frame.locator(`canvas[data-role="${role}"]`);
    const { x, y, cell } = await canvas.evaluate((each) => {
      const [, left, top] = /translate\(([\d.]+)px, ([\d.]+)px\)/.exec(each.style.transform) ?? [
        '',
        '0',
        '0',
      ];
      return { x: Number(left), y: Number(top), cell: Number(each.dataset['cellWidth']) };
    });
    const pixels = await pixelsOf(page, panel.frame.locator(`[data-area="${role}"]`));
    let worst = 0;
    matrix.data.forEach((value, at) => {
      if (!matrix.masked[at]) {
        const [i, j] = [Math.floor(at / matrix.columns), at % matrix.columns];
        const seen = pixels.at(x + (j + 0.4) * cell, y + (i + 0.4) * cell);
        const wanted = darkColour(value);
        worst = Math.max(worst, ...seen.map((level, c) => Math.abs(level - wanted[c])));
      }
    });
    return worst;
  };

  /** Everything the effect says, against the engine. @param {Awaited<ReturnType<typeof truthOf>>} truth */
  const expectEffect = async ({ before, after, comparison, translations }) => {
    await settled();
    const { output, translation } = comparison;
    const said = `${written(output?.meanKl ?? NaN)} nats on average, ${written(output?.largestKl ?? NaN)} at most`;
    await workbench.until(said, async () => (await textOf('effect-kl')).includes(said));
    await panel.part('effect-of').hover();
    for (const [role, matrix] of /** @type {const} */ ([
      ['effect-before', before],
      ['effect-after', after],
    ])) {
      let off = Infinity;
      await workbench
        .until(`${role} in its colours`, async () => (off = await offWeights(role, matrix)) <= TOLERANCE)
        .catch(() => {
          throw new Error(`${role}: a cell is ${off.toFixed(0)} levels from the colour of its weight.`);
        });
    }
    if (translation) {
      const texts = await panel.part('effect-translation').locator('.marked-text').allInnerTexts();
      const isSame = translation.changed === 0 && translation.added === 0;
      const wanted = isSame ? [translations[1]] : translations;
      if (texts.map((text) => text.trim()).join('|') !== wanted.join('|')) {
        throw new Error(`"${texts.join('|')}" instead of "${wanted.join('|')}"`);
      }
    }
  };

  const attention = 'encoder.0.self';

  await scenario.check('the bench says what the positions are and what cannot be done', async () => {
    await workbench.openFile('first-steps.md');
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Explore Selection');
    panel = await PanelPage.find(workbench);
    await workbench.toggleSideBar();
    await workbench.divideEditors(0.2);
    await panel.pick('layer', '1');
    await panel.pick('head', '3');
    await panel.open('positions');
    await panel.part('position-bench').waitFor();
    await workbench.until('the kind', async () =>
      (await textOf('positions-inspector')).includes('sinusoidal'),
    );
    await workbench.until('what to do', async () => (await textOf('effect-note')).includes('Choose what'));
    await scenario.shot('as is');
  });

  await scenario.check(
    'removed positions: weights, output and translation are those of that run',
    async () => {
      await panel.choose('position-mode', 'Remove');
      const truth = await truthOf([{ to: 'remove' }], attention, 2);
      await expectEffect(truth);
      await scenario.shot('remove');
    },
  );

  await scenario.check(
    'another head, layer, change or no change at all would have other numbers',
    async () => {
      const wrong = await Promise.all([
        truthOf([{ to: 'remove' }], attention, 1),
        truthOf([{ to: 'remove' }], 'encoder.1.self', 2),
        truthOf([{ to: 'shuffle', seed: 7 }], attention, 2),
        truthOf([], attention, 2),
        truthOf([{ to: 'remove' }], attention, 2, { side: 'decoder' }),
      ]);
      await panel.part('effect-of').hover();
      for (const [index, { after }] of wrong.entries()) {
        if ((await offWeights('effect-after', after)) <= TOLERANCE) {
          throw new Error(`Wrong weights number ${index} passed for the right ones.`);
        }
      }
    },
  );

  await scenario.check('shift by a typed number, and the picture says which rows are read', async () => {
    await panel.choose('position-mode', 'Shift');
    await control('position-amount').fill('20');
    await workbench.until('the rows', async () =>
      (await textOf('position-table')).includes('positions 20 to'),
    );
    await expectEffect(await truthOf([{ to: 'shift', by: 20 }], attention, 2));
    await scenario.shot('shift');
  });

  await scenario.check('shuffle, scale, multiply and replace are each the engine’s', async () => {
    await panel.choose('position-mode', 'Shuffle');
    await control('position-amount').fill('5');
    await expectEffect(await truthOf([{ to: 'shuffle', seed: 5 }], attention, 2));
    await panel.choose('position-mode', 'Scale');
    await control('position-amount').fill('2');
    await expectEffect(await truthOf([{ to: 'scale', factor: 2 }], attention, 2));
    await panel.choose('position-mode', 'Multiply');
    await expectEffect(await truthOf([{ to: 'multiply' }], attention, 2));
    await scenario.shot('multiply');
    await panel.choose('position-mode', 'Replace');
    await workbench.until('a reason against a rotation', async () =>
      /Rotation: .*no such step/.test(await textOf('position-note')),
    );
    await expectEffect(await truthOf([{ to: 'sinusoidal' }], attention, 2));
    await scenario.shot('replace');
  });

  await scenario.check('the list switches it off, and as is takes it away', async () => {
    await control('positions-on').uncheck();
    await workbench.until('what to do', async () => (await textOf('effect-note')).includes('Choose what'));
    await panel.choose('position-mode', 'Remove');
    await settled();
    await control('interventions').click();
    await panel.part('interventions').locator('input[type="checkbox"]').uncheck();
    await panel.open('positions');
    await workbench.until('off', async () => !(await control('positions-on').isChecked()));
    await panel.choose('position-mode', 'As is');
    await workbench.until('nothing left', async () => !(await control('interventions').isVisible()));
  });

  await scenario.check('all modes are compared, each with the engine’s numbers', async () => {
    await control('compare-modes').click();
    const rows = panel.part('position-modes').locator('tbody tr');
    await workbench.until('every mode', async () => (await rows.count()) >= 7, 60_000);
    const { output } = (await truthOf([{ to: 'remove' }], attention, 2)).comparison;
    const removed = await panel.part('position-modes').locator('[data-row="remove"] td').allInnerTexts();
    if (removed[2] !== written(output?.meanKl ?? NaN)) {
      throw new Error(`${removed.join(' ')} instead of ${written(output?.meanKl ?? NaN)}`);
    }
    await scenario.shot('all modes');
  });

  await scenario.check('shuffled tokens give the same set without positions, and not with them', async () => {
    await control('permutation-seed').fill('11');
    await control('permutation-run').click();
    const [without, kept] = await askEngine([SENTENCE], async (engine, { id }) => {
      const request = { trace: id, batch: 0, seed: 11 };
      return [
        await engine.equivariance({ ...request, positions: 'remove' }),
        await engine.equivariance({ ...request, positions: 'keep' }),
      ];
    });
    for (const [row, each] of /** @type {const} */ ([
      ['removed', without],
      ['kept', kept],
    ])) {
      const cells = panel.part('permutation').locator(`[data-row="${row}"] td`);
      await cells.first().waitFor();
      const texts = await cells.allInnerTexts();
      // Rounding differs from one run to the next where the number of threads does.
      const isSmall = each.largest < 1e-3;
      const shown = Number((texts[0] ?? '').replaceAll('−', '-'));
      if (isSmall ? !(shown < 1e-3) : texts[0] !== written(each.largest)) {
        throw new Error(`${row}: ${texts.join(' ')} instead of ${each.largest}`);
      }
    }
    if (!(without.largest < 1e-3 && kept.largest > 0.1)) {
      throw new Error(`Without ${without.largest}, with ${kept.largest}: nothing is shown by that.`);
    }
    await panel.part('permutation-pane').scrollIntoViewIfNeeded();
    await scenario.shot('permutation');
  });

  await scenario.check(
    'a learned table can be replaced by sinusoids, and what has no encoder says so',
    async () => {
      await panel.pick('model', 'english-gpt-mini');
      await panel.part('position-bench').waitFor();
      await workbench.until(
        'a learned table',
        async () => (await textOf('positions-inspector')).includes('learned'),
        60_000,
      );
      await panel.choose('position-mode', 'Replace');
      await panel.choose('position-replacement', 'sinusoids');
      await settled();
      await panel.part('permutation-status').filter({ hasText: 'no encoder' }).waitFor();
      await scenario.shot('learned replaced');
      await panel.choose('position-mode', 'As is');
    },
  );

  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await scenario.check(`the view follows the theme ${theme}`, async () => {
      await panel.choose('position-mode', 'Shift');
      await settled();
      await workbench.setTheme(theme);
      await page.waitForTimeout(1000);
      await scenario.shot(theme);
    });
  }
}
