// Where a sentence of the translation stands in the document.
import type * as vscode from 'vscode';
import type { TranslationCenter } from './translationCenter';

/** `[start, end)` of the text of a sentence as a range of the document; undefined while it says something else. */
export function rangeOfSentence(
  { places, session }: TranslationCenter,
  sentence: number,
  start: number,
  end: number,
): vscode.Range | undefined {
  const found = session.placeOf(sentence);
  return found && places?.rangeIn(found.place, found.offset + start, found.offset + end);
}
