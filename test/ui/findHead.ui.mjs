// Find a head: the ranking beside the grid, by mouse and keys, for a pinned pair, and the command of the palette.
import { PanelPage } from './panelPage.mjs';
import { headOf, truthOf } from './truth.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench, page } = scenario;
  const truth = truthOf(SENTENCE);
  const byPrevious = ranked(truth, (weights) => {
    const diagonal = weights.slice(1).map((row, index) => row[index]);
    return diagonal.reduce((sum, weight) => sum + weight, 0) / diagonal.length;
  });
  /** @type {PanelPage} */
  let panel;
  const rows = () => panel.frame.locator('[data-area="head-ranking"] [role="option"]');
  /** @param {readonly { name: string }[]} heads */
  const expectRanking = (heads) =>
    workbench.until('the ranking', async () => {
      const shown = await rows().evaluateAll((all) => all.map((row) => row.getAttribute('data-head')));
      return shown.join(' ') === heads.map(({ name }) => name).join(' ');
    });

  await scenario.check('heads are ranked by the token before', async () => {
    await workbench.openFile('first-steps.md');
    await workbench.selectText(SENTENCE);
    await workbench.runCommand('Transformer: Explore Selection');
    panel = await PanelPage.find(workbench);
    await expectRanking(byPrevious);
    const first = await rows().first().innerText();
    if (!first.includes(byPrevious[0].score.toFixed(3))) {
      throw new Error(`No ${byPrevious[0].score.toFixed(3)} in ${first}`);
    }
  });

  await scenario.check('a click goes to the head', async () => {
    await rows().nth(1).click();
    await workbench.until(byPrevious[1].name, async () => (await panel.headName()) === byPrevious[1].name);
    await workbench.until(
      'the row marked',
      async () => (await rows().nth(1).getAttribute('aria-selected')) === 'true',
    );
    await scenario.shot('previous');
  });

  await scenario.check('arrow keys and Enter go to a head', async () => {
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await workbench.until(byPrevious[2].name, async () => (await panel.headName()) === byPrevious[2].name);
  });

  await scenario.check('another question, another ranking', async () => {
    await panel.pick('head-question', 'Next token');
    await expectRanking(
      ranked(truth, (weights) => {
        const diagonal = weights.slice(0, -1).map((row, index) => row[index + 1]);
        return diagonal.reduce((sum, weight) => sum + weight, 0) / diagonal.length;
      }),
    );
  });

  await scenario.check('the pinned pair ranks the heads by its weight', async () => {
    const tokens = truth.encoder[0].tokens;
    const it = tokens.findIndex(({ label }) => label === 'it');
    const animal = tokens.findIndex(({ label }) => label === 'animal');
    await panel.pick('head-question', 'Pinned pair');
    await panel.part('head-finder').getByText('Pin a pair first').waitFor();
    await panel.clickCell(it, animal);
    await expectRanking(ranked(truth, (weights) => weights[it][animal]));
    await panel.part('head-finder').getByText('Weight of the pinned pair').waitFor();
    await scenario.shot('pair');
  });

  await scenario.check('the facts of the selected attention are one click away', async () => {
    await panel.choose('beside-heads', 'Selected');
    await panel.part('attention-facts').getByText('Queries × keys').waitFor();
    await panel.choose('beside-heads', 'Find a head');
    await rows().first().waitFor();
  });

  await scenario.check('the command of the palette goes to the best head', async () => {
    await workbench.runCommand('Transformer: Find Head…');
    await workbench.pick('Previous token');
    const [, layer, head] = byPrevious[0].name.match(/\.(\d+)\..*\[(\d+)\]/) ?? [];
    const label = `Layer ${Number(layer) + 1}, head ${Number(head) + 1}`;
    await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first().waitFor();
    await scenario.shot('palette');
    await workbench.pick(label);
    await workbench.until(byPrevious[0].name, async () => (await panel.headName()) === byPrevious[0].name);
  });

  for (const theme of ['Light Modern', 'Dark High Contrast']) {
    await scenario.check(`the ranking follows the theme ${theme}`, async () => {
      await workbench.setTheme(theme);
      await rows().first().waitFor();
      await scenario.shot(theme);
    });
  }

  await scenario.check('a wide panel shows both panes', async () => {
    await workbench.toggleSideBar();
    await workbench.divideEditors(0.2);
    await panel.part('attention-facts').getByText('Queries × keys').waitFor();
    await rows().first().waitFor();
    await scenario.shot('wide');
  });
}

/**
 * All heads of the encoder, best first.
 * @param {import('./truth.mjs').Truth} truth
 * @param {(weights: number[][]) => number} score
 */
function ranked(truth, score) {
  return truth.attentions
    .filter(({ name }) => name.startsWith('encoder.'))
    .flatMap(({ name, heads }) =>
      Array.from({ length: heads }, (_, head) => ({
        name: `${name}[${head}]`,
        score: score(headOf(truth, name, head)),
      })),
    )
    .sort((a, b) => b.score - a.score);
}
