// Whether data suit a model: two texts, or pairs, teach a translator only.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import type { ModelSummary } from '../../shared/modelSummary';
import type { TrainingPreview, TrainingText } from '../../shared/training';
import type { ReadTraining } from './trainingText';
import { isPaired } from './trainingText';

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

/** A sentence about pairs that are read as running text, because the model does not translate. */
export function pairsAsText(
  data: TrainingText,
  { task, layout }: TrainingPreview,
  model: string,
): string | undefined {
  return (task === 'causal' || task === 'masked') && layout === 'plain' && isPaired(data)
    ? vscode.l10n.t(
        'These lines look like pairs, but {0} does not translate: they are read as running text. Choose a translator to teach it pairs.',
        model,
      )
    : undefined;
}
