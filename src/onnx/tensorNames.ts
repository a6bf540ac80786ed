// Names of tensors and their scopes: what a graph defines, what its branches take from around it, and renaming both.
import type { AttributeValue, OnnxGraph, OnnxNode } from './model';

/** Gives a tensor its new name, or returns the same one. */
export type Rename = (name: string) => string;

/** Names a graph defines itself: inputs, initializers and outputs of nodes (not those inside branches). */
export function definedNames(graph: OnnxGraph): Set<string> {
  const names = new Set<string>();
  graph.inputs.forEach(({ name }) => names.add(name));
  graph.initializers.forEach(({ name }) => names.add(name));
  graph.nodes.forEach((node) => node.outputs.forEach((name) => names.add(name)));
  names.delete('');
  return names;
}

/** Every name defined anywhere in a graph, branches included. */
export function allDefinedNames(graph: OnnxGraph): Set<string> {
  const names = definedNames(graph);
  for (const branch of graph.nodes.flatMap(branchesOf)) {
    allDefinedNames(branch).forEach((name) => names.add(name));
  }
  return names;
}

/** The graphs inside a node: branches of If, bodies of Loop and Scan. */
export function branchesOf(node: OnnxNode): OnnxGraph[] {
  return Object.values(node.attributes).flatMap((value) => (value.type === 'graph' ? [value.value] : []));
}

/** Names that the branches of a node take from the graph around it. */
export function outerNames(node: OnnxNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const branch of branchesOf(node)) {
    const own = definedNames(branch);
    const used = [...branch.nodes.flatMap(namesRead), ...branch.outputs.map(({ name }) => name)];
    used.filter((name) => !own.has(name)).forEach((name) => names.add(name));
  }
  return names;
}

/** Names a node depends on: its inputs that are there, and what its branches take from outside. */
export function namesRead(node: OnnxNode): string[] {
  return [...node.inputs.filter((name) => name !== ''), ...outerNames(node)];
}

/** Renames the tensors of a graph where they are defined and where they are used. What is not touched stays the same object. */
export function renameGraph(graph: OnnxGraph, rename: Rename): OnnxGraph {
  const named = <T extends { readonly name: string }>(item: T): T => {
    const name = rename(item.name);
    return name === item.name ? item : { ...item, name };
  };
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, rename)),
    initializers: graph.initializers.map(named),
    inputs: graph.inputs.map(named),
    outputs: graph.outputs.map(named),
    valueInfo: graph.valueInfo.map(named),
  };
}

function renameNode(node: OnnxNode, rename: Rename): OnnxNode {
  const inputs = node.inputs.map((name) => (name === '' ? '' : rename(name)));
  const outputs = node.outputs.map((name) => (name === '' ? '' : rename(name)));
  const same =
    inputs.every((name, i) => name === node.inputs[i]) &&
    outputs.every((name, i) => name === node.outputs[i]);
  return renameOuterNames(same ? node : { ...node, inputs, outputs }, rename);
}

/** Renames what the branches of a node take from the graph around it; their own names stay. */
export function renameOuterNames(node: OnnxNode, rename: Rename): OnnxNode {
  if (![...outerNames(node)].some((name) => rename(name) !== name)) {
    return node;
  }
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).map(([key, value]): [string, AttributeValue] => {
      if (value.type !== 'graph') {
        return [key, value];
      }
      const own = definedNames(value.value);
      const free: Rename = (name) => (own.has(name) ? name : rename(name));
      return [key, { type: 'graph', value: renameGraph(value.value, free) }];
    }),
  );
  return { ...node, attributes };
}
