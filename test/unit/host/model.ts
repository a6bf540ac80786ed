// A model's summary built from the shape of its stacks, for tests of the host.
import type { AttentionKind, AttentionSummary, Family, ModelSummary } from '../../../src/shared/modelSummary';

/** The summary of a model with that many layers and heads in every attention of its family. */
export function model(family: Family, layers = 3, heads = 8): ModelSummary {
  const stack = (
    side: 'encoder' | 'decoder',
    what: 'self' | 'cross',
    kind: AttentionKind,
  ): AttentionSummary[] =>
    Array.from({ length: layers }, (_, layer) => ({
      name: `${side}.${layer}.${what}`,
      kind,
      layer,
      heads,
      keyValueHeads: heads,
      headSize: 32,
      scale: 1 / Math.sqrt(32),
      maskForm: 'add',
      softmax: `softmax.${side}.${what}.${layer}`,
      foundBy: 'Softmax → MatMul',
      node: `node.${side}.${what}.${layer}`,
    }));
  const encoder = family === 'decoder-only' ? [] : stack('encoder', 'self', 'encoderSelf');
  const decoder = family === 'encoder-only' ? [] : stack('decoder', 'self', 'decoderSelf');
  const cross = family === 'encoder-decoder' ? stack('decoder', 'cross', 'cross') : [];
  return {
    id: 'test',
    name: 'test',
    family,
    layers: { encoder: encoder.length, decoder: decoder.length },
    heads,
    width: 32 * heads,
    vocabulary: 100,
    parameters: 1,
    weightBytes: 4,
    attentions: [...encoder, ...decoder, ...cross],
    positions: [],
    tied: undefined,
    languages: [],
    sourceLanguages: [],
    maxTokens: { encoder: 512, decoder: 512 },
    notFound: [],
    notes: [],
  };
}
