// All attentions of a graph, named by kind and layer in the order in which they run.
import type { AttentionKind, NotFound } from '../shared/modelSummary';
import type { AttentionSite } from './anatomy';
import { describeSite, type UnnamedSite } from './attentionSite';
import { findFusedSites } from './fusedSites';
import type { GraphFacts } from './graphFacts';
import { kindsOf } from './kind';
import { findSoftmaxSites } from './softmaxSites';
import type { Trial } from './trial';

/** A site with the cache inputs that it reads. */
export interface FoundAttention {
  readonly site: AttentionSite;
  readonly past: UnnamedSite['past'];
  readonly sources: UnnamedSite['sources'];
}

const SIDES: Readonly<Record<AttentionKind, readonly [side: string, of: string]>> = {
  encoderSelf: ['encoder', 'self'],
  decoderSelf: ['decoder', 'self'],
  cross: ['decoder', 'cross'],
};

export function findAttentions(
  facts: GraphFacts,
  trial: Trial,
): { readonly found: readonly FoundAttention[]; readonly notFound: readonly NotFound[] } {
  const fused = findFusedSites(facts, trial);
  const notFound: NotFound[] = [...fused.notFound];
  const sites = findSoftmaxSites(facts)
    .flatMap((softmaxSite): UnnamedSite[] => {
      const site = describeSite(facts, trial, softmaxSite);
      if (!site) {
        const { softmax } = softmaxSite;
        notFound.push({
          what: `attention at ${softmax.name || softmax.outputs[0]}`,
          why: 'Its products have shapes that no known form of attention has.',
        });
      }
      return site ? [site] : [];
    })
    .concat(fused.sites)
    .sort((a, b) => a.order - b.order);
  const kinds = kindsOf(
    facts,
    sites.map((site) => ({
      ...site.sources,
      causal: site.causal,
      past: site.past.key !== undefined,
    })),
  );
  const counts: Record<AttentionKind, number> = { encoderSelf: 0, decoderSelf: 0, cross: 0 };
  const gaps: Gap[] = [];
  const found = sites.map((unnamed, i): FoundAttention => {
    const { past, sources, missing, described } = unnamed;
    const kind = kinds[i];
    const layer = counts[kind]++;
    const name = `${SIDES[kind][0]}.${layer}.${SIDES[kind][1]}`;
    missing.forEach(({ what, why }) => gaps.push({ site: name, what, why }));
    return { site: { name, kind, layer, ...described }, past, sources };
  });
  return { found, notFound: [...notFound, ...grouped(gaps)] };
}

interface Gap extends NotFound {
  readonly site: string;
}

/** The same gap in many layers is said once. */
function grouped(gaps: readonly Gap[]): readonly NotFound[] {
  const groups = new Map<string, Gap[]>();
  for (const gap of gaps) {
    const key = `${gap.what}\n${gap.why}`;
    groups.set(key, [...(groups.get(key) ?? []), gap]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const sites = group.map((gap) => gap.site);
    const named = sites.length > 3 ? `${sites[0]} and ${sites.length - 1} more` : sites.join(', ');
    return { what: `${named}: ${first.what}`, why: first.why };
  });
}
