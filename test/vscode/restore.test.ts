// After a reload of the window the explorer comes back with its texts, its run and what was looked at.
import * as vscode from 'vscode';
import { equal, ok, until } from '../support/assertions';
import { activated, closeAll, explore, PATIENCE, select, showText, traceOf } from './explorer';

suite('restore', function () {
  this.timeout(PATIENCE);
  teardown(closeAll);

  test('a restored tab runs the same texts and shows the same head', async () => {
    const api = await activated();
    const editor = await showText('Before. The dog barks.');
    await select(editor, 'The dog barks.');
    const before = await explore();
    const view = {
      ...before.view,
      view: 'masks',
      attention: 'encoder.2.self',
      head: 5,
      unit: 'words',
    } as const;
    api.setView({ ...view, pinned: { query: 1, key: 2 } });
    // Written after a short pause.
    await new Promise((resolve) => setTimeout(resolve, 600));

    const restored = vscode.window.createWebviewPanel(
      'transformerExplorer.explorer',
      'Transformer Explorer',
      vscode.ViewColumn.Two,
    );
    await api.restore(restored);
    await api.idle();
    const after = api.state();
    const trace = traceOf(after);
    ok(trace !== traceOf(before), 'nothing was run again');
    equal(trace.encoder[0].text, 'The dog barks.');
    equal(
      [after.view.view, after.view.attention, after.view.head, after.view.unit],
      ['masks', 'encoder.2.self', 5, 'words'],
    );
    equal(after.view.pinned, { query: 1, key: 2 });
    equal(editor.document.getText(api.rangeOf('encoder', 0, 4, 7)), 'dog');
    await until('the page to come up', () => api.panelOpen() && restored.visible);
  });
});
