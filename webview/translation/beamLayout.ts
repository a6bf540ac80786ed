// Where the nodes of a beam search stand: one column per token, the best continuation on top. Pure; draws nothing.
import type { BeamNode, BeamTree } from '../../src/shared/translation';

/** A node with its place. */
export interface PlacedNode {
  /** Index into `tree.nodes`. */
  readonly index: number;
  readonly node: BeamNode;
  readonly column: number;
  readonly lane: number;
  /** On the way to the hypothesis that stands in the text. */
  readonly best: boolean;
}

export interface BeamLayout {
  /** By index into `tree.nodes`. */
  readonly placed: readonly PlacedNode[];
  /** Nodes of each column, from the top. */
  readonly columns: readonly (readonly PlacedNode[])[];
  readonly lanes: number;
}

const order: Readonly<Record<BeamNode['fate'], number>> = { ended: 0, kept: 0, dropped: 1 };

/** `ids` are those of the hypothesis in the text. */
export function beamLayout({ nodes }: BeamTree, ids: readonly number[]): BeamLayout {
  const best = new Set(pathOf(nodes, ids));
  const byColumn = new Map<number, number[]>();
  const shortest = Math.min(...nodes.map(({ length }) => length));
  nodes.forEach(({ length }, index) => {
    const column = length - shortest;
    byColumn.set(column, [...(byColumn.get(column) ?? []), index]);
  });
  const placed: PlacedNode[] = [];
  const columns = Array.from({ length: Math.max(0, ...byColumn.keys()) + 1 }, (_, column) =>
    [...(byColumn.get(column) ?? [])]
      .sort((a, b) => order[nodes[a].fate] - order[nodes[b].fate] || nodes[b].total - nodes[a].total)
      .map((index, lane) => {
        const place = { index, node: nodes[index], column, lane, best: best.has(index) };
        placed[index] = place;
        return place;
      }),
  );
  return { placed, columns, lanes: Math.max(0, ...columns.map((column) => column.length)) };
}

/** The labels from the first token to this node. */
export function textUpTo(nodes: readonly BeamNode[], index: number): string {
  const labels: string[] = [];
  for (let at = index; at >= 0; at = nodes[at].parent) {
    labels.unshift(nodes[at].label);
  }
  return labels.join('').trim();
}

/** Nodes that continue another one, the best first. */
export function childrenOf({ columns }: BeamLayout, { index, column }: PlacedNode): readonly PlacedNode[] {
  return columns[column + 1]?.filter(({ node }) => node.parent === index) ?? [];
}

/**
 * The nodes along a sequence of ids and, behind it, its end. A search that was told how to begin may have grown its tree
 * after that beginning.
 */
function pathOf(nodes: readonly BeamNode[], ids: readonly number[]): number[] {
  const children = new Map<number, Map<number, number>>();
  nodes.forEach(({ parent, id }, index) => {
    const known = children.get(parent) ?? new Map<number, number>();
    children.set(parent, known.set(id, index));
  });
  for (let skip = 0; skip <= ids.length; skip++) {
    const path: number[] = [];
    let at = -1;
    for (const id of ids.slice(skip)) {
      const next = children.get(at)?.get(id);
      if (next === undefined) {
        break;
      }
      path.push(next);
      at = next;
    }
    if (path.length === ids.length - skip && path.length > 0) {
      const end = [...(children.get(at)?.values() ?? [])].find((index) => nodes[index].fate === 'ended');
      return end === undefined ? path : [...path, end];
    }
  }
  return [];
}
