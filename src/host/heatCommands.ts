// The commands of heat and of the hover card's links that need a word: turn heat on and off, keep it for a word, show the card again.
import * as vscode from 'vscode';
import { UserError } from '../shared/errors';
import { wordTokenAt } from './cursorFollower';
import type { PlacedText } from './documentRanges';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import type { Heat } from './heat';
import type { OpenWord } from './hoverCard';
import { CARD_COMMANDS } from './hoverCard';
import { selectedTexts, sentenceAround } from './selectedTexts';

/** What the commands act on. */
export interface HeatParts {
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
  readonly heat: Heat;
}

export function heatCommands(
  parts: HeatParts,
): Readonly<Record<string, (argument?: unknown) => Promise<void>>> {
  return {
    'transformerExplorer.toggleHeat': () => toggleHeat(parts),
    [CARD_COMMANDS.keepHeat]: (word) => keepHeat(parts, placeOf(word)),
  };
}

/** @throws UserError `badRequest` for anything that is no {@link OpenWord}. */
export function placeOf(argument: unknown): OpenWord {
  if (!isOpenWord(argument)) {
    throw new UserError('badRequest', `Expected a place in a document, got ${JSON.stringify(argument)}.`);
  }
  return argument;
}

export function isOpenWord(value: unknown): value is OpenWord {
  const word = value as Partial<OpenWord> | null | undefined;
  return typeof word?.uri === 'string' && typeof word.line === 'number' && typeof word.character === 'number';
}

/**
 * Shows the hover card of a word once more, with what it says by now. VS Code cannot refresh a card that is open and opens
 * one by command only at the cursor, which is why the cursor goes to the word.
 */
export async function showCardAgain(word: OpenWord): Promise<void> {
  const position = new vscode.Position(word.line, word.character);
  const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === word.uri);
  if (!open) {
    return; // the card's document has been closed, and the card with it
  }
  await vscode.commands.executeCommand('editor.action.hideHover');
  await vscode.window.showTextDocument(open.document, {
    ...(open.viewColumn !== undefined && { viewColumn: open.viewColumn }),
    selection: new vscode.Range(position, position),
  });
  await vscode.commands.executeCommand('editor.action.showHover', { focus: 'noAutoFocus' });
}

/**
 * Turns heat on or off. Turned on where nothing explored is at the cursor, the model runs on the selection or the
 * sentence there, once; the panel stays as it is.
 */
async function toggleHeat({ exploration, panel, heat }: HeatParts): Promise<void> {
  const on = !exploration.view.heat;
  setHeat(exploration, panel, on);
  const editor = vscode.window.activeTextEditor;
  if (on && editor && !heatCan(exploration, heat, editor)) {
    await exploration.explore({
      uri: editor.document.uri,
      texts: selectedTexts(editor),
      decoderText: undefined,
    });
  }
}

/** Turns heat on and shows that of a word, in the shown run if it holds the word, else in one of its sentence. */
async function keepHeat({ exploration, panel, heat }: HeatParts, word: OpenWord): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(word.uri));
  const position = new vscode.Position(word.line, word.character);
  setHeat(exploration, panel, true);
  const sentence = wordTokenAt(exploration, document, position)
    ? undefined
    : sentenceAround(document, position);
  if (sentence) {
    const texts: readonly PlacedText[] = [sentence];
    await exploration.explore({ uri: document.uri, texts, decoderText: undefined });
  }
  heat.point(wordTokenAt(exploration, document, position));
}

function heatCan(exploration: Exploration, heat: Heat, editor: vscode.TextEditor): boolean {
  const { shown } = exploration;
  const same = shown?.ranges.uri.toString() === editor.document.uri.toString();
  return same && heat.wordAtCursor() !== undefined;
}

function setHeat(exploration: Exploration, panel: ExplorerPanel, on: boolean): void {
  exploration.setView({ ...exploration.view, heat: on });
  panel.tell((page) => page.show(exploration.state()));
}
