// The Experiments view by real clicks: every question is asked, and what it shows is what the engine answers.
import { askEngine } from './engineTruth.mjs';
import { PanelPage } from './panelPage.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";
const OTHER = 'A black cat sleeps on the red sofa.';

/** As findings write numbers. @param {number} value */
const written = (value) =>
  (Math.abs(value) >= 0.1 ? value.toFixed(2) : String(Number(value.toPrecision(2)))).replace('-', '−');

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  await workbench.openFile('first-steps.md');
  await workbench.selectText(SENTENCE);
  await workbench.runCommand('Transformer: Explore Selection');
  const panel = await PanelPage.find(workbench);
  await panel.open('experiments');
  const question = (/** @type {string} */ id) => panel.frame.locator(`[data-experiment="${id}"]`);
  const answered = (/** @type {string} */ id) =>
    question(id).and(panel.frame.locator('[data-status="done"]'));
  const finding = () => panel.part('finding').innerText();

  await scenario.check(
    'why divide by √dₖ: before, after, and a finding with the engine’s numbers',
    async () => {
      const { facts, output } = await askEngine([SENTENCE], async (engine, { id }) => {
        const { attentions } = await engine.controls({ model: 'model' });
        const after = await engine.intervene({
          trace: id,
          interventions: [
            {
              kind: 'scoreScale',
              enabled: true,
              attentions: attentions.map(({ attention }) => attention),
              heads: 'all',
              scale: 'none',
            },
          ],
        });
        return engine.compare({ trace: id, after: after.id, batch: 0 });
      });
      await question('scale').click();
      await answered('scale').waitFor();
      const text = await finding();
      const { before, after } = facts;
      for (const value of [
        before.scoreVariance,
        after.scoreVariance,
        before.entropy,
        after.entropy,
        output?.meanKl ?? NaN,
      ]) {
        if (!text.includes(written(value))) {
          throw new Error(`the finding does not say ${written(value)}: ${text}`);
        }
      }
      await panel.part('head-after-pane').locator('canvas').first().waitFor();
      await scenario.shot('scale', { media: 'experiments.png' });
    },
  );

  await scenario.check('every other question that can be asked is answered by one click', async () => {
    await workbench.placeCursor('it was');
    await panel.frame.locator('[data-experiment="word-heads"]:not(.unavailable)').waitFor();
    const ids = await panel.frame
      .locator('.question:not(.unavailable)')
      .evaluateAll((all) => all.map((each) => each.getAttribute('data-experiment') ?? ''));
    if (ids.length < 16) {
      throw new Error(`only ${ids.join(', ')} can be asked`);
    }
    for (const id of ids.filter((each) => each !== 'scale')) {
      await question(id).click();
      await answered(id).waitFor({ timeout: 90_000 });
      await scenario.shot(id);
    }
  });

  await scenario.check('a sweep shows how far it is, and can be stopped', async () => {
    await question('head-importance').click();
    await panel.frame.locator('[data-control="run-experiment"]').click();
    await question('head-importance').filter({ hasText: '/' }).waitFor();
    await panel.frame.locator('[data-control="stop-experiment"]').click();
    await panel.frame.locator('[data-control="run-experiment"]').waitFor();
    await panel.frame.locator('[data-experiment="head-importance"]:not([data-status])').waitFor();
  });

  await scenario.check('a kept change is in effect in every view, and can be switched off', async () => {
    await panel.open('attention');
    const largest = async () => Number(await panel.part('head-stage').getAttribute('data-cell-size'));
    await workbench.until('the matrix', async () => (await largest()) > 0);
    await panel.open('experiments');
    await question('scale').click();
    await answered('scale').waitFor();
    await panel.frame.locator('[data-control="keep-change"]').click();
    await panel.frame.locator('[data-control="interventions"]').filter({ hasText: '1' }).waitFor();
    await panel.open('attention');
    await scenario.shot('kept in attention');
    await panel.frame.locator('[data-control="interventions"]').click();
    await panel.part('interventions').locator('input[type="checkbox"]').uncheck();
    await panel.frame.locator('[data-control="interventions"]').waitFor({ state: 'hidden' });
  });

  await scenario.check('an intervention can be added by hand, edited and removed', async () => {
    await panel.frame.locator('[data-control="add-intervention"]').click();
    await scenario.shot('add');
    await panel.frame.locator('[data-control="form-add"]').click();
    const rows = panel.part('interventions').locator('[role="listitem"]');
    await workbench.until('two interventions', async () => (await rows.count()) === 2);
    const value = rows.nth(1).locator('input.value');
    await value.fill('0.5');
    await value.press('Enter');
    await rows.nth(1).filter({ hasText: '0.5' }).waitFor();
    await panel.frame.locator('[data-control="clear-interventions"]').click();
    await workbench.until('none', async () => (await rows.count()) === 0);
  });

  await scenario.check('padding can be made visible when there is some', async () => {
    await workbench.selectText(SENTENCE);
    await workbench.selectText(OTHER, { add: true });
    await workbench.runCommand('Transformer: Explore Selection');
    await panel.pick('selection', '2 of 2');
    await question('visible-padding').click();
    await answered('visible-padding').waitFor();
    await scenario.shot('visible padding');
  });

  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await workbench.setTheme(theme);
    await question('scale').click();
    await answered('scale').waitFor();
    await page.waitForTimeout(1000);
    await scenario.shot(theme);
  }
}
