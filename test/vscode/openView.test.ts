// Open View and Open Sample Text, as the walkthrough's links call them: with nothing open, and on what was explored.
import * as vscode from 'vscode';
import { equal, ok } from '../support/assertions';
import { activated, closeAll, explore, PATIENCE, select, showText } from './explorer';

const SENTENCE = 'Two children are playing in the garden.';

suite('open view', function () {
  this.timeout(PATIENCE);
  teardown(closeAll);

  test('shows the named view of what was explored, without another run', async () => {
    const api = await activated();
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const { trace } = await explore();
    for (const view of ['positions', 'attribution'] as const) {
      await vscode.commands.executeCommand('transformerExplorer.openView', view);
      equal(api.state().view.view, view, 'view');
    }
    equal(api.state().trace?.id, trace?.id, 'run');
  });

  test('the sample opens as a document of its own, with its first sentence selected', async () => {
    await vscode.commands.executeCommand('transformerExplorer.openSample');
    const editor = vscode.window.activeTextEditor;
    ok(editor?.document.isUntitled, 'no document of its own');
    equal(editor?.document.languageId, 'markdown', 'language');
    const selected = editor?.document.getText(editor.selection) ?? '';
    ok(selected.startsWith('The animal') && selected.endsWith('.'), selected);
  });
});
