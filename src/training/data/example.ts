// What training data consist of: examples with their place in the text they came from, and lines that were left out, with the reason.

/** What the model learns. */
export type Task = 'translation' | 'causal' | 'masked' | 'classification';

/** How the text is laid out. */
export type Layout =
  /** `source<TAB>target`, or `label<TAB>text`. */
  | 'tabs'
  /** One JSON object per line. */
  | 'jsonl'
  /** Two texts of which line n belongs to line n. */
  | 'parallel'
  /** Running text. */
  | 'plain';

export interface DataForm {
  readonly task: Task;
  readonly layout: Layout;
}

/** One thing to learn from. */
export interface Example {
  /** From 0, in the text it came from (in the first of two). */
  readonly line: number;
  /** UTF-16 range `[start, end)` in that text. */
  readonly start: number;
  readonly end: number;
  /** What the model reads: the source of a pair, or the text. */
  readonly source: string;
  /** Translation only. */
  readonly target?: string;
  /** Classification only. */
  readonly label?: string;
}

/** Why a line is not learned from. */
export type SkipReason =
  /** Nothing but space, or of running text a single token, which tells of no other. */
  | 'empty'
  /** A pair of which one side is missing. */
  | 'oneSided'
  /** Not exactly one tab. */
  | 'tabs'
  /** No JSON object. */
  | 'notJson'
  /** A JSON object without the fields that are known. */
  | 'fields'
  /** The same as an earlier line; of labelled text, the same text, whatever its label. */
  | 'duplicate'
  /** More tokens than the model reads. */
  | 'tooLong'
  /** Mostly characters that the tokenizer does not know. */
  | 'unknownScript'
  /** Characters that are none: half of a surrogate pair, or U+FFFD, which stands for bytes that could not be read. */
  | 'broken';

export interface Skipped {
  readonly line: number;
  readonly reason: SkipReason;
}

export interface TrainingData {
  readonly form: DataForm;
  readonly examples: readonly Example[];
  /** By line. */
  readonly skipped: readonly Skipped[];
  /** How many lines each reason took; only reasons that occur. */
  readonly counts: Readonly<Partial<Record<SkipReason, number>>>;
  /** Classification: the labels in the order in which they first occur; else empty. */
  readonly labels: readonly string[];
}

/** Puts the parts together: skipped lines sorted and counted, labels collected. */
export function trainingData(
  form: DataForm,
  examples: readonly Example[],
  skipped: readonly Skipped[],
): TrainingData {
  const counts: Partial<Record<SkipReason, number>> = {};
  for (const { reason } of skipped) {
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  const labels = new Set(examples.flatMap(({ label }) => (label === undefined ? [] : [label])));
  return {
    form,
    examples,
    skipped: [...skipped].sort((a, b) => a.line - b.line),
    counts,
    labels: [...labels],
  };
}
