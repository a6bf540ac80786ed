// What `inspect` prints about a model: plain JSON, every tensor under the name it has in the file.
import type { AttentionKind, Family, NotFound, PositionKind, Side } from '../shared/modelSummary';
import type { Anatomy, AttentionSite, MaskPart, MaskSite, MaskStep } from './anatomy';
import { plainScores } from './plainScores';
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

/**
 * Tensors by name; null stands for what the graph does not have. Those of a fused operator (`foundBy` names it) are not in
 * the file: taps compute them beside it.
 */
export interface InspectedAttention {
  readonly name: string;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly foundBy: string;
  /** Result of the softmax. */
  readonly softmax: string;
  /** q·k before the scale, once multiplied by `scoresFactor`, which is 1 unless the graph scales before the product. */
  readonly scores: string | null;
  readonly scoresFactor: number;
  readonly query: string | null;
  readonly key: string | null;
  readonly value: string | null;
  /** As it meets the scores; a second step, such as GPT-2's padding mask, is in `masks` only. */
  readonly mask: string | null;
  readonly masks: readonly InspectedMask[];
  readonly bias: string | null;
  /** What multiplies q·k in all. */
  readonly scale: number | null;
  /** Where the graph multiplies. */
  readonly scaleOn: NonNullable<AttentionSite['scale']>['on'] | null;
}

interface InspectedMask {
  readonly tensor: string;
  readonly form: 'add' | 'where';
  /** Graph inputs whose values it is computed from. */
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
  const { name, kind, layer, heads, keyValueHeads, headSize, foundBy, weights, mask, scale } = site;
  const scores = plainScores(site);
  return {
    name,
    kind,
    layer,
    heads,
    keyValueHeads,
    headSize,
    foundBy,
    softmax: weights.tensor,
    scores: scores?.tensor ?? null,
    scoresFactor: scores?.factor ?? 1,
    query: site.query?.tensor ?? null,
    key: site.key?.tensor ?? null,
    value: site.value?.tensor ?? null,
    mask: mask?.tensor ?? null,
    masks: mask ? [mask, ...mask.more].map((step) => inspectedMask(mask, step)) : [],
    bias: site.bias?.tensor ?? null,
    scale: scale?.value ?? null,
    scaleOn: scale?.on ?? null,
  };
}

function inspectedMask({ inputs, causal, parts }: MaskSite, { tensor, form }: MaskStep): InspectedMask {
  return {
    tensor,
    form,
    inputs,
    causal: causal ?? null,
    parts: parts.map((part) => ({ kind: part.kind, tensor: part.tensor })),
  };
}
