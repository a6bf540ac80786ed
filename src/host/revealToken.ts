// Brings a token's text into view in its editor; never moves the cursor or the focus.
import * as vscode from 'vscode';
import type { TokenRef } from '../shared/protocol';
import type { Exploration } from './exploration';
import { rangeOfToken } from './highlights';

export async function revealToken(exploration: Exploration, token: TokenRef): Promise<void> {
  const shown = exploration.shown;
  if (!shown) {
    return;
  }
  const { uri } = shown.ranges;
  const visible = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === uri.toString(),
  );
  const editor =
    visible ??
    (await vscode.window.showTextDocument(uri, { preserveFocus: true, viewColumn: vscode.ViewColumn.One }));
  const range = rangeOfToken(exploration, token);
  if (range) {
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}
