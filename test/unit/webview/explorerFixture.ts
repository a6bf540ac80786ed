// A small model, run and view for the tests of the explorer's state; the numbers mean nothing.
import type { AttentionKind, AttentionSummary, ModelSummary } from '../../../src/shared/modelSummary';
import type { ViewState } from '../../../src/shared/protocol';
import type { TokenSequence } from '../../../src/shared/tokens';
import type { TraceSummary } from '../../../src/shared/trace';

/** Two layers of each kind with 4 heads; cross-attention has 2. */
export const model: ModelSummary = {
  id: 'm',
  name: 'Model',
  family: 'encoder-decoder',
  layers: { encoder: 2, decoder: 2 },
  heads: 4,
  width: 16,
  vocabulary: 10,
  parameters: 1,
  weightBytes: 4,
  attentions: [
    ...[0, 1].map((layer) => attention(`encoder.${layer}.self`, 'encoderSelf', layer, 4)),
    ...[0, 1].map((layer) => attention(`decoder.${layer}.self`, 'decoderSelf', layer, 4)),
    ...[0, 1].map((layer) => attention(`decoder.${layer}.cross`, 'cross', layer, 2)),
  ],
  positions: [],
  tied: true,
  languages: [],
  sourceLanguages: [],
  maxTokens: { encoder: 8, decoder: 8 },
  notFound: [],
  notes: [],
};

function attention(name: string, kind: AttentionKind, layer: number, heads: number): AttentionSummary {
  return {
    name,
    kind,
    layer,
    heads,
    keyValueHeads: heads,
    headSize: 4,
    scale: 0.5,
    maskForm: 'add',
    softmax: '',
    foundBy: '',
    node: '',
  };
}

/** A sequence from words given as lists of pieces. */
export function sequence(words: readonly (readonly string[])[]): TokenSequence {
  const tokens = words.flatMap((pieces, word) =>
    pieces.map((label, index) => ({
      id: 0,
      piece: label,
      label,
      start: word * 10 + index,
      end: 0,
      word,
      special: false,
    })),
  );
  let first = 0;
  return {
    text: '',
    tokens,
    words: words.map((pieces, word) => {
      const begin = first;
      first += pieces.length;
      return { label: pieces.join(''), first: begin, last: first - 1, start: word * 10, end: 0 };
    }),
  };
}

/** Source: `The ti|re|d dog`, target: `Der mü|de Hund`. */
export const trace: TraceSummary = {
  id: 't',
  model: 'm',
  encoder: [sequence([['The'], ['ti', 're', 'd'], ['dog']])],
  decoder: [sequence([['Der'], ['mü', 'de'], ['Hund']])],
  timing: { tokenize: 0, decode: 0, run: 0 },
};

export const view: ViewState = {
  view: 'attention',
  attention: 'encoder.1.self',
  head: 3,
  mean: false,
  unit: 'pieces',
  batch: 0,
  pinned: { query: 3, key: 4 },
  lines: true,
  matrix: true,
  table: false,
  threshold: 0.05,
  follow: true,
  heat: false,
};
