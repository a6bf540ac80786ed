// The commands about fine-tuning.
import * as vscode from 'vscode';
import { askWhich } from '../ask';
import { UserError } from '../../shared/errors';
import type { TrainingHost } from '../../shared/trainingPage';
import type { FineTuning } from './fineTuning';
import { editors } from './trainingHost';
import { trainingText } from './trainingText';
import type { TrainingView } from './trainingView';
import type { TunedModels } from './tunedModels';

/** What the commands act on. */
export interface TrainingCommandParts {
  readonly training: FineTuning;
  readonly trainingView: TrainingView;
  readonly trainingHost: TrainingHost;
  readonly tuned: TunedModels;
}

export function trainingCommands({
  training,
  trainingView,
  trainingHost,
  tuned,
}: TrainingCommandParts): Readonly<Record<string, () => Promise<void>>> {
  return {
    'transformerExplorer.fineTune': async () => {
      // Read first: the view must not take the focus from what is selected.
      const found = trainingText(...editors());
      await trainingView.reveal();
      await training.read(found);
    },
    'transformerExplorer.stopTraining': () => training.stop(),
    'transformerExplorer.undoFineTuning': () => trainingHost.undo(undefined),
    'transformerExplorer.compareTuned': async () => {
      const id = await chosenWeights(tuned);
      if (id !== undefined) {
        await trainingHost.compare({ id });
      }
    },
  };
}

/** The fine-tuned weights in use, else those the user picks. @throws UserError `modelMissing` where there are none. */
async function chosenWeights(tuned: TunedModels): Promise<string | undefined> {
  const usable = tuned.list().filter((each) => each.usable);
  if (usable.length === 0) {
    const message = vscode.l10n.t(
      'Nothing has been fine-tuned yet: select what the model should learn and run "Fine-tune on Selection…".',
    );
    throw new UserError('modelMissing', message);
  }
  const current = usable.find(({ inUse }) => inUse) ?? (usable.length === 1 ? usable[0] : undefined);
  if (current) {
    return current.id;
  }
  const picked = await askWhich(
    usable.map(({ id, name, baseName }) => ({ id, label: name, description: baseName })),
    { title: vscode.l10n.t('Compare which weights with what they were trained from?') },
  );
  return picked?.id;
}
