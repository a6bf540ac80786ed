// The first steps say what a reader will see: this keeps them true when the shipped model changes.
import * as vscode from 'vscode';
import { equal, ok } from '../support/assertions';
import { activated, closeAll, explore, PATIENCE, select, traceOf } from './explorer';

const SENTENCE = "The animal didn't cross the street because it was too tired.";

/** `In layer 2, head 2, *it* looks most at *animal*` */
const CLAIM = /in layer (\d+), head (\d+), \*(\w+)\* looks most at \*(\w+)\*/gi;

suite('samples', function () {
  this.timeout(PATIENCE);
  teardown(closeAll);

  test('what the first steps say about heads is so @once', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    ok(folder, 'no workspace');
    const editor = await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, 'first-steps.md'), {
      viewColumn: vscode.ViewColumn.One,
    });
    await select(editor, SENTENCE);
    const api = await activated();
    const trace = traceOf(await explore());
    const labels = trace.encoder[0].tokens.map(({ label }) => label);
    const claims = [...editor.document.getText().matchAll(CLAIM)];
    ok(claims.length > 0, 'the first steps name no head');
    for (const [claim, layer, head, query, key] of claims) {
      const { columns, data } = await api.slices.matrix({
        trace: trace.id,
        attention: `encoder.${Number(layer) - 1}.self`,
        head: Number(head) - 1,
        batch: 0,
        stage: 'weights',
        unit: 'pieces',
      });
      const start = labels.indexOf(query) * columns;
      const row = [...data.slice(start, start + columns)];
      equal(labels[row.indexOf(Math.max(...row))], key, claim);
    }
  });
});
