// Puts a translation into its document: over the original, or below it, each place in its own, as one edit to undo.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import { labelOf } from '../subject';
import type { TrackedPlaces } from './trackedPlaces';

/** @throws UserError `badRequest` when the document cannot be changed or the text is another by now. */
export async function replacePlaces(places: TrackedPlaces, texts: readonly string[]): Promise<void> {
  const editor = await editorOf(places);
  const ranges = rangesOf(places);
  if (ranges.every((range, index) => editor.document.getText(range) === texts[index])) {
    return;
  }
  places.expect(texts);
  await apply(editor, (edit) => ranges.forEach((range, index) => edit.replace(range, texts[index])));
  editor.selections = places.current().map(({ start, end }) => new vscode.Selection(start, end));
}

/** @throws UserError as {@link replacePlaces} */
export async function insertBelow(places: TrackedPlaces, texts: readonly string[]): Promise<void> {
  const editor = await editorOf(places);
  const ranges = rangesOf(places);
  const { document } = editor;
  const before = document.getText().length;
  const inserted = ranges.map((range, index) => ({
    at: document.lineAt(range.end.line).range.end,
    text: `${lineBreak(document, range)}${marginOf(document, range)}${texts[index].replace(/^[ \t]+|\s+$/gu, '')}`,
  }));
  await apply(editor, (edit) => inserted.forEach(({ at, text }) => edit.insert(at, text)));
  if (document.getText().length > before) {
    const first = inserted[0].at;
    editor.revealRange(
      new vscode.Range(first.translate(1), first.translate(1)),
      vscode.TextEditorRevealType.InCenterIfOutsideViewport,
    );
  }
}

/** Puts texts right behind the places: a continuation. @throws UserError as {@link replacePlaces} */
export async function insertBehind(places: TrackedPlaces, texts: readonly string[]): Promise<void> {
  const editor = await editorOf(places);
  const ranges = rangesOf(places);
  await apply(editor, (edit) => ranges.forEach(({ end }, index) => edit.insert(end, texts[index])));
}

/** The editor with the document; it is shown where it is hidden, for nobody likes edits that they do not see. */
async function editorOf(places: TrackedPlaces): Promise<vscode.TextEditor> {
  const visible = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === places.uri.toString(),
  );
  if (visible) {
    return visible;
  }
  if (!places.document) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t('The document of the translation is closed. Open it, or copy the translation.'),
    );
  }
  return vscode.window.showTextDocument(places.document, { preserveFocus: true, preview: false });
}

function rangesOf(places: TrackedPlaces): readonly vscode.Range[] {
  const ranges = places.ranges();
  if (!ranges) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t('The text has been changed since it was translated. Translate it again.'),
      { changed: 1 },
    );
  }
  return ranges;
}

async function apply(
  editor: vscode.TextEditor,
  change: (edit: vscode.TextEditorEdit) => void,
): Promise<void> {
  const { document } = editor;
  const { version } = document;
  const done = await editor.edit(change, { undoStopBefore: true, undoStopAfter: true });
  if (document.version === version) {
    // VS Code does not tell of a document that is locked in this session only: an edit of it succeeds and changes nothing.
    throw readOnlyError(labelOf(document.uri));
  }
  if (!done) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t('The document was being changed, so that nothing was written. Try again.'),
    );
  }
}

/** What is said of a document that takes no changes. */
export function readOnlyError(document: string): UserError {
  return new UserError(
    'badRequest',
    vscode.l10n.t('{0} is read-only. Copy the translation instead.', document),
    {
      readOnly: 1,
    },
  );
}

/** A paragraph of prose is parted by an empty line from the one below it, where it was so before. */
function lineBreak(document: vscode.TextDocument, { start, end }: vscode.Range): string {
  const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  const isProse = ['plaintext', 'markdown', 'latex', 'restructuredtext', 'asciidoc'].includes(
    document.languageId,
  );
  const isItem = /^\s*(?:[-*+•]|\d{1,3}[.)]|#{1,6}|\|)\s?/u.test(document.lineAt(start.line).text);
  const endsParagraph =
    end.line + 1 >= document.lineCount || document.lineAt(end.line + 1).isEmptyOrWhitespace;
  const isParagraph = start.line < end.line || document.languageId === 'markdown';
  return isProse && !isItem && endsParagraph && isParagraph ? eol + eol : eol;
}

/** What stands before the text in its line, if that is no text itself: indentation, and the marker of a comment or an item. */
function marginOf(document: vscode.TextDocument, { start }: vscode.Range): string {
  const { text } = document.lineAt(start.line);
  const before = text.slice(0, start.character);
  if (before.trim() === '') {
    return /^\s*/u.exec(text)?.[0] ?? '';
  }
  const indentation = /^\s*/u.exec(before)?.[0] ?? '';
  if (/^\s*(?:\/{2,}!?|#+|-{2,}|;+|%+|\*|>|[-+]|\d{1,3}[.)])\s*$/u.test(before)) {
    return before;
  }
  return indentation + (/(?:\/{2,}|#+|--+|;+|%+)\s*$/u.exec(before)?.[0] ?? '');
}
