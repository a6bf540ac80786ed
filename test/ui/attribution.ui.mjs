// The Attribution view by real clicks: each column is what the engine answers for this layer and run, and ρ follows from them.
import { PanelPage } from './panelPage.mjs';
import { askEngine } from './engineTruth.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";
const OTHER = 'A black cat sleeps on the red sofa.';

/** As the panel writes numbers. @param {number} value @param {number} [decimals] */
const written = (value, decimals = 2) => {
  const text = value.toFixed(decimals).replace('-', '−');
  return Number(text.replace('−', '-')) === 0 ? text.replace('−', '') : text;
};

/** Rows as written. @param {{ rows: number, columns: number, data: Float32Array }} matrix @param {number} decimals */
const lines = ({ rows, columns, data }, decimals) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const value = data[row * columns + column];
      return Number.isFinite(value) ? written(value, decimals) : '–';
    }),
  );

/** @param {number[]} values Ranks from 1, ties by their mean. */
const ranks = (values) =>
  values.map(
    (value) =>
      values.filter((other) => other < value).length +
      (values.filter((other) => other === value).length + 1) / 2,
  );

/** Pearson's correlation of ranks. @param {number[]} a @param {number[]} b */
const spearman = (a, b) => {
  const mean = (a.length + 1) / 2;
  const [x, y] = [ranks(a), ranks(b)].map((each) => each.map((rank) => rank - mean));
  const dot = (/** @type {number[]} */ u, /** @type {number[]} */ v) =>
    u.reduce((sum, value, i) => sum + value * v[i], 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
};

/** @param {string} text @param {number} layer */
const truthOf = (text, layer) =>
  askEngine([text], async (engine, { id, encoder, decoder }) => {
    const place = { trace: id, batch: 0 };
    const attention = await engine.attribution({ ...place, method: { by: 'attention', layer } });
    const rollout = await engine.attribution({ ...place, method: { by: 'rollout' } });
    const sources = encoder[0].tokens.length;
    const { drops } = await engine.leaveOneOut({ ...place, first: 0, count: sources });
    const targets = decoder[0].tokens.length;
    const turned = new Float32Array(drops.data.length);
    for (let source = 0; source < sources; source++) {
      for (let target = 0; target < targets; target++) {
        turned[target * sources + source] = drops.data[source * targets + target];
      }
    }
    return {
      attention,
      rollout,
      left: { rows: targets, columns: sources, data: turned },
      labels: decoder[0].tokens.map(({ label }) => label),
    };
  });

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  await workbench.openFile('first-steps.md');
  await workbench.selectText(SENTENCE);
  await workbench.runCommand('Transformer: Explore Selection');
  const panel = await PanelPage.find(workbench);

  /** The numbers of a table. @param {string} role */
  const rowsOf = (role) =>
    panel
      .part(role)
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
      );
  const table = (/** @type {boolean} */ on) => async () => {
    const area = panel.frame.locator('[data-area="attribution-attention"]');
    if ((await area.isVisible()) === on) {
      await (on ? area : panel.frame.locator('[data-role="attention-scores"] table')).focus();
      await page.keyboard.press('t');
    }
    return (await area.isVisible()) !== on;
  };

  await scenario.check('shows attention, rollout and leave-one-out of this run', async () => {
    await panel.open('attribution');
    await panel.part('attribution-leaveOneOut').waitFor();
    await scenario.shot('attribution');
    const { attention, rollout, left } = await truthOf(SENTENCE, 0);
    await workbench.until('tables', table(true));
    for (const [role, matrix, decimals] of /** @type {const} */ ([
      ['attention-scores', attention, 3],
      ['rollout-scores', rollout, 3],
      ['leave-one-out-scores', left, 2],
    ])) {
      await workbench.eventually(async () => {
        const [found, wanted] = [await rowsOf(role), lines(matrix, decimals)];
        const different = wanted.findIndex((row, i) => row.join() !== found[i]?.join());
        if (different >= 0) {
          throw new Error(`${role}, row ${different}: ${found[different]} instead of ${wanted[different]}`);
        }
      });
    }
    await workbench.until('pictures', table(false));
  });

  await scenario.check('says how far they agree, by numbers that follow from them', async () => {
    const { attention, rollout, left } = await truthOf(SENTENCE, 0);
    /** @type {(one: typeof left, other: typeof left) => number} */
    const mean = (one, other) => {
      const all = Array.from({ length: one.rows }, (_, row) => {
        const at = (/** @type {typeof left} */ { data, columns }) =>
          Array.from(data.slice(row * columns, (row + 1) * columns), Math.abs);
        const [a, b] = [at(one), at(other)];
        return [...a, ...b].every(Number.isFinite) ? spearman(a, b) : NaN;
      }).filter(Number.isFinite);
      return all.reduce((sum, value) => sum + value, 0) / all.length;
    };
    const wanted = [mean(attention, rollout), mean(attention, left), mean(rollout, left)].map((each) =>
      written(each),
    );
    await workbench.eventually(async () => {
      const found = (await rowsOf('attribution-agreement')).map(([first]) => first);
      if (found.join() !== wanted.join()) {
        throw new Error(`mean ρ ${found.join()} instead of ${wanted.join()}`);
      }
    });
    const finding = await panel.part('attribution-finding').innerText();
    if (!finding.includes(wanted[0]) || !finding.includes(wanted[1])) {
      throw new Error(`the finding does not say ${wanted}: ${finding}`);
    }
  });

  await scenario.check('a cell says its three numbers, and a click keeps its target', async () => {
    const { attention, rollout, left, labels } = await truthOf(SENTENCE, 0);
    const stage = panel.frame.locator('[data-area="attribution-rollout"]');
    const heat = panel.part('attribution-rollout');
    const [width, height] = await Promise.all(
      ['data-cell-width', 'data-cell-height'].map(async (name) => Number(await heat.getAttribute(name))),
    );
    const [row, column] = [4, 2];
    // The row shares its labels: only the first picture has room for them.
    const position = { x: 1 + (column + 0.5) * width, y: 76 + (row + 0.5) * height };
    await stage.click({ position });
    const at = (/** @type {typeof left} */ { data, columns }, /** @type {number} */ decimals) =>
      written(data[row * columns + column], decimals);
    const numbers = [at(attention, 3), at(rollout, 3), at(left, 2)];
    await workbench.eventually(async () => {
      const text = await panel.part('attribution-reading').innerText();
      if (!numbers.every((number) => text.includes(` ${number}`))) {
        throw new Error(`${text} instead of ${numbers}`);
      }
    });
    await page.mouse.move(5, 5);
    await workbench.until('the kept target', async () =>
      (await panel.part('attribution-inspector').innerText()).includes(labels[row].trim()),
    );
    await scenario.shot('attribution-cell');
  });

  await scenario.check('gradients come when they are asked for, and can be stopped', async () => {
    await panel.frame.locator('[data-control="gradients"]').click();
    const { gradients, integrated } = await askEngine([SENTENCE], async (engine, { id, decoder }) => {
      const place = { trace: id, batch: 0 };
      return {
        gradients: await engine.gradients({ ...place, first: 0, count: decoder[0].tokens.length }),
        integrated: await engine.integratedGradients({ ...place, target: 4, baseline: 'zero' }),
      };
    });
    await panel.part('attribution-saliency').waitFor({ timeout: 60_000 });
    // The kept target is the first to be integrated; the others may wait.
    await panel.frame.locator('[data-control="integrated-gradients"]').click();
    await panel.part('attribution-completeness').waitFor({ timeout: 120_000 });
    await panel.frame.locator('[data-control="stop-gradients"]').click();
    const facts = await panel.part('attribution-completeness').innerText();
    for (const number of [integrated?.value, integrated?.baselineValue].map((each) => written(each ?? NaN))) {
      if (!facts.includes(number)) {
        throw new Error(`${facts} without ${number}`);
      }
    }
    await scenario.shot('attribution-gradients');
    const matrix = await rowsOf('attribution-correlations');
    if (matrix.length !== 6 || matrix.some((row, i) => row[i] !== '1.00' || row.includes('–'))) {
      throw new Error(`not all pairs are compared: ${JSON.stringify(matrix)}`);
    }
    await workbench.until('tables', table(true));
    const { rows, columns, data } = gradients.product;
    const sources = (await rowsOf('rollout-scores'))[0].length;
    const part = (/** @type {number} */ from, /** @type {number} */ to) => ({
      rows,
      columns: to - from,
      data: Float32Array.from(
        Array.from({ length: rows }, (_, row) => [
          ...data.slice(row * columns + from, row * columns + to),
        ]).flat(),
      ),
    });
    for (const [role, wanted] of /** @type {const} */ ([
      ['gradient-input-scores', part(0, sources)],
      ['gradient-input-scores-prefix', part(sources, columns)],
    ])) {
      const found = await rowsOf(role);
      if (JSON.stringify(found) !== JSON.stringify(lines(wanted, 2))) {
        throw new Error(`${role} shows ${found[3]} instead of ${lines(wanted, 2)[3]}`);
      }
    }
    await workbench.until('pictures', table(false));
  });

  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern']) {
    await scenario.check(`gradients follow the theme ${theme}`, async () => {
      await workbench.setTheme(theme);
      await workbench.page.waitForTimeout(300);
      await scenario.shot(`attribution-${theme}`);
    });
  }

  await scenario.check('another layer and another text replace every number', async () => {
    await panel.pick('layer', '2');
    const layered = await truthOf(SENTENCE, 1);
    await workbench.until('tables', table(true));
    const shows = (/** @type {string} */ role, /** @type {typeof layered.left} */ matrix, decimals = 3) =>
      workbench.eventually(async () => {
        const [found, wanted] = [await rowsOf(role), lines(matrix, decimals)];
        if (JSON.stringify(found) !== JSON.stringify(wanted)) {
          throw new Error(`${role} shows ${found[0]} instead of ${wanted[0]}`);
        }
      });
    await shows('attention-scores', layered.attention);
    await workbench.selectText(OTHER);
    await workbench.runCommand('Transformer: Explore Selection');
    const other = await truthOf(OTHER, 1);
    await shows('attention-scores', other.attention);
    await shows('rollout-scores', other.rollout);
    await shows('leave-one-out-scores', other.left, 2);
    await workbench.until('pictures', table(false));
  });

  await scenario.check('a view that does not fit into the row of tabs is one click away', async () => {
    const isInside = (/** @type {string} */ view) =>
      panel.frame.locator(`[data-view="${view}"]`).evaluate((tab) => {
        const row = tab.parentElement?.getBoundingClientRect();
        const box = tab.getBoundingClientRect();
        return row !== undefined && box.left >= row.left - 1 && box.right <= row.right + 1;
      });
    await workbench.until('tabs that do not fit', async () => !(await isInside('experiments')));
    await panel.part('tabs-later').click();
    await workbench.until('the last tab', () => isInside('experiments'));
    await scenario.shot('tabs');
    await panel.part('tabs-earlier').click();
    await workbench.until('the tabs before', async () => !(await isInside('experiments')));
  });
}
