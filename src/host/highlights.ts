// Marks the text of tokens in the editor: those under the pointer in the explorer, and the pinned pair. Colours are the theme's.
import * as vscode from 'vscode';
import type { Side } from '../shared/modelSummary';
import type { TokenRef } from '../shared/protocol';
import type { TraceSummary } from '../shared/trace';
import type { Exploration } from './exploration';
import { sidesOf } from '../shared/attentionSides';

export class Highlights implements vscode.Disposable {
  private readonly hoverStyle = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.wordHighlightStrongBackground'),
    border: '1px solid',
    borderColor: new vscode.ThemeColor('editor.wordHighlightStrongBorder'),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.wordHighlightStrongForeground'),
  });
  private readonly pinStyle = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.wordHighlightBackground'),
    border: '1px solid',
    borderColor: new vscode.ThemeColor('focusBorder'),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly subscriptions: vscode.Disposable[];
  private hovered: readonly TokenRef[] = [];
  private hidden = false;

  constructor(private readonly exploration: Exploration) {
    this.subscriptions = [
      this.hoverStyle,
      this.pinStyle,
      exploration.onDidChange((what) => {
        this.hovered = what === 'run' ? [] : this.hovered;
        this.hidden = false;
        this.draw();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && document.uri.toString() === this.shownUri()) {
          // After an edit the pointer's tokens may be elsewhere; the pinned ones follow their text or go.
          this.hovered = [];
          this.draw();
        }
      }),
    ];
  }

  /** Marks these tokens instead of those marked before; an empty list unmarks. */
  hover(tokens: readonly TokenRef[]): void {
    this.hovered = tokens;
    this.draw();
  }

  /** Takes all marks away until something is hovered or pinned again. */
  clear(): void {
    this.hovered = [];
    this.hidden = true;
    this.draw();
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private draw(): void {
    const shown = this.exploration.shown;
    const rangesOf = (tokens: readonly TokenRef[]) =>
      shown ? tokens.flatMap((token) => rangeOfToken(this.exploration, token) ?? []) : [];
    const hovered = rangesOf(this.hovered);
    const pinned = this.hidden ? [] : rangesOf(pinnedTokens(this.exploration));
    for (const editor of vscode.window.visibleTextEditors) {
      const ours = editor.document.uri.toString() === this.shownUri();
      editor.setDecorations(this.hoverStyle, ours ? hovered : []);
      editor.setDecorations(this.pinStyle, ours ? pinned : []);
    }
  }

  private shownUri(): string | undefined {
    return this.exploration.shown?.ranges.uri.toString();
  }
}

/** The place of a token's text in the document; undefined for special tokens and changed text. */
export function rangeOfToken(exploration: Exploration, token: TokenRef): vscode.Range | undefined {
  const shown = exploration.shown;
  const sequence = shown && sequences(shown.trace, token.side)[token.batch];
  const tokens = sequence?.tokens.slice(token.first, token.last + 1);
  const withText = tokens?.filter(({ start }) => start >= 0) ?? [];
  const first = withText.at(0);
  const last = withText.at(-1);
  if (!shown || !sequence || !first || !last) {
    return undefined;
  }
  // A piece may begin with the space before its word, which nobody wants to see marked.
  const covered = sequence.text.slice(first.start, last.end);
  const start = first.start + (covered.length - covered.trimStart().length);
  return shown.ranges.rangeOf(token.side, token.batch, start, start + covered.trim().length);
}

/** The token sequences of one side of a run, one per text. */
export function sequences(trace: TraceSummary, side: Side): TraceSummary['encoder'] {
  return side === 'encoder' ? trace.encoder : trace.decoder;
}

/** The pinned cell's query and key as tokens. */
function pinnedTokens(exploration: Exploration): readonly TokenRef[] {
  const { shown, view } = exploration;
  const { model } = exploration.state();
  const kind = model?.attentions.find(({ name }) => name === view.attention)?.kind;
  if (!shown || !view.pinned || !kind) {
    return [];
  }
  const { query, key } = view.pinned;
  const sides = sidesOf(kind);
  return [
    { side: sides.query, index: query },
    { side: sides.key, index: key },
  ].flatMap(({ side, index }) => {
    if (view.unit === 'pieces') {
      return [{ side, batch: view.batch, first: index, last: index }];
    }
    const word = sequences(shown.trace, side)[view.batch]?.words[index];
    return word ? [{ side, batch: view.batch, first: word.first, last: word.last }] : [];
  });
}
