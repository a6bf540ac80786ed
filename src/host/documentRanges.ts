// Where the explored texts are in their document, kept up to date while it is edited; a text that was changed has no place.
import * as vscode from 'vscode';
import type { Side } from '../shared/modelSummary';
import type { Span } from './sentence';
import { shiftSpanAll } from './trackedSpan';

/** A text and the UTF-16 offset in the document at which it begins. */
export interface PlacedText {
  readonly text: string;
  readonly start: number;
}

/** A place in one of the explored texts. */
export interface TextPlace {
  readonly side: Side;
  /** Index of the text in the batch. */
  readonly batch: number;
  /** UTF-16 offset in that text. */
  readonly offset: number;
}

interface Tracked {
  readonly side: Side;
  readonly batch: number;
  readonly text: string;
  span: Span;
  /** Whether the document still has this text there. */
  linked: boolean;
}

export class DocumentRanges implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when some text moved, was changed, or is itself again after undo. */
  readonly onDidChange = this.changed.event;
  private readonly tracked: readonly Tracked[];
  private readonly subscriptions: readonly vscode.Disposable[];
  private eol: vscode.EndOfLine | undefined;

  /** `places` per side of the model: the source, and the decoder's input where that was selected too. */
  constructor(
    readonly uri: vscode.Uri,
    places: Readonly<Record<Side, readonly PlacedText[]>>,
  ) {
    this.tracked = (['encoder', 'decoder'] as const).flatMap((side) =>
      places[side].map(({ text, start }, batch) => ({
        side,
        batch,
        text,
        span: { start, end: start + text.length },
        linked: false,
      })),
    );
    this.subscriptions = [
      this.changed,
      vscode.workspace.onDidChangeTextDocument((event) => this.follow(event)),
      vscode.workspace.onDidOpenTextDocument((document) => this.link(document)),
    ];
    const document = this.document();
    if (document) {
      this.link(document);
    }
  }

  /** The place of `[start, end)` of one text; undefined while its document is closed or the text has been changed. */
  rangeOf(side: Side, batch: number, start: number, end: number): vscode.Range | undefined {
    const document = this.document();
    const text = this.tracked.find((item) => item.side === side && item.batch === batch);
    if (!document || !text?.linked || start < 0) {
      return undefined;
    }
    return new vscode.Range(
      document.positionAt(text.span.start + start),
      document.positionAt(text.span.start + end),
    );
  }

  /** The place of a position of the document in one of the texts. */
  placeAt(document: vscode.TextDocument, position: vscode.Position): TextPlace | undefined {
    if (document.uri.toString() !== this.uri.toString()) {
      return undefined;
    }
    const offset = document.offsetAt(position);
    const text = this.tracked.find(({ linked, span }) => linked && span.start <= offset && offset < span.end);
    return text && { side: text.side, batch: text.batch, offset: offset - text.span.start };
  }

  /** The texts with their present offsets, to be kept over a reload of the window. */
  places(side: Side): readonly PlacedText[] {
    return this.tracked
      .filter((item) => item.side === side)
      .map(({ text, span }) => ({ text, start: span.start }));
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private document(): vscode.TextDocument | undefined {
    return vscode.workspace.textDocuments.find((open) => open.uri.toString() === this.uri.toString());
  }

  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (document.uri.toString() !== this.uri.toString()) {
      return;
    }
    if (this.eol !== document.eol) {
      // Other line ends move everything after the first line without being listed as changes.
      this.tracked.forEach((item) => (item.span = { start: -1, end: -1 }));
    }
    if (contentChanges.length > 0 || this.eol !== document.eol) {
      this.tracked.forEach((item) => (item.span = shiftSpanAll(item.span, contentChanges)));
      this.link(document);
    }
  }

  private link(document: vscode.TextDocument): void {
    if (document.uri.toString() !== this.uri.toString()) {
      return;
    }
    this.eol = document.eol;
    for (const item of this.tracked) {
      const { start, end } = item.span;
      const found =
        start >= 0 &&
        document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end)));
      item.linked = found === item.text;
    }
    this.changed.fire();
  }
}
