// Find Head: the ranking's numbers against the run's own weights; the command goes to the head that was chosen.
import * as vscode from 'vscode';
import type { RankedHead } from '../../src/shared/insight';
import { equal, ok, until } from '../support/assertions';
import { activated, closeAll, explore, PATIENCE, select, showText, traceOf } from './explorer';

const SENTENCE = 'The animal did not cross the street because it was too tired.';

suite('find head', function () {
  this.timeout(PATIENCE);
  teardown(closeAll);

  test('ranks by the mean weight on the previous token @once', async () => {
    const api = await activated();
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const state = await explore();
    const trace = traceOf(state).id;
    const kind = 'encoderSelf' as const;
    const ranked = await api.slices.heads({ trace, kind, batch: 0, question: 'previous' });
    const scores: RankedHead[] = [];
    for (const attention of state.model?.attentions.filter((each) => each.kind === kind) ?? []) {
      for (let head = 0; head < attention.heads; head++) {
        const { data, rows, columns } = await api.slices.matrix({
          trace,
          attention: attention.name,
          head,
          batch: 0,
          stage: 'weights',
          unit: 'pieces',
        });
        let sum = 0;
        for (let row = 1; row < rows; row++) {
          sum += data[row * columns + row - 1];
        }
        scores.push({ attention: attention.name, head, score: sum / (rows - 1) });
      }
    }
    scores.sort((a, b) => b.score - a.score);
    equal(
      ranked.map(({ attention, head }) => `${attention}[${head}]`).join(' '),
      scores.map(({ attention, head }) => `${attention}[${head}]`).join(' '),
      'ranking',
    );
    ok(Math.abs(ranked[0].score - scores[0].score) < 1e-6, `${ranked[0].score} for ${scores[0].score}`);
  });

  test('the command goes to the first head of the chosen question', async () => {
    const api = await activated();
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const state = await explore();
    api.setView({ ...state.view, attention: 'encoder.1.self', head: 0, mean: true, pinned: undefined });
    const [best] = await api.slices.heads({
      trace: traceOf(state).id,
      kind: 'encoderSelf',
      batch: 0,
      question: 'previous',
    });
    let ended = false;
    const command = vscode.commands.executeCommand('transformerExplorer.findHead').then(() => (ended = true));
    // Each list may take a moment to open; what is accepted before counts for nothing.
    await until(
      'the command to end',
      async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        await new Promise((resolve) => setTimeout(resolve, 150));
        return ended;
      },
      PATIENCE / 2,
    );
    await command;
    const { view } = api.state();
    equal(`${view.attention}[${view.head}] ${view.mean}`, `${best.attention}[${best.head}] false`, 'head');
    ok(api.panelOpen(), 'the explorer is not open');
  });
});
