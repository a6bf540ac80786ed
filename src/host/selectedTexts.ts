// Turns what is selected in an editor into the texts to explore; an empty selection stands for the sentence around it.
import * as vscode from 'vscode';
import { UserError } from '../shared/errors';
import type { PlacedText } from './documentRanges';
import { paragraphAt, sentenceAt } from './sentence';

/** More texts than that in one batch are a mistake, not a question. */
const MAX_TEXTS = 32;

/**
 * The selected texts in the order of the document, without white space around them. Where every selection is empty,
 * the sentences at the cursors.
 * @throws UserError `emptyText` when there is nothing to read, `badRequest` for binary data or too many selections.
 */
export function selectedTexts(editor: vscode.TextEditor): readonly PlacedText[] {
  const { document, selections } = editor;
  const selected = selections.flatMap((selection) => placed(document, selection) ?? []);
  const texts =
    selected.length > 0
      ? selected
      : selections.flatMap(({ active }) => sentenceAround(document, active) ?? []);
  const different = texts
    .filter((text, index) => texts.findIndex(({ start }) => start === text.start) === index)
    .sort((a, b) => a.start - b.start);
  if (different.length === 0) {
    throw new UserError('emptyText', whatToDo(document));
  }
  check(different);
  return different;
}

/**
 * The first selection the user made as source, the second as the decoder's input.
 * @throws UserError `badRequest` unless exactly two places are selected.
 */
export function sourceAndDecoderTexts(editor: vscode.TextEditor): {
  readonly source: PlacedText;
  readonly decoder: PlacedText;
} {
  const texts = editor.selections.flatMap((selection) => placed(editor.document, selection) ?? []);
  if (texts.length !== 2) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        'Select two places: first the source, then, holding Alt, the text that the decoder reads. There are {0} now.',
        texts.length,
      ),
    );
  }
  check(texts);
  const [source, decoder] = texts;
  return { source, decoder };
}

/** The sentence at a position, looked for in its paragraph only; undefined where there is no text. */
export function sentenceAround(
  document: vscode.TextDocument,
  position: vscode.Position,
): PlacedText | undefined {
  const lines = { count: document.lineCount, line: (index: number) => document.lineAt(index).text };
  const paragraph = paragraphAt(lines, position.line);
  if (!paragraph) {
    return undefined;
  }
  const range = new vscode.Range(
    new vscode.Position(paragraph.first, 0),
    document.lineAt(paragraph.last).range.end,
  );
  const text = document.getText(range);
  const base = document.offsetAt(range.start);
  const span = sentenceAt(text, document.offsetAt(position) - base);
  return span && { text: text.slice(span.start, span.end), start: base + span.start };
}

function placed(document: vscode.TextDocument, range: vscode.Range): PlacedText | undefined {
  const text = document.getText(range);
  const trimmed = text.trim();
  return trimmed === ''
    ? undefined
    : { text: trimmed, start: document.offsetAt(range.start) + text.indexOf(trimmed) };
}

function check(texts: readonly PlacedText[]): void {
  if (texts.length > MAX_TEXTS) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        '{0} places are selected; at most {1} can be explored as one batch. Select fewer.',
        texts.length,
        MAX_TEXTS,
      ),
    );
  }
  if (texts.some(({ text }) => text.includes('\0'))) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t('The selection holds binary data, not text. Select some text and try again.'),
    );
  }
}

function whatToDo(document: vscode.TextDocument): string {
  return document.getText(new vscode.Range(0, 0, 1, 0)).trim() === '' && document.lineCount <= 1
    ? vscode.l10n.t('The document is empty. Write or open some text, then explore it.')
    : vscode.l10n.t('There is no sentence at the cursor. Select text, or put the cursor into a sentence.');
}
