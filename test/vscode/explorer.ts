// What the suites need of the extension and of VS Code's documents; no test in itself.
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/host/extensionApi';
import type { PanelState } from '../../src/shared/protocol';
import type { TraceSummary } from '../../src/shared/trace';
import { extensionUnderTest, ok, until } from '../support/assertions';

/** Loading the model on a busy machine takes a while; nothing here measures time. */
export const PATIENCE = 90_000;

/** The activated extension. */
export async function activated(): Promise<ExtensionApi> {
  return (await extensionUnderTest().activate()) as ExtensionApi;
}

let documents = 0;

/** Shows a new document with that text, under a name that no other has had: VS Code may still be closing the last one. */
export async function showText(content: string, eol = vscode.EndOfLine.LF): Promise<vscode.TextEditor> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  ok(folder, 'no workspace');
  const uri = vscode.Uri.joinPath(folder, `suite-${++documents}.txt`).with({ scheme: 'untitled' });
  const editor = await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
  await editor.edit((edit) => {
    edit.setEndOfLine(eol);
    edit.insert(new vscode.Position(0, 0), content);
  });
  return editor;
}

/** Selects the first occurrence of each text. */
export function select(editor: vscode.TextEditor, ...texts: readonly string[]): Promise<void> {
  const { document } = editor;
  return setSelections(
    editor,
    texts.map((text) => {
      const start = document.getText().indexOf(text);
      ok(start >= 0, `'${text}' is not in the document`);
      return new vscode.Selection(document.positionAt(start), document.positionAt(start + text.length));
    }),
  );
}

/**
 * Sets the selections and waits until VS Code has told of them. Without the wait, a selection that was set before may still
 * be on its way back and be taken for the newest one: `editor.selections` itself then goes back for a moment.
 */
export async function setSelections(
  editor: vscode.TextEditor,
  selections: readonly vscode.Selection[],
): Promise<void> {
  const as = (other: readonly vscode.Selection[]) =>
    other.length === selections.length && other.every((each, index) => each.isEqual(selections[index]));
  if (as(editor.selections)) {
    return; // VS Code tells of changes only
  }
  let told = false;
  const listening = vscode.window.onDidChangeTextEditorSelection((event) => {
    told ||= event.textEditor === editor && as(event.selections);
  });
  try {
    editor.selections = selections;
    await until('the selection', () => told);
  } finally {
    listening.dispose();
  }
}

/** Runs the command on what is selected, and waits for the run. */
export async function explore(command = 'explore'): Promise<PanelState> {
  const api = await activated();
  await vscode.commands.executeCommand(`transformerExplorer.${command}`);
  await api.idle();
  return api.state();
}

/** The run that a state shows; fails with the state's error where there is none. */
export function traceOf(state: PanelState): TraceSummary {
  ok(state.trace, `nothing was explored: ${state.error?.code} ${state.error?.message}`);
  return state.trace;
}

/** The Markdown of our card at the first occurrence of a text, pictures decoded; undefined without a card. */
export async function cardAt(editor: vscode.TextEditor, text: string): Promise<string | undefined> {
  const position = editor.document.positionAt(editor.document.getText().indexOf(text) + 1);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    editor.document.uri,
    position,
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .find((markdown) => markdown.includes('command:transformerExplorer'));
}

/** Changes a setting for the user; undefined takes it away. */
export async function configure(key: string, value: string | number | boolean | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('transformerExplorer')
    .update(key, value, vscode.ConfigurationTarget.Global);
}

/** Closes all editors and the explorer without asking to save. */
export async function closeAll(): Promise<void> {
  for (const group of vscode.window.tabGroups.all) {
    for (const tab of group.tabs) {
      if (tab.input instanceof vscode.TabInputText && tab.isDirty) {
        await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(tab.input.uri));
        await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      }
    }
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
