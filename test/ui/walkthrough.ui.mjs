// The walkthrough by real clicks: with no text open, a link of a step opens the sample, explores it and shows the step's view.
import { PanelPage } from './panelPage.mjs';

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  const steps = page.locator('.gettingStartedContainer');

  await scenario.check('the walkthrough shows a step for every view', async () => {
    await workbench.runCommand('Welcome: Open Walkthrough');
    await page.locator('.quick-input-widget').getByText('Explore a Transformer').first().click();
    await steps.getByText('Masks: what must not be looked at').waitFor();
    const titles = await steps.locator('.step-title').allInnerTexts();
    for (const view of ['Attention', 'Inside', 'Masks', 'Positions', 'Embeddings', 'Layers', 'Output']) {
      if (!titles.some((title) => title.startsWith(view))) {
        throw new Error(`no step for ${view}: ${titles.join(' | ')}`);
      }
    }
    await scenario.shot('steps');
  });

  await scenario.check('a link opens the sample, explores it and shows the view', async () => {
    await steps.getByText('Masks: what must not be looked at').click();
    const explained = await workbench.webview('pre code');
    await explained.getByText('Section 3.2.3 of the paper').waitFor();
    await scenario.shot('masks step');
    await steps.getByRole('button', { name: 'Open Masks' }).click();
    const panel = await PanelPage.find(workbench, '[data-view="masks"][aria-selected="true"]');
    await panel.frame.locator('[data-area="mask-total"]').waitFor();
    await scenario.shot('opened');
  });
}
