// Where the translated text was, kept in the workspace's memory so that the view comes back with it after a reload of the window.
import * as vscode from 'vscode';
import type { PlacedText } from '../documentRanges';

const KEY = 'translation';
/** Longer texts are not kept: they would be written again with every selection that is followed. */
const LONGEST = 200_000;

interface Saved {
  readonly uri: string;
  readonly places: readonly PlacedText[];
}

export class SavedPlaces {
  constructor(private readonly memory: vscode.Memento) {}

  async save(uri: vscode.Uri, places: readonly PlacedText[]): Promise<void> {
    const length = places.reduce((sum, { text }) => sum + text.length, 0);
    const saved: Saved = { uri: uri.toString(), places: places.map(({ text, start }) => ({ text, start })) };
    await this.memory.update(KEY, length <= LONGEST ? saved : undefined);
  }

  async forget(): Promise<void> {
    await this.memory.update(KEY, undefined);
  }

  /** The document with the places that still say the same; undefined where it is gone, or has none. */
  async find(): Promise<
    { readonly document: vscode.TextDocument; readonly ranges: readonly vscode.Range[] } | undefined
  > {
    const saved = this.memory.get<Saved>(KEY);
    if (!saved) {
      return undefined;
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(saved.uri)).then(
      (opened) => opened,
      () => undefined, // it was deleted, or never saved
    );
    const all = document?.getText() ?? '';
    const ranges = saved.places.flatMap(({ text, start }) => {
      const at = all.startsWith(text, start) ? start : all.indexOf(text);
      return document && at >= 0
        ? new vscode.Range(document.positionAt(at), document.positionAt(at + text.length))
        : [];
    });
    return document && ranges.length > 0 ? { document, ranges } : undefined;
  }
}
