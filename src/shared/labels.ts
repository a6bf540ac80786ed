// Requests for, and answers about, what a text classifier says of texts. Types only.

/** A label with what the classifier gave it. */
export interface LabelScore {
  readonly label: string;
  readonly logit: number;
  readonly probability: number;
}

/** What a classifier says of one text: every label, likeliest first. */
export interface LabelScores {
  readonly scores: readonly LabelScore[];
  /**
   * `one`: a text has one label, and the probabilities are the softmax of the logits. `several`: it may have any number of
   * them, and each probability is the sigmoid of its logit.
   */
  readonly choice: 'one' | 'several';
}

/** Asks about one text of a captured run. */
export interface LabelsRequest {
  readonly trace: string;
  readonly batch: number;
}

/** Asks about texts that need not be looked into. */
export interface ClassifyRequest {
  readonly model: string;
  readonly texts: readonly string[];
}

export interface ClassifiedText extends LabelScores {
  /** Tokens that were read, special ones included. */
  readonly tokens: number;
  /** UTF-16 offset behind the part that was read; undefined for a text that fits into the model. */
  readonly cutAt: number | undefined;
}

/** The labels of one text in two runs, e.g. without and with interventions. */
export interface LabelChange {
  readonly before: LabelScores;
  readonly after: LabelScores;
}
