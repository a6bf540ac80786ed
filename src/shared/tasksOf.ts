// What a model can learn, by its family.
import type { Family } from './modelSummary';
import type { TrainingTask } from './training';

/** The tasks that a model can learn, the likeliest first. */
export function tasksOf(family: Family): readonly TrainingTask[] {
  switch (family) {
    case 'encoder-decoder':
      return ['translation'];
    case 'decoder-only':
      return ['causal', 'classification'];
    case 'encoder-only':
      return ['masked', 'classification'];
    default:
      return family satisfies never;
  }
}
