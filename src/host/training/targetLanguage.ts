// Which language the targets of training data are in: as the document says, else as the user answers.
import * as vscode from 'vscode';
import { askWhich } from '../ask';
import { CancelledError } from '../../shared/errors';
import type { Language, ModelSummary } from '../../shared/modelSummary';
import type { TrainingText } from '../../shared/training';
import { languageIn } from '../languageIn';
import { readSettings } from '../settings';
import { languageInName, languageInText } from './documentLanguage';
import { looksLabelled } from './dataFit';
import type { ReadTraining } from './trainingText';

/**
 * The text with its language and without its heading, where the model translates. Where the lines look like labels and nothing
 * says that they are not, it also offers another model: `otherModel` when the user wants one.
 * @throws CancelledError when the user does not answer.
 */
export async function withLanguage(
  found: ReadTraining,
  { family, languages, name }: ModelSummary,
): Promise<(ReadTraining & { readonly data: TrainingText }) | 'otherModel'> {
  if (family !== 'encoder-decoder' || languages.length === 0) {
    return found;
  }
  const { data, source, places } = found;
  const said = languageInText(data.text, languages);
  const known = said.language ?? languageInName(source.documents.at(-1) ?? '', languages);
  const labelled = known === undefined && looksLabelled(data) ? name : undefined;
  const language =
    known ??
    (languages.length === 1 && labelled === undefined
      ? languages[0].code
      : await askForLanguage(languages, languageIn(languages, readSettings().targetLanguage), labelled));
  if (language === undefined) {
    throw new CancelledError();
  }
  if (language === OTHER_MODEL) {
    return OTHER_MODEL;
  }
  return {
    data: { ...data, text: said.text, language },
    source,
    places: places.map((place, index) =>
      index === 0 ? { ...place, line: place.line + said.skipped } : place,
    ),
  };
}

/** No code of a language. */
const OTHER_MODEL = 'otherModel';

/**
 * The code; undefined when the user gave up. `likely` comes first; where the lines look like labels, another model than
 * `translator` comes before.
 */
async function askForLanguage(
  languages: readonly Language[],
  likely: string | undefined,
  translator: string | undefined,
): Promise<string | undefined> {
  const names = new Intl.DisplayNames([vscode.env.language], { type: 'language' });
  const items = languages.map(({ code }) => ({ label: names.of(code) ?? code, description: code, code }));
  const sorted = [...items].sort((a, b) => Number(b.code === likely) - Number(a.code === likely));
  const other = {
    label: vscode.l10n.t('Choose Another Model…'),
    detail: vscode.l10n.t('{0} learns translations; models such as BERT learn labels.', translator ?? ''),
    description: undefined,
    code: OTHER_MODEL,
  };
  const picked = await askWhich(translator === undefined ? sorted : [other, ...sorted], {
    title: vscode.l10n.t('Fine-Tune'),
    placeHolder:
      translator === undefined
        ? vscode.l10n.t('Which language are the targets in?')
        : vscode.l10n.t('These lines look like labels. Or else, which language are the targets in?'),
  });
  return picked?.code;
}
