// Marks words of the translated text in its document while they are pointed at in the view.
import * as vscode from 'vscode';
import { rangeOfSentence } from './sentencePlace';
import type { TranslationCenter } from './translationCenter';

export class SourceMarks implements vscode.Disposable {
  private readonly style = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.wordHighlightStrongBackground'),
    border: '1px solid',
    borderColor: new vscode.ThemeColor('editor.wordHighlightStrongBorder'),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.wordHighlightStrongForeground'),
  });

  constructor(private readonly center: TranslationCenter) {}

  /** Marks these words of a sentence instead of those marked before. */
  show(sentence: number, words: readonly number[]): void {
    const { places, session } = this.center;
    const source = session.state().sentences.at(sentence)?.source;
    const ranges = words.flatMap((index) => {
      const word = source?.words.at(index);
      return word && word.start >= 0
        ? (rangeOfSentence(this.center, sentence, word.start, word.end) ?? [])
        : [];
    });
    for (const editor of vscode.window.visibleTextEditors) {
      const ours = editor.document.uri.toString() === places?.uri.toString();
      editor.setDecorations(this.style, ours ? ranges : []);
    }
  }

  clear(): void {
    vscode.window.visibleTextEditors.forEach((editor) => editor.setDecorations(this.style, []));
  }

  dispose(): void {
    this.style.dispose();
  }
}
