// Words and sentences of the Attribution view.
import type { Verdict } from '../views/attribution/agreement';

const verdicts: Readonly<Record<Verdict, string>> = {
  agree: 'agree',
  partly: 'agree in part',
  weakly: 'hardly agree',
  not: 'do not agree',
  opposed: 'rank the tokens the other way round',
};

export const attributionStrings = {
  title: 'Which tokens an output comes from',
  caption: 'rows: the position that predicts; columns: the tokens of the text',
  methods: {
    attention: (kind: string, layer: number) => `Attention: ${kind}, layer ${layer}, mean of the heads`,
    rollout: 'Attention rollout: all layers',
    leaveOneOut: 'Leave one out',
  },
  /** As headings of narrow columns. */
  columnHeads: {
    attention: 'weight',
    rollout: 'rollout',
    leaveOneOut: 'left out',
  },
  short: {
    attention: 'attention',
    rollout: 'rollout',
    leaveOneOut: 'leave one out',
  },
  units: {
    attention: 'weight',
    rollout: 'share',
    leaveOneOut: 'nats',
  },
  heat: (name: string, rows: number, columns: number) =>
    `${name}: ${rows} targets by ${columns} sources. Arrow keys move.`,
  cell: (target: string, source: string, number: string) => `${target} ← ${source}: ${number}`,
  nothing: 'says nothing here',
  predicts: (at: string, token: string) => `${at}, which predicts ${token}`,
  own: (at: string) => `${at}, in its own place`,
  hint: 'Point at a cell for its numbers; a click keeps the row.',
  start: (count: number) => `Leave out ${count} tokens one by one`,
  cost: (count: number) => `One more run of the model for each of the ${count} tokens.`,
  stop: 'Stop',
  running: (done: number, total: number) => `${done} of ${total} tokens left out`,
  compare: 'Do they agree?',
  compareCaption: 'Spearman’s rank correlation ρ of the sources, target by target',
  corner: 'compared with attention',
  columns: ['mean ρ', 'lowest ρ', 'highest ρ', 'same strongest token'],
  at: (correlation: string, token: string) => `${correlation} (${token})`,
  of: (count: number, all: number) => `${count} of ${all}`,
  finding: (name: string, verdict: Verdict, mean: string, targets: number, same: number) =>
    `Attention and ${name} ${verdicts[verdict]}: ρ is ${mean} on average over ${targets} ${targets === 1 ? 'target' : 'targets'}, and ${same} of them ${same === 1 ? 'has' : 'have'} the same strongest token.`,
  between: 'leave one out with rollout',
  tooFew: 'A rank correlation needs at least three tokens that a target can read.',
  target: 'Sources of one target',
  source: 'Token',
  rho: (name: string) => `ρ of attention and ${name}`,
  none: '–',
  explain: 'What is this?',
  explanation: [
    'Attention weights say what a head reads. Whether the output depends on it is another question (Jain and Wallace 2019; Wiegreffe and Pinter 2019). Here are three answers side by side, and how far they rank the tokens of the text alike.',
    'Attention is the mean of the heads of the layer chosen above: (1 ÷ h) Σ softmax(Q·Kᵀ ÷ √d_k), section 3.2 of the paper. It is one layer’s reading of states that are mixtures already.',
    'Rollout (Abnar and Zuidema 2020) follows the weights through all layers: each layer’s mean is averaged with the identity for the residual connection, Ã = ½(A + I), and the layers are multiplied, Ã(L)·…·Ã(1). In an encoder-decoder the decoder’s self-attention and cross-attention take turns, and the cross-attention reads the encoder’s rollout.',
    'Leave one out declares one token of the text to be padding, so that no query sees it, and runs the model again: the number is ln p(output | text) − ln p(output | text without the token). Above 0 the token spoke for the output, below 0 against it. It is what happens, not what was looked at; yet a token whose work others can do shows no effect.',
    'ρ is Spearman’s rank correlation over the tokens that a target can read, with the size of the effect for leave one out. At 1 both rank the tokens alike, at 0 one says nothing about the other.',
  ],
} as const;
