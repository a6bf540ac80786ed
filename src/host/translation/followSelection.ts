// Translates what is selected, as soon as the selection rests, while the view is visible and the user wants it.
import * as vscode from 'vscode';
import { logError } from '../errorReport';
import { readSettings } from '../settings';
import type { TranslationCenter } from './translationCenter';

/** Milliseconds that a selection must rest. */
const PAUSE = 300;

/** Documents that nobody writes or reads for their text. */
const NO_TEXT = new Set(['output', 'debug', 'vscode-terminal']);

export function followSelection(
  center: TranslationCenter,
  view: { readonly visible: boolean; readonly onDidChangeVisibility: vscode.Event<boolean> },
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let resting = false;
  const follow = async (editor: vscode.TextEditor): Promise<void> => {
    const { document, selections } = editor;
    if (!readSettings().translation.follow || !view.visible) {
      return;
    }
    const blank = selections.every((selection) => document.getText(selection).trim() === '');
    if (blank || center.shows(document, selections)) {
      return;
    }
    await center.translateSelection(undefined, editor);
  };
  const schedule = (editor: vscode.TextEditor | undefined): void => {
    clearTimeout(timer);
    if (editor && !NO_TEXT.has(editor.document.uri.scheme)) {
      timer = setTimeout(() => {
        follow(editor).catch((error: unknown) => logError(log, 'Following the selection', error));
      }, PAUSE);
    }
  };
  /** Nobody sees what is decoded while the view is hidden: it goes on when somebody looks again. */
  const rest = (visible: boolean): void => {
    clearTimeout(timer);
    if (!visible) {
      resting ||= readSettings().translation.follow && center.session.isRunning;
      if (resting) {
        center.session.stop();
      }
      return;
    }
    if (resting) {
      resting = false;
      void center.session.resume();
    }
    schedule(vscode.window.activeTextEditor);
  };
  return vscode.Disposable.from(
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => schedule(textEditor)),
    view.onDidChangeVisibility(rest),
    vscode.workspace.onDidChangeConfiguration(
      (event) =>
        event.affectsConfiguration('transformerExplorer.translation.followSelection') &&
        schedule(vscode.window.activeTextEditor),
    ),
    { dispose: () => clearTimeout(timer) },
  );
}
