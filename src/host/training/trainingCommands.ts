// The commands about fine-tuning.
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
  };
}
