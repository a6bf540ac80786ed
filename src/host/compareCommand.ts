// The command Compare Selection with Explored Text, and the text that the comparison takes from the editor.
import * as vscode from 'vscode';
import { askForText } from './ask';
import { UserError } from '../shared/errors';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import { selectedTexts } from './selectedTexts';

/** What the command acts on. */
export interface CompareParts {
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
}

export function compareCommands(parts: CompareParts): Readonly<Record<string, () => Promise<void>>> {
  return { 'transformerExplorer.compareSelection': () => compareSelection(parts) };
}

/** Asks for the text where nothing is selected, with the sentence at the cursor to begin with. */
async function compareSelection({ exploration, panel }: CompareParts): Promise<void> {
  if (!exploration.shown) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        'Explore a text first (Transformer: Explore Selection). What you select then is compared with it.',
      ),
    );
  }
  const editor = textEditor(exploration);
  const selected = editor?.selections.some((selection) => !selection.isEmpty) === true;
  const text = selected && editor ? editorText(editor) : await otherText(editor);
  if (text !== undefined) {
    await panel.ask((page) => page.compareWith({ side: { by: 'text', text } }));
    panel.show();
  }
}

async function otherText(editor: vscode.TextEditor | undefined): Promise<string | undefined> {
  const text = await askForText({
    title: vscode.l10n.t('Compare with the explored text'),
    prompt: vscode.l10n.t('The text to run beside it, with the same model and settings.'),
    value: editor && sentenceIn(editor),
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('Type a text.') : undefined),
  });
  return text?.trim();
}

/** The sentence at the cursor; empty where there is none. */
function sentenceIn(editor: vscode.TextEditor): string {
  try {
    return editorText(editor);
  } catch (error) {
    if (error instanceof UserError) {
      return '';
    }
    throw error;
  }
}

/** The first selection, or the sentence at the cursor. @throws UserError `emptyText` */
export function editorText(editor: vscode.TextEditor): string {
  return selectedTexts(editor)[0].text;
}

/** The editor with the focus; while the explorer has it, the one of the explored document, else any that can be seen. */
export function textEditor(exploration: Exploration): vscode.TextEditor | undefined {
  const explored = exploration.shown?.ranges.uri.toString();
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return (
    activeTextEditor ??
    visibleTextEditors.find(({ document }) => document.uri.toString() === explored) ??
    visibleTextEditors.at(0)
  );
}
