// What a new training is called, and what a model can learn. Pure.
import type { Family } from '../../shared/modelSummary';
import type { TrainingTask } from '../../shared/training';

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

/** `terms.de.tsv` and `base` give `base + terms.de`; numbered where that is taken. */
export function newName(base: string, document: string, taken: readonly string[]): string {
  const stem = document.replace(/\.[^.]+$/u, '');
  const plain = stem === '' ? base : `${base} + ${stem}`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain} ${number}`;
    if (!taken.includes(name)) {
      return name;
    }
  }
}
