// The trees of searches for parts of one sentence, beside each other in one.
import type { BeamTree, TranslatedText } from '../../shared/translation';

/** Undefined where one of them was not kept. */
export function joinTrees(results: readonly TranslatedText[]): BeamTree | undefined {
  const nodes: BeamTree['nodes'][number][] = [];
  for (const { tree } of results) {
    if (!tree) {
      return undefined;
    }
    const first = nodes.length;
    nodes.push(
      ...tree.nodes.map((node) => ({ ...node, parent: node.parent < 0 ? -1 : node.parent + first })),
    );
  }
  return { nodes };
}
