// Decides of each attention whether it is self- or cross-attention and on which side of the model it stands.
import type { AttentionKind } from '../shared/modelSummary';
import type { GraphFacts } from './graphFacts';

/** What the decision is made from. */
export interface KindEvidence {
  /** Tensors on the query's and on the key's side of the dot product. */
  readonly query: string;
  readonly key: string;
  readonly causal: boolean;
  readonly past: boolean;
}

/**
 * The kind of every attention of a graph. Cross-attention: the queries depend on an input that the keys do not depend
 * on. An encoder's self-attention in a graph that holds both sides depends on nothing that only decoder queries see.
 */
export function kindsOf(facts: GraphFacts, sites: readonly KindEvidence[]): readonly AttentionKind[] {
  const sources = facts.inputs.filter((input) => !isWeight(facts, input.name)).map((input) => input.name);
  const of = (tensor: string): ReadonlySet<string> =>
    new Set(facts.dependencies.of(tensor).filter((name) => sources.includes(name)));
  const seen = sites.map((site) => ({ query: of(site.query), key: of(site.key) }));
  const cross = seen.map(({ query, key }, i) => isCross(facts, sites[i], query, key));
  const decoderOnly = new Set(
    seen.flatMap(({ query, key }, i) => (cross[i] ? [...query].filter((name) => !key.has(name)) : [])),
  );
  const anyCross = cross.includes(true);
  const anyDecoder = anyCross || sites.some((site) => site.causal || site.past);
  return sites.map((_, i) => {
    if (cross[i]) {
      return 'cross';
    }
    const onDecoderSide = anyCross ? [...seen[i].query].some((name) => decoderOnly.has(name)) : anyDecoder;
    return onDecoderSide ? 'decoderSelf' : 'encoderSelf';
  });
}

function isCross(
  facts: GraphFacts,
  site: KindEvidence,
  query: ReadonlySet<string>,
  key: ReadonlySet<string>,
): boolean {
  if (key.size === 0) {
    return false;
  }
  const bare = (tensor: string): boolean => facts.index.input(tensor) !== undefined;
  if (bare(site.query) && bare(site.key)) {
    // The graph is nothing but an attention: where its inputs come from is not in it.
    return false;
  }
  return query.size === 0 || [...query].some((name) => !key.has(name));
}

/** Weights that are fed from outside, as training graphs do: fixed sizes and few axes where other inputs have more. */
function isWeight(facts: GraphFacts, input: string): boolean {
  const dims = facts.dims(input);
  const fixed = dims?.every((dim) => typeof dim === 'number') ?? false;
  const others = facts.inputs.some(({ name }) => {
    const other = facts.dims(name);
    return other !== undefined && (other.length > 2 || other.some((dim) => typeof dim !== 'number'));
  });
  const isFloat = ![6, 7, 9].includes(facts.index.input(input)?.elementType ?? 0);
  return fixed && isFloat && (dims?.length ?? 9) <= 2 && others;
}
