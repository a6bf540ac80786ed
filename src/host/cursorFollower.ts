// Tells the explorer which word the editor's cursor is in, while "Follow" is on.
import * as vscode from 'vscode';
import type { TokenRef } from '../shared/protocol';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import { sequences } from './highlights';
import { wordAt } from './wordWeights';

/** A cursor that is being moved says where it is this often at most, in milliseconds. */
const PAUSE = 40;

export class CursorFollower implements vscode.Disposable {
  private readonly subscriptions: readonly vscode.Disposable[];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the user moved the cursor since the page was last told of it. */
  private moved = false;
  private last = '';
  /** What {@link point} was given for this run, until the cursor moves. */
  private asked: TokenRef | undefined;
  /** The editor and selection last heard of. VS Code may tell of a selection long after it was made, and after a run of it. */
  private known: { readonly editor: vscode.TextEditor; readonly selection: vscode.Selection } | undefined;

  constructor(
    private readonly exploration: Exploration,
    private readonly panel: ExplorerPanel,
  ) {
    this.subscriptions = [
      // Only what has a kind was done by the user: editors also set selections when they are restored.
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        const news = this.hear(textEditor);
        this.schedule(textEditor, kind !== undefined && news);
      }),
      panel.onDidGetReady(() => (this.asked ? this.point(this.asked) : this.again())),
      exploration.onDidChange((what) => what === 'run' && this.again()),
    ];
  }

  /**
   * Shows a word that the user asked for, wherever the cursor is and even while nothing follows it: at once, or when
   * the page is there.
   */
  point(token: TokenRef | undefined): void {
    clearTimeout(this.timer);
    this.last = '';
    this.moved = false;
    this.asked = token;
    this.panel.follow(token, true);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private again(): void {
    this.last = '';
    this.moved = false;
    this.asked = undefined;
    if (vscode.window.activeTextEditor) {
      this.hear(vscode.window.activeTextEditor);
      this.schedule(vscode.window.activeTextEditor, false);
    }
  }

  /** Whether the editor's selection is another than the one last heard of. */
  private hear(editor: vscode.TextEditor): boolean {
    const { selection } = editor;
    const news = this.known?.editor !== editor || !this.known.selection.isEqual(selection);
    this.known = { editor, selection };
    return news;
  }

  private schedule(editor: vscode.TextEditor, moved: boolean): void {
    if (moved) {
      this.asked = undefined;
      this.moved = true;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(editor), PAUSE);
  }

  private tell(editor: vscode.TextEditor): void {
    const { moved } = this;
    this.moved = false;
    const { shown, view } = this.exploration;
    if (!shown || !view.follow || editor.document.uri.toString() !== shown.ranges.uri.toString()) {
      return;
    }
    const token = wordTokenAt(this.exploration, editor.document, editor.selection.active);
    const key = JSON.stringify(token ?? null);
    if (key !== this.last) {
      this.last = key;
      this.panel.follow(token, moved);
    }
  }
}

/** The pieces of the word at a position of the explored document; undefined outside the texts. */
export function wordTokenAt(
  exploration: Exploration,
  document: vscode.TextDocument,
  position: vscode.Position,
): TokenRef | undefined {
  const shown = exploration.shown;
  const place = shown?.ranges.placeAt(document, position);
  const sequence = shown && place && sequences(shown.trace, place.side)[place.batch];
  if (!place || !sequence) {
    return undefined;
  }
  const word = sequence.words[wordAt(sequence, place.offset)];
  return word && { side: place.side, batch: place.batch, first: word.first, last: word.last };
}
