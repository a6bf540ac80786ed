// Replaces an If by one of its branches, for decoders that were merged from one with and one without a cache.
import type { GraphEdit } from './graphEdits';
import type { OnnxGraph, OnnxNode } from './model';
import { allDefinedNames, definedNames, renameGraph } from './tensorNames';

/** The branch of an If (ONNX operator `If`): what it does when its condition is true, or false. */
export type BranchName = 'then_branch' | 'else_branch';

/** The If nodes of a graph, not of its branches. */
export function ifNodes(graph: OnnxGraph): OnnxNode[] {
  return graph.nodes.filter((node) => node.opType === 'If' && node.domain === '');
}

/**
 * Puts the nodes and weights of one branch in place of its If. Tensors of the branch keep their names unless the graph has
 * one of the same name; its results get the names of the If's outputs. The other branch is gone afterwards, and the
 * condition may be an input that nothing reads: see `dropUnused`.
 *
 * @throws RangeError when `chosen` is not an If of the graph, or was changed by an edit before.
 */
export function liftBranch(chosen: OnnxNode, name: BranchName): GraphEdit {
  return (graph) => {
    const at = graph.nodes.indexOf(chosen);
    const attribute = chosen.attributes[name];
    if (at < 0 || attribute?.type !== 'graph') {
      throw new RangeError(`The node "${chosen.name}" is no If of this graph with a ${name}.`);
    }
    const { branch, identities } = fitBranch(graph, chosen, attribute.value);
    return {
      ...graph,
      nodes: [...graph.nodes.slice(0, at), ...branch.nodes, ...identities, ...graph.nodes.slice(at + 1)],
      initializers: [...graph.initializers, ...branch.initializers],
      valueInfo: [...graph.valueInfo, ...branch.valueInfo],
      rest: [...(graph.rest ?? []), ...(branch.rest ?? [])],
    };
  };
}

/** The branch with names that fit into the graph around it, and Identity nodes for results that cannot be renamed. */
function fitBranch(
  graph: OnnxGraph,
  chosen: OnnxNode,
  branch: OnnxGraph,
): { branch: OnnxGraph; identities: OnnxNode[] } {
  const own = definedNames(branch);
  const made = new Set(branch.nodes.flatMap((node) => node.outputs));
  const taken = definedNames(graph);
  const names = new Map<string, string>();
  const results = new Map<string, string>();
  branch.outputs.forEach(({ name }, index) => {
    const result = chosen.outputs[index] ?? '';
    if (result === '') {
      return;
    }
    if (made.has(name) && !names.has(name)) {
      names.set(name, result);
    } else {
      results.set(result, name);
    }
  });
  const everywhere = new Set([...taken, ...allDefinedNames(branch)]);
  for (const name of own) {
    if (!names.has(name) && taken.has(name)) {
      names.set(name, freeName(name, everywhere));
    }
  }
  const rename = (name: string): string => names.get(name) ?? name;
  const identities = [...results].map(([result, source]): OnnxNode => ({
    name: '',
    opType: 'Identity',
    domain: '',
    inputs: [rename(source)],
    outputs: [result],
    attributes: {},
  }));
  return { branch: renameGraph(branch, rename), identities };
}

/** A name that is not taken, made from one that is; it is then taken too. */
function freeName(name: string, taken: Set<string>): string {
  let number = 2;
  while (taken.has(`${name}_${number}`)) {
    number++;
  }
  const free = `${name}_${number}`;
  taken.add(free);
  return free;
}
