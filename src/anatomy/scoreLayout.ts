// How heads lie in scores and weights, which have queries as rows and keys as columns: told by the number of axes.
import type { HeadLayout, SiteTensor } from './anatomy';
import type { GraphFacts } from './graphFacts';

const BY_RANK: Readonly<Record<number, HeadLayout>> = { 2: 'heads', 3: 'merged', 4: 'heads', 5: 'grouped' };

/** The layout of scores; `heads` when not even the number of axes is known, as in nearly all exports. */
export function scoreLayout(facts: GraphFacts, tensor: string): HeadLayout {
  return BY_RANK[facts.rank(tensor) ?? 4] ?? 'heads';
}

export function scoreTensor(facts: GraphFacts, tensor: string): SiteTensor {
  return { tensor, layout: scoreLayout(facts, tensor) };
}
