// What is selected in an editor, as places to be translated, and how they fall into sentences.
import * as vscode from 'vscode';
import type { Wrapping, SplitPassage } from '../../passage/splitPassage';
import { splitPassages } from '../../passage/splitPassage';
import { UserError } from '../../shared/errors';
import type { PlacedText } from '../documentRanges';
import { labelOf } from '../subject';
import type { TranslationSubject } from './sessionParts';

/** More places than that are a mistake, not a wish. */
const MAX_PLACES = 1_000;

/** Texts of a document with all that translating them needs to know. */
export interface SelectedPlaces {
  readonly uri: vscode.Uri;
  readonly places: readonly PlacedText[];
  readonly subject: TranslationSubject;
}

/** What is selected. @throws UserError `emptyText` when nothing is, `badRequest` for binary data and too many places. */
export async function selectedPlaces(editor: vscode.TextEditor | undefined): Promise<SelectedPlaces> {
  if (!editor) {
    throw new UserError(
      'emptyText',
      vscode.l10n.t('Open a text document first, and select the text to translate.'),
    );
  }
  return placesAt(editor.document, editor.selections);
}

/** What stands in some ranges of a document. @throws UserError as {@link selectedPlaces} */
export async function placesAt(
  document: vscode.TextDocument,
  ranges: readonly vscode.Range[],
): Promise<SelectedPlaces> {
  const places = ranges
    .map((range) => ({ text: document.getText(range), start: document.offsetAt(range.start) }))
    .filter(({ text }) => text.trim() !== '')
    .sort((a, b) => a.start - b.start);
  check(places);
  const text = document.getText();
  const spans = places.map((place) => ({ start: place.start, end: place.start + place.text.length }));
  const writable = await isWritable(document);
  const { languageId } = document;
  return {
    uri: document.uri,
    places,
    subject: {
      source: {
        document: labelOf(document.uri),
        line: document.positionAt(places[0].start).line + 1,
        places: places.length,
        writable,
      },
      split: (family, locale) =>
        family === 'decoder-only'
          ? places.map(({ text: prompt }) => undivided(prompt))
          : splitPassages(text, spans, { languageId, locale }),
      languageId,
    },
  };
}

function check(places: readonly PlacedText[]): void {
  if (places.length === 0) {
    throw new UserError('emptyText', vscode.l10n.t('Select some text first. Nothing is selected.'));
  }
  if (places.length > MAX_PLACES) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        '{0} places are selected; at most {1} can be translated at once. Select fewer.',
        places.length,
        MAX_PLACES,
      ),
    );
  }
  if (places.some(({ text }) => text.includes('\0'))) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t('The selection holds binary data, not text. Select some text and try again.'),
    );
  }
}

/** A text that is gone on with: as it stands, but for the white space around it. */
function undivided(text: string): SplitPassage {
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  const flows: readonly (Wrapping | undefined)[] = [undefined];
  const kept = (part: string) => (part === '' ? [] : [{ kind: 'kept', text: part } as const]);
  const middle = text.slice(start, end);
  return {
    text,
    flows,
    parts: [
      ...kept(text.slice(0, start)),
      { kind: 'sentence', text: middle, flow: 0, pieces: [{ kind: 'prose', text: middle }] },
      ...kept(text.slice(end)),
    ],
  };
}

/** Whether a document can be changed: virtual ones often cannot, and files may be protected. */
async function isWritable({ uri, isUntitled }: vscode.TextDocument): Promise<boolean> {
  if (isUntitled) {
    return true;
  }
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) !== true) {
    return false;
  }
  try {
    const { permissions = 0 } = await vscode.workspace.fs.stat(uri);
    return (permissions & vscode.FilePermission.Readonly) === 0;
  } catch {
    return true; // not saved yet, or gone: the editor still has it
  }
}
