// Where the translated places are in their document while it is edited, and whether they still say what was translated.
import * as vscode from 'vscode';
import type { PlacedText } from '../documentRanges';
import type { Span } from '../sentence';
import { shiftSpanAll } from '../trackedSpan';

interface Tracked {
  readonly text: string;
  /** What was written over it. */
  written: string | undefined;
  span: Span;
}

export class TrackedPlaces implements vscode.Disposable {
  private readonly items: readonly Tracked[];
  private readonly subscription: vscode.Disposable;
  private eol: vscode.EndOfLine | undefined;

  constructor(
    readonly uri: vscode.Uri,
    places: readonly PlacedText[],
  ) {
    this.items = places.map(({ text, start }) => ({
      text,
      written: undefined,
      span: { start, end: start + text.length },
    }));
    this.eol = this.document?.eol;
    this.subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.uri.toString() !== this.uri.toString()) {
        return;
      }
      if (this.eol !== document.eol) {
        // Other line ends move everything after the first line without being listed as changes.
        this.items.forEach((item) => (item.span = { start: -1, end: -1 }));
        this.eol = document.eol;
      }
      this.items.forEach((item) => (item.span = shiftSpanAll(item.span, contentChanges)));
    });
  }

  get document(): vscode.TextDocument | undefined {
    return vscode.workspace.textDocuments.find((open) => open.uri.toString() === this.uri.toString());
  }

  /** The places now, or undefined where the text of one is neither the original nor what was written over it. */
  ranges(): readonly vscode.Range[] | undefined {
    const { document } = this;
    const ranges = this.items.map((item) => document && linked(document, item, [item.text, item.written]));
    const found = ranges.filter((range) => range !== undefined);
    return found.length === ranges.length ? found : undefined;
  }

  /** Whether these ranges of a document, blank ones aside, are the places, and say what was translated or written. */
  are(document: vscode.TextDocument, ranges: readonly vscode.Range[]): boolean {
    const keys = (all: readonly vscode.Range[]) =>
      all
        .filter((range) => document.getText(range).trim() !== '')
        .map(({ start, end }) => `${document.offsetAt(start)}-${document.offsetAt(end)}`)
        .sort()
        .join();
    const places = document.uri.toString() === this.uri.toString() ? this.ranges() : undefined;
    return places !== undefined && keys(places) === keys(ranges);
  }

  /** `[start, end)` of the original text of a place; undefined while that is not there. */
  rangeIn(place: number, start: number, end: number): vscode.Range | undefined {
    const { document } = this;
    const item = this.items.at(place);
    if (!document || !item || !linked(document, item, [item.text])) {
      return undefined;
    }
    return new vscode.Range(
      document.positionAt(item.span.start + start),
      document.positionAt(item.span.start + end),
    );
  }

  /** What stands at the places now, whatever was done to it; empty ones are left out. */
  current(): readonly vscode.Range[] {
    const { document } = this;
    return this.items
      .filter(({ span }) => span.start >= 0 && span.end > span.start)
      .flatMap(({ span }) => (document ? rangeOf(document, span) : []));
  }

  /** Tells what is about to be written over the places. */
  expect(texts: readonly string[]): void {
    this.items.forEach((item, index) => (item.written = texts[index]));
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

function linked(
  document: vscode.TextDocument,
  { span }: Tracked,
  texts: readonly (string | undefined)[],
): vscode.Range | undefined {
  const range = span.start < 0 ? undefined : rangeOf(document, span);
  return range && texts.includes(document.getText(range)) ? range : undefined;
}

function rangeOf(document: vscode.TextDocument, { start, end }: Span): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
