// The twelve decoration types of heat: eleven steps and the frame of the word itself. Only backgrounds and lines, never text.
import * as vscode from 'vscode';
import type { ThemeKind } from './barChart';
import { HEAT_STEPS, heatSteps } from './heatScale';

/** What is to be marked in one document. */
export interface HeatMarks {
  /** Entry 0 belongs to step 1. */
  readonly steps: readonly (readonly vscode.Range[])[];
  readonly word: readonly vscode.Range[];
}

/** Nothing is marked. */
export const NO_MARKS: HeatMarks = {
  steps: Array.from({ length: HEAT_STEPS }, () => []),
  word: [],
};

export class HeatDecorations implements vscode.Disposable {
  private readonly types: readonly vscode.TextEditorDecorationType[];
  private readonly word: vscode.TextEditorDecorationType;
  /** How many ranges of each type an editor has, so that what is empty and stays empty costs nothing. */
  private readonly counts = new WeakMap<vscode.TextEditor, number[]>();

  constructor(readonly theme: ThemeKind) {
    const rangeBehavior = vscode.DecorationRangeBehavior.ClosedClosed;
    this.types = heatSteps(theme).map(({ background, line, lineWidth }) =>
      vscode.window.createTextEditorDecorationType({
        backgroundColor: background,
        borderColor: line,
        borderStyle: 'solid',
        borderWidth: `0 0 ${lineWidth}px 0`,
        rangeBehavior,
      }),
    );
    this.word = vscode.window.createTextEditorDecorationType({
      outline: '1px solid',
      outlineColor: new vscode.ThemeColor('focusBorder'),
      rangeBehavior,
    });
  }

  /** Replaces what is marked in an editor. */
  show(editor: vscode.TextEditor, marks: HeatMarks): void {
    const before = this.counts.get(editor);
    const ranges = [...marks.steps, marks.word];
    [...this.types, this.word].forEach((type, index) => {
      if (ranges[index].length > 0 || (before?.[index] ?? 0) > 0) {
        editor.setDecorations(type, ranges[index]);
      }
    });
    this.counts.set(
      editor,
      ranges.map(({ length }) => length),
    );
  }

  /** Takes everything away, from all editors. */
  dispose(): void {
    [...this.types, this.word].forEach((type) => type.dispose());
  }
}
