// Words and sentences about what a text classifier says.

export const labelStrings = {
  title: 'Label of the text',
  caption: {
    one: 'softmax of the logits of the classifier: together 1',
    several: 'sigmoid of each logit: a text may have several labels',
  },
  list: 'Labels with their probabilities, likeliest first',
  logit: (label: string, logit: string) => `${label}: logit ${logit}`,
  more: (count: number, sum: string) =>
    count === 1 ? `1 more label: ${sum}` : `${count} more labels, together ${sum}`,
  moreSeveral: (count: number) => (count === 1 ? '1 more label' : `${count} more labels`),
  score: (label: string, probability: string) => `${label} ${probability}`,
  chip: (scores: readonly string[]) =>
    `What the classifier says of this text: ${scores.join(', ')}. Opens the Output view.`,
  noVocabulary:
    'This model ends in labels for the whole text. It has no projection onto a vocabulary, so it says nothing at single positions.',
  label: 'label',
  none: 'this model tells no texts apart',
  change: 'Label of the text',
  same: (label: string) => `The likeliest label stays ${label}.`,
  other: (before: string, after: string) => `The likeliest label was ${before} and is now ${after}.`,
  headline: (label: string, before: string, after: string) => `${label} ${before} → ${after}`,
} as const;
