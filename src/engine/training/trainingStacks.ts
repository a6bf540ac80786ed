// The graphs of a loaded model, read again from its files for training: sessions do not give their weights back.
import { UserError } from '../../shared/errors';
import type { TrainingStacks } from '../../training/trainingStack';
import type { Model } from '../model';
import { readGraph } from '../prepareGraph';

/** @throws UserError `modelTooLarge` where the files were not kept; as `readGraph`. */
export function trainingStacks({ files, summary }: Model): TrainingStacks {
  const [first, second] = files ?? [];
  if (!first) {
    const message = `The model "${summary.name}" is too large to be trained here. Choose a smaller one.`;
    throw new UserError('modelTooLarge', message);
  }
  return second ? { encoder: readGraph(first), decoder: readGraph(second) } : { model: readGraph(first) };
}
