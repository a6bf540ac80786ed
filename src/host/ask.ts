// The questions of a list or a line of text: they stay until they are answered or Escape is pressed.
import * as vscode from 'vscode';

/**
 * VS Code gives the keyboard back to a webview when the list or palette before this one closes, and that may come after the
 * question is shown: without this it would close unanswered, most of all on a busy machine.
 */
const STAYS = { ignoreFocusOut: true } as const;

/**
 * Asks for one of several items.
 * @returns The chosen one; undefined where the question was left with Escape.
 */
export function askWhich<T extends vscode.QuickPickItem>(
  items: readonly T[] | Thenable<readonly T[]>,
  options: vscode.QuickPickOptions,
): Thenable<T | undefined> {
  return vscode.window.showQuickPick(items, { ...options, ...STAYS });
}

/**
 * Asks for any number of several items.
 * @returns The chosen ones, perhaps none; undefined where the question was left with Escape.
 */
export function askWhichOnes<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<readonly T[] | undefined> {
  return vscode.window.showQuickPick(items, { ...options, ...STAYS, canPickMany: true });
}

/**
 * Asks for a line of text.
 * @returns Undefined where the question was left with Escape.
 */
export function askForText(options: vscode.InputBoxOptions): Thenable<string | undefined> {
  return vscode.window.showInputBox({ ...options, ...STAYS });
}

/** A list that its caller fills and shows. */
export function createList<T extends vscode.QuickPickItem>(): vscode.QuickPick<T> {
  return Object.assign(vscode.window.createQuickPick<T>(), STAYS);
}
