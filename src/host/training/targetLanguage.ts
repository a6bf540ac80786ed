// Which language the targets of training data are in: as the document says, else as the user answers.
import * as vscode from 'vscode';
import { CancelledError } from '../../shared/errors';
import type { Language, ModelSummary } from '../../shared/modelSummary';
import type { TrainingText } from '../../shared/training';
import { languageIn } from '../languageIn';
import { readSettings } from '../settings';
import { languageInName, languageInText } from './documentLanguage';
import type { ReadTraining } from './trainingText';

/** The text with its language and without its heading, where the model translates. @throws CancelledError when the user does not answer. */
export async function withLanguage(
  found: ReadTraining,
  { family, languages }: ModelSummary,
): Promise<ReadTraining & { readonly data: TrainingText }> {
  if (family !== 'encoder-decoder' || languages.length === 0) {
    return found;
  }
  const { data, source, places } = found;
  const said = languageInText(data.text, languages);
  const language =
    said.language ??
    languageInName(source.documents.at(-1) ?? '', languages) ??
    (languages.length === 1
      ? languages[0].code
      : await askForLanguage(languages, languageIn(languages, readSettings().targetLanguage)));
  if (language === undefined) {
    throw new CancelledError();
  }
  return {
    data: { ...data, text: said.text, language },
    source,
    places: places.map((place, index) =>
      index === 0 ? { ...place, line: place.line + said.skipped } : place,
    ),
  };
}

/** The code; undefined when the user gave up. `likely` comes first. */
async function askForLanguage(
  languages: readonly Language[],
  likely: string | undefined,
): Promise<string | undefined> {
  const names = new Intl.DisplayNames([vscode.env.language], { type: 'language' });
  const items = languages.map(({ code }) => ({ label: names.of(code) ?? code, description: code, code }));
  const sorted = [...items].sort((a, b) => Number(b.code === likely) - Number(a.code === likely));
  const picked = await vscode.window.showQuickPick(sorted, {
    title: vscode.l10n.t('Fine-Tune'),
    placeHolder: vscode.l10n.t('Which language are the targets in?'),
  });
  return picked?.code;
}
