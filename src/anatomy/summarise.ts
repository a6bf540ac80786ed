// One summary of a model from the anatomy of its graph, or of its encoder's and its decoder's.
import type {
  AttentionKind,
  AttentionSummary,
  ModelSummary,
  NotFound,
  PositionSummary,
  Side,
} from '../shared/modelSummary';
import type { Anatomy, AttentionSite, PositionSite } from './anatomy';

/** The part of a {@link ModelSummary} that follows from graphs alone. */
export type GraphSummary = Pick<
  ModelSummary,
  | 'family'
  | 'layers'
  | 'heads'
  | 'width'
  | 'vocabulary'
  | 'parameters'
  | 'attentions'
  | 'positions'
  | 'tied'
  | 'notFound'
>;

const ORDER: Readonly<Record<AttentionKind, number>> = { encoderSelf: 0, decoderSelf: 1, cross: 2 };

/** @param anatomies One graph, or the encoder's and the decoder's in any order. */
export function summarise(anatomies: readonly Anatomy[]): GraphSummary {
  const sites = anatomies
    .flatMap((anatomy) => anatomy.attentions)
    .sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || a.layer - b.layer);
  const projecting = anatomies.find((anatomy) => anatomy.output);
  const embedding = (projecting ?? anatomies[0])?.embedding ?? anatomies.find((a) => a.embedding)?.embedding;
  return {
    family: familyOf(anatomies, sites),
    layers: { encoder: layersOf(sites, 'encoderSelf'), decoder: layersOf(sites, 'decoderSelf', 'cross') },
    heads: sites[0]?.heads ?? 0,
    width: anatomies.find((anatomy) => anatomy.width > 0)?.width ?? 0,
    vocabulary: projecting?.output?.vocabulary ?? embedding?.vocabulary ?? 0,
    parameters: anatomies.reduce((sum, anatomy) => sum + anatomy.parameters, 0) - sharedParameters(anatomies),
    attentions: sites.map(attentionSummary),
    positions: anatomies.map(({ side, positions }) => positionSummary(side, positions)),
    tied: projecting?.embedding ? projecting.output?.tied : undefined,
    notFound: notFoundOf(anatomies),
  };
}

function familyOf(anatomies: readonly Anatomy[], sites: readonly AttentionSite[]): ModelSummary['family'] {
  const kinds = new Set(sites.map((site) => site.kind));
  const sides = new Set(anatomies.map((anatomy) => anatomy.side));
  if (kinds.has('cross') || sides.size > 1) {
    return 'encoder-decoder';
  }
  return sides.has('decoder') ? 'decoder-only' : 'encoder-only';
}

function layersOf(sites: readonly AttentionSite[], ...kinds: readonly AttentionKind[]): number {
  return sites
    .filter((site) => kinds.includes(site.kind))
    .reduce((layers, site) => Math.max(layers, site.layer + 1), 0);
}

/** Elements that several files hold, each beyond the first: the embedding that an encoder and a decoder share. */
function sharedParameters(anatomies: readonly Anatomy[]): number {
  const seen = new Set<string>();
  let shared = 0;
  for (const { embedding } of anatomies) {
    const key =
      embedding?.fingerprint === undefined
        ? undefined
        : `${embedding.vocabulary}×${embedding.width}:${embedding.fingerprint}`;
    if (embedding && key !== undefined) {
      shared += seen.has(key) ? embedding.vocabulary * embedding.width : 0;
      seen.add(key);
    }
  }
  return shared;
}

export function attentionSummary(site: AttentionSite): AttentionSummary {
  const { name, kind, layer, heads, keyValueHeads, headSize, foundBy, node } = site;
  return {
    name,
    kind,
    layer,
    heads,
    keyValueHeads,
    headSize,
    scale: site.scale?.value,
    maskForm: site.fused ? 'fused' : (site.mask?.form ?? 'none'),
    softmax: site.weights.tensor,
    foundBy,
    node,
  };
}

function positionSummary(
  side: Side,
  { kind, evidence, constant, positions, dimensions }: PositionSite,
): PositionSummary {
  const hasTable = constant && positions > 0 && dimensions > 0;
  return { side, kind, evidence, ...(hasTable ? { table: { positions, dimensions } } : {}) };
}

/** An encoder need not project onto the vocabulary when its decoder does. */
function notFoundOf(anatomies: readonly Anatomy[]): readonly NotFound[] {
  const projects = anatomies.some((anatomy) => anatomy.output);
  return anatomies.flatMap(({ side, notFound }) =>
    notFound
      .filter(({ what }) => !(what === 'output projection' && projects))
      .map(({ what, why }) => ({
        what: anatomies.length > 1 && !what.includes('.') ? `${what} of the ${side}` : what,
        why,
      })),
  );
}
