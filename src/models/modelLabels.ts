// What config.json says about the classes of a text classifier, as Hugging Face's transformers write it.
import type { Json } from './modelConfig';

export interface StatedLabels {
  /** By class; classes without a name are empty or missing. */
  readonly names: readonly string[];
  /** A text may have any number of labels, each with a probability of its own. */
  readonly several: boolean;
}

/** Labels beyond this are no list that a person gave. */
const MOST_LABELS = 100_000;

/**
 * Undefined where nothing says that the model classifies texts: `architectures` must name a `…ForSequenceClassification`, or,
 * where they name nothing, there must be `id2label`. Names that are the default of two classes are left out of the file.
 */
export function statedLabels(config: Json): StatedLabels | undefined {
  const architectures = [config['architectures']].flat().filter((name) => typeof name === 'string');
  const names = namesOf(config['id2label']);
  const classifies =
    architectures.length > 0
      ? architectures.some((name) => name.endsWith('ForSequenceClassification'))
      : names.length > 0;
  return classifies ? { names, several: config['problem_type'] === 'multi_label_classification' } : undefined;
}

function namesOf(id2label: unknown): string[] {
  if (typeof id2label !== 'object' || id2label === null) {
    return [];
  }
  const names: string[] = [];
  for (const [id, name] of Object.entries(id2label)) {
    if (typeof name === 'string' && /^\d+$/.test(id) && Number(id) < MOST_LABELS) {
      names[Number(id)] = name;
    }
  }
  return Array.from(names, (name: string | undefined) => name ?? '');
}
