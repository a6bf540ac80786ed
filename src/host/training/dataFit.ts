// Whether data suit a model: two texts, or pairs, teach a translator only, and labels other models.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import type { ModelSummary } from '../../shared/modelSummary';
import type { TrainingPreview, TrainingText } from '../../shared/training';
import type { ReadTraining } from './trainingText';
import { isPaired, LOOKED_AT } from './trainingText';

/** @throws UserError `badRequest` for two texts where nothing is to be translated. */
export function needOneText({ data }: ReadTraining, { family, name }: ModelSummary): void {
  if (data.second !== undefined && family !== 'encoder-decoder') {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        'Two texts teach a translator, and {0} does not translate. Select one text, or choose another model.',
        name,
      ),
    );
  }
}

/** A label has at most so many characters: longer ones are sentences. */
const LONGEST_LABEL = 30;
/** Each label stands before so many lines on average, or more. */
const LINES_PER_LABEL = 2;
const FEWEST_LINES = 4;

/** Whether the lines look like a label, a tab and a text: few short values in the first column, before texts that are others. */
export function looksLabelled({ text, second }: TrainingText): boolean {
  const rows = text
    .split(/\r\n|[\r\n]/u, LOOKED_AT)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split('\t').map((column) => column.trim()));
  const pairs = rows.filter((columns) => columns.length === 2);
  const labels = new Set(pairs.map(([label]) => label));
  const texts = new Set(pairs.map(([, each]) => each));
  return (
    second === undefined &&
    pairs.length >= FEWEST_LINES &&
    2 * pairs.length > rows.length &&
    labels.size > 1 &&
    LINES_PER_LABEL * labels.size <= pairs.length &&
    texts.size > labels.size &&
    [...labels].every((label) => label !== '' && label.length <= LONGEST_LABEL)
  );
}

/** A sentence about labels that are read as source texts, because the model translates. */
export function labelsAsSources(data: TrainingText, { task }: TrainingPreview): string | undefined {
  return task === 'translation' && looksLabelled(data)
    ? vscode.l10n.t(
        'These lines look like labels with texts, but they are read as texts with their translations. Choose a model that learns labels, such as BERT, to teach it these.',
      )
    : undefined;
}

/** A sentence about pairs that are read as running text, because the model does not translate, or was not told to learn labels. */
export function pairsAsText(
  data: TrainingText,
  { task, layout }: TrainingPreview,
  model: string,
): string | undefined {
  if ((task !== 'causal' && task !== 'masked') || layout !== 'plain' || !isPaired(data)) {
    return undefined;
  }
  return looksLabelled(data)
    ? vscode.l10n.t(
        'These lines look like labels with texts, but they are read as running text. Choose Classification under "Understood as" to teach the labels.',
      )
    : vscode.l10n.t(
        'These lines look like pairs, but {0} does not translate: they are read as running text. Choose a translator to teach it pairs.',
        model,
      );
}
