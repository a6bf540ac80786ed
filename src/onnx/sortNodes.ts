// Puts nodes after the nodes they read, as the standard demands; otherwise keeps their order.
import type { OnnxGraph, OnnxNode } from './model';
import { namesRead } from './tensorNames';

/**
 * The graph with its nodes in topological order. A graph in a valid order is left alone;
 * otherwise what a node reads is moved in front of it where it stands behind. The same object when nothing is to be done.
 *
 * @throws RangeError when nodes depend on each other in a circle.
 */
export function sortNodes(graph: OnnxGraph): OnnxGraph {
  const makers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const sorted: OnnxNode[] = [];
  const state = new Map<OnnxNode, 'open' | 'done'>();
  for (const root of graph.nodes) {
    // An explicit stack: chains are as long as the model is deep.
    const stack = [root];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      if (state.get(node) === 'done') {
        stack.pop();
        continue;
      }
      state.set(node, 'open');
      const before = namesRead(node)
        .map((name) => makers.get(name))
        .filter((maker) => maker !== undefined && state.get(maker) !== 'done')
        .reverse();
      if (before.length === 0) {
        state.set(node, 'done');
        sorted.push(node);
        stack.pop();
        continue;
      }
      for (const maker of before) {
        if (maker && state.get(maker) === 'open') {
          throw new RangeError(
            `The node ${maker.opType} that makes "${maker.outputs[0]}" depends on its own result.`,
          );
        }
        if (maker) {
          stack.push(maker);
        }
      }
    }
  }
  return sorted.every((node, index) => node === graph.nodes[index]) ? graph : { ...graph, nodes: sorted };
}
