// Each of the two English models, chosen from the list: the heads of a selected sentence, and the masks.
import { PanelPage } from './panelPage.mjs';
import { headOf, truthOf } from './truth.mjs';

const SENTENCE = "The animal didn't cross the street because it was too tired.";
/** See explore.ui.mjs. */
const TOLERANCE = 12;

const MODELS = /** @type {const} */ ([
  { name: 'english-gpt-mini', attention: 'decoder.1.self' },
  { name: 'english-bert-mini', attention: 'encoder.1.self' },
]);

/** @param {import('../support/ui/scenario.mjs').Scenario} scenario */
export async function run(scenario) {
  const { workbench } = scenario;
  await workbench.openFile('first-steps.md');
  for (const { name, attention } of MODELS) {
    await scenario.check(`${name} shows the head that the engine computes`, async () => {
      const truth = truthOf(SENTENCE, { model: `models/${name}` });
      await workbench.runCommand('Transformer: Choose Model');
      await workbench.pick(name);
      await workbench.statusBar(name).waitFor();
      await workbench.selectText(SENTENCE);
      await workbench.runCommand('Transformer: Explore Selection');
      const panel = await PanelPage.find(workbench);
      await workbench.until('the first head', async () =>
        (await panel.headName()).startsWith(attention.slice(0, 7)),
      );
      await panel.clickHead(1, 3);
      await workbench.until('layer 2, head 4', async () => (await panel.headName()) === `${attention}[3]`);
      // Masked cells are hatched.
      const causal = attention.startsWith('decoder');
      const visible = headOf(truth, attention, 3).map((row, query) =>
        row.map((weight, key) => (causal && key > query ? NaN : weight)),
      );
      await panel.expectMatrix(visible, TOLERANCE);
      await scenario.shot(name);
      await panel.open('masks');
      await scenario.shot(`${name} masks`);
      await panel.open('attention');
    });
  }
}
