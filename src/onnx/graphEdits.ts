// Edits of a graph as pure functions, for `editModel`: each takes names or nodes and returns a changed graph.
import type { Initializer, OnnxGraph, OnnxNode, ValueInfo } from './model';
import { namesRead, renameGraph, renameOuterNames } from './tensorNames';

/** Makes a changed graph from a graph; what is not changed stays the same object, so that it is copied as it stood. */
export type GraphEdit = (graph: OnnxGraph) => OnnxGraph;

/** Adds to a graph. Nodes go to the end; `editModel` sorts where that breaks the order. */
export function add(parts: {
  readonly nodes?: readonly OnnxNode[];
  readonly initializers?: readonly Initializer[];
  readonly inputs?: readonly ValueInfo[];
  readonly outputs?: readonly ValueInfo[];
}): GraphEdit {
  return (graph) => ({
    ...graph,
    nodes: [...graph.nodes, ...(parts.nodes ?? [])],
    initializers: [...graph.initializers, ...(parts.initializers ?? [])],
    inputs: [...graph.inputs, ...(parts.inputs ?? [])],
    outputs: [...graph.outputs, ...(parts.outputs ?? [])],
  });
}

/** Turns weights into inputs: their data leave the file, and each becomes an input of the same name, type and shape. */
export function weightsToInputs(names: readonly string[]): GraphEdit {
  return (graph) => {
    const gone = new Set(names);
    const moved = graph.initializers.filter(({ name }) => gone.has(name));
    expectAll(names, moved, 'initializer');
    // Files before IR version 4 list every weight as an input too.
    const listed = new Set(graph.inputs.map(({ name }) => name));
    const inputs = moved
      .filter(({ name }) => !listed.has(name))
      .map(({ name, elementType, dims }) => ({ name, elementType, dims }));
    return {
      ...graph,
      initializers: graph.initializers.filter(({ name }) => !gone.has(name)),
      inputs: [...graph.inputs, ...inputs],
    };
  };
}

/** Puts other data, and if need be another type or shape, in place of initializers of the same names. */
export function replaceInitializers(replacements: readonly Initializer[]): GraphEdit {
  return (graph) => {
    const byName = new Map(replacements.map((initializer) => [initializer.name, initializer]));
    expectAll([...byName.keys()], graph.initializers, 'initializer');
    return { ...graph, initializers: graph.initializers.map((old) => byName.get(old.name) ?? old) };
  };
}

/** Puts nodes (none, one or several) in place of each node that is a key of the map. */
export function replaceNodes(replacements: ReadonlyMap<OnnxNode, readonly OnnxNode[]>): GraphEdit {
  return (graph) => {
    const present = new Set(graph.nodes);
    for (const node of replacements.keys()) {
      if (!present.has(node)) {
        throw new RangeError(
          `The node ${node.opType} "${node.name}" is not in the graph, or was changed before.`,
        );
      }
    }
    return { ...graph, nodes: graph.nodes.flatMap((node) => replacements.get(node) ?? [node]) };
  };
}

/**
 * Lets the readers of `from` read `to` instead, branches of control flow included. `only` narrows it to some nodes and
 * inputs (`input` is -1 inside a branch). Outputs of the graph keep their tensor. To put a node in between, rewire first,
 * then {@link add} the node that makes `to` from `from`.
 */
export function rewire(
  from: string,
  to: string,
  only: (node: OnnxNode, input: number) => boolean = () => true,
): GraphEdit {
  const rename = (name: string): string => (name === from ? to : name);
  return (graph) => ({
    ...graph,
    nodes: graph.nodes.map((node) => {
      const inputs = node.inputs.map((name, input) => (name === from && only(node, input) ? to : name));
      const changed = inputs.some((name, input) => name !== node.inputs[input]);
      const rewired = changed ? { ...node, inputs } : node;
      return only(node, -1) ? renameOuterNames(rewired, rename) : rewired;
    }),
  });
}

/** Gives tensors (outputs of the graph among them) other names, everywhere. The new names must be free. */
export function renameTensors(names: ReadonlyMap<string, string>): GraphEdit {
  return (graph) => renameGraph(graph, (name) => names.get(name) ?? name);
}

/** Leaves only the named outputs, in the graph's order; their makers stay until {@link dropUnused}. */
export function keepOutputs(names: readonly string[]): GraphEdit {
  return (graph) => {
    expectAll(names, graph.outputs, 'output');
    return { ...graph, outputs: graph.outputs.filter(({ name }) => names.includes(name)) };
  };
}

/** Removes outputs; their makers stay until {@link dropUnused}. */
export function dropOutputs(names: readonly string[]): GraphEdit {
  return (graph) => {
    expectAll(names, graph.outputs, 'output');
    return { ...graph, outputs: graph.outputs.filter(({ name }) => !names.includes(name)) };
  };
}

/** Removes inputs; nothing may read them any more. */
export function dropInputs(names: readonly string[]): GraphEdit {
  return (graph) => {
    expectAll(names, graph.inputs, 'input');
    return { ...graph, inputs: graph.inputs.filter(({ name }) => !names.includes(name)) };
  };
}

/** Removes every node and initializer that no output depends on; with `inputs`, such inputs of the graph too. */
export function dropUnused({ inputs = false }: { readonly inputs?: boolean } = {}): GraphEdit {
  return (graph) => {
    const makers = new Map(
      graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
    );
    const needed = new Set(graph.outputs.map(({ name }) => name));
    const nodes = new Set<OnnxNode>();
    // Walking a set visits what is added on the way.
    for (const name of needed) {
      const node = makers.get(name);
      if (node && !nodes.has(node)) {
        nodes.add(node);
        namesRead(node).forEach((read) => needed.add(read));
      }
    }
    const isNeeded = ({ name }: { readonly name: string }): boolean => needed.has(name);
    return {
      ...graph,
      nodes: graph.nodes.filter((node) => nodes.has(node)),
      initializers: graph.initializers.filter(isNeeded),
      inputs: inputs ? graph.inputs.filter(isNeeded) : graph.inputs,
      valueInfo: graph.valueInfo.filter(isNeeded),
    };
  };
}

function expectAll(
  names: readonly string[],
  present: readonly { readonly name: string }[],
  what: string,
): void {
  const known = new Set(present.map(({ name }) => name));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw new RangeError(`The graph has no ${what} named ${missing.join(', ')}.`);
  }
}
