// What `inspect` prints about a model: plain JSON, every tensor under the name it has in the file.
import type { AttentionKind, Family, NotFound, PositionKind, Side } from '../shared/modelSummary';
import type { Anatomy, AttentionSite, MaskPart } from './anatomy';
import { summarise } from './summarise';

export interface InspectReport {
  readonly family: Family;
  readonly layers: { readonly encoder: number; readonly decoder: number };
  readonly heads: number;
  readonly attentions: readonly InspectedAttention[];
  readonly positions: readonly InspectedPositions[];
  /** Null when the embedding or the output projection was not found. */
  readonly tied: boolean | null;
  readonly notFound: readonly NotFound[];
}

/** Null stands for what the graph does not have as a tensor; `notFound` says why. */
export interface InspectedAttention {
  readonly name: string;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly foundBy: string;
  readonly softmax: string;
  readonly scores: string | null;
  readonly query: string | null;
  readonly key: string | null;
  readonly value: string | null;
  readonly mask: InspectedMask | null;
  readonly bias: AttentionSite['bias'] | null;
  readonly scale: AttentionSite['scale'] | null;
}

interface InspectedMask {
  readonly form: 'add' | 'where';
  readonly tensors: readonly string[];
  readonly inputs: readonly string[];
  readonly causal: boolean | null;
  readonly parts: readonly Pick<MaskPart, 'kind' | 'tensor'>[];
}

interface InspectedPositions {
  readonly side: Side;
  readonly kind: PositionKind;
  readonly evidence: string;
  readonly tensor: string | null;
  readonly positions: number;
  readonly dimensions: number;
  readonly layout: 'interleaved' | 'halves' | null;
}

/** @param anatomies As for {@link summarise}. */
export function inspectReport(anatomies: readonly Anatomy[]): InspectReport {
  const { family, layers, heads, tied, notFound, attentions } = summarise(anatomies);
  const sites = new Map(
    anatomies.flatMap((anatomy) => anatomy.attentions.map((site) => [site.name, site] as const)),
  );
  return {
    family,
    layers,
    heads,
    attentions: attentions.flatMap(({ name }) => {
      const site = sites.get(name);
      return site ? [inspectedAttention(site)] : [];
    }),
    positions: anatomies.map(
      ({ side, positions: { kind, evidence, tensor, positions, dimensions, layout } }) => ({
        side,
        kind,
        evidence,
        tensor: tensor ?? null,
        positions,
        dimensions,
        layout: layout ?? null,
      }),
    ),
    tied: tied ?? null,
    notFound,
  };
}

function inspectedAttention(site: AttentionSite): InspectedAttention {
  const { name, kind, layer, heads, keyValueHeads, headSize, foundBy, weights, mask } = site;
  return {
    name,
    kind,
    layer,
    heads,
    keyValueHeads,
    headSize,
    foundBy,
    softmax: weights.tensor,
    scores: site.scores?.tensor ?? null,
    query: site.query?.tensor ?? null,
    key: site.key?.tensor ?? null,
    value: site.value?.tensor ?? null,
    mask: mask
      ? {
          form: mask.form,
          tensors: [mask, ...mask.more].map((step) => step.tensor),
          inputs: mask.inputs,
          causal: mask.causal ?? null,
          parts: mask.parts.map((part) => ({ kind: part.kind, tensor: part.tensor })),
        }
      : null,
    bias: site.bias ?? null,
    scale: site.scale ?? null,
  };
}
